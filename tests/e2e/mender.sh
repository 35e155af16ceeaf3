# shellcheck shell=bash
# mender.sh - the part that the tests of the handler under a real Nagios and a real Icinga 2 share: a
# certificate that nears its end, the daemon's own check, event and handler, nobody at the keyboard.
# Needs lib.sh, nsx.sh, handler.sh and a function rig.

mender_row() {   # NAME DAYS USED_BY
	printf '{"display_name":"%s","cn":"nsx-01.example","san":["nsx-01.example","127.0.0.1"],"issuer":"ca","key":"ec:P-256","eku":["serverAuth"],"ku":["digitalSignature","keyEncipherment"],"days_left":%d,"valid_days":825,"used_by":%s}' "$1" "$2" "$3"
}
mender_world() {   # DAYS of the one in use
	printf '{"version":"4.1.2","nodes":[{"name":"nsx-01","address":"127.0.0.1"}],"default_certificates":false,
		"issuers":[{"name":"ca","cn":"Example CA","ca":true,"days_left":3000,"key":"ec:P-256"}],
		"certificates":[%s,%s]}' "$(mender_row old "$1" '[{"node":"nsx-01","service_types":["API"]}]')" "$(mender_row new 700 '[]')"
}

# mender_scripts DELAY_S: the check and the handler as the daemon calls them.  The handler lives on for so
# long, as one that hangs would.
mender_scripts() {
	cat > "$T/check" <<-E
	#!/bin/sh
	exec "$CHECK_CERTS" -f "$conf" --state-dir "$T/state" -t 20
	E
	cat > "$T/handler" <<-E
	#!/bin/sh
	"$REMEDIATE_CERTS" event -f "$conf" --state-dir "$T/state" --target sim --state "\$1" --state-type "\$2" --attempt "\$3" >> "$T/handler.out" 2>&1
	echo "\$? \$1 \$2" >> "$T/handler.calls"
	sleep $1
	E
	chmod +x "$T/check" "$T/handler"
	: > "$T/handler.calls"
}

is_mended() { [ "$(uses sim new)" = API@nsx-01 ]; }
run_is_done() { jq -e '.run.state == "done"' "$T/state/public/sim.json"; }
status_is() { handle status --target sim; [ "$code" = "$1" ]; }
daemon_says() { [ "$(rig status "$T/d" --json | jq -r .state)" = "$1" ]; }

# mender_drive: CRITICAL, HARD, the event, the run, OK, with a handler that the daemon kills.
mender_drive() {
	ok "the daemon reaches OK" rig wait "$T/d" --state OK --timeout 60
	nsx_scenario sim "$(mender_world 3)"
	nsx_mark sim
	ok "the daemon reaches CRITICAL" rig wait "$T/d" --state CRITICAL --timeout 60
	ok "the handler was called" wait_for 60 grep -q ' CRITICAL HARD' "$T/handler.calls"
	ok "the certificate is replaced" wait_for 60 is_mended
	ok "the daemon reaches OK again, with nobody at the keyboard" rig wait "$T/d" --state OK --timeout 60
	is "one call changed something" "$(changed sim | wc -l)" 1
	ok "the run is done" wait_for 20 run_is_done
	ok "status is OK" status_is 0
}

# mender_approve: the same in mode approve: it waits for a person's word.
mender_approve() {
	local run hash
	handler_conf sim mode=approve start=detached
	nsx_scenario sim "$(mender_world 3)"
	nsx_mark sim
	ok "approve: the daemon reaches CRITICAL" rig wait "$T/d" --state CRITICAL --timeout 60
	ok "approve: status says WARNING" wait_for 60 status_is 1
	handle status --target sim
	like "approve: and what it waits for" "$line" 'approv'
	is "approve: nothing was changed" "$(changed sim)" ""
	[ "$code" = 1 ] || note "calls: $(cat "$T/handler.calls"); $(cat "$T/handler.out"); $(handle history; echo "$said")"
	run=$(jq -r .run.id "$T/state/public/sim.json") hash=$(jq -r .run.plan_hash "$T/state/public/sim.json")
	handle approve "$run" --plan "$hash"
	is "approve: the word is taken" "$code" 0
	work sim
	ok "approve: the certificate is replaced" wait_for 60 is_mended
	ok "approve: the daemon reaches OK" rig wait "$T/d" --state OK --timeout 60
	is "approve: one call changed something" "$(changed sim | wc -l)" 1
}

# The workers that events started are children of nobody: end those of this test by process id.
end_workers() {
	local proc
	for proc in /proc/[0-9]*; do
		tr '\0' ' ' < "$proc/cmdline" 2> /dev/null | grep -q -- "--state-dir $T/state" && kill "${proc#/proc/}" 2> /dev/null
	done
	return 0
}
cleanups+=(end_workers)
