# shellcheck shell=bash
# rotator.sh - the part that the tests of a rotation under a real Nagios and a real Icinga 2 share.  Needs
# lib.sh, opsman.sh and a function rig.

rotator_world() {   # DAYS of the root CA
	om_control scenario "$(om_foundation "apply_ms: 2500" | jq -c ".cas[0].days_left = $1 | .cas[0].nats.days_left = $1")" > "$T/posted" ||
		note "scenario: $(cat "$T/posted")"
	om_seen=$(om_control log | jq length)
}
run_is() { [ "$(run_state)" = "$1" ]; }
applies() { [ "$(changes | tr ' ' '\n' | grep -c apply)" -ge "$1" ]; }
rotator_start() {
	rig start "$T/d" --check "$T/check" --handler "$T/handler $1" --interval 1 --attempts 2 > "$T/rig.out" 2>&1 ||
		{ note "$(cat "$T/rig.out")"; exit 1; }
}

rotator_drive() {
	local run
	om_start
	rotator_world 400
	om_conf mode=approve approvers="$(id -gn)" start=detached poll_interval=1s
	printf '#!/bin/sh\nexec "%s" -f "%s" --state-dir "%s" -t 20\n' "$CHECK_CERTS" "$conf" "$T/state" > "$T/check"
	# shellcheck disable=SC2016 # expanded by the script that is written
	printf '#!/bin/sh\nexec "%s" event -f "%s" --state-dir "%s" --target tas --state "$1" --state-type "$2"\n' \
		"$REMEDIATE_CERTS" "$conf" "$T/state" > "$T/handler"
	chmod +x "$T/check" "$T/handler"
	rotator_start "$1"
	ok "the daemon reaches WARNING at most: the leafs end, the CA does not" rig wait "$T/d" --state WARNING --timeout 60
	rotator_world 20
	ok "the daemon reaches CRITICAL" rig wait "$T/d" --state CRITICAL --type HARD --timeout 60
	ok "the run awaits approval" wait_for 60 run_is awaiting-approval
	is "nothing was changed" "$(changes)" ""
	handle status --target tas
	is "status says WARNING" "$code" 1

	run=$(facts .run.id)
	handle approve "$run" --plan "$(facts .run.plan_hash)"
	is "the approval is taken" "$code" 0
	background "$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" > "$T/worker.out" 2>&1   # as the timer would
	ok "the first Apply Changes began" wait_for 60 applies 1
	ok "the daemon is stopped in the middle" rig stop "$T/d" --keep
	handle status --target tas
	like "status tells the step" "$line" 'step [0-9]+ of [0-9]+'
	rotator_start "$1"
	ok "the run is done" wait_for 120 run_is "done"
	is "by exactly these changes" "$(changes)" "$all_changes"
	is_rotated "afterwards"
	ok "the daemon reaches OK" rig wait "$T/d" --state OK --timeout 60
	ok "the daemon ends" rig stop "$T/d"
}
