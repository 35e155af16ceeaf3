#!/bin/bash
# Goal of this test: the worker is killed (SIGKILL) at point 1, 2, 3 ... of a run, a point being before
# and after each journal commit and each request, until a run gets through; whatever the point, a
# later `run` ends as if nothing had happened: the same certificates in use and served, the old one
# still there, nothing imported twice, and no second change in the manager's log.
#
# A kill between two reads leaves what a kill before the first of them leaves, so of each row of reads one
# point is taken (every one with SWEEP_ALL=1).  SWEEP="apply host" limits it to these procedures.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"
FAILING=$builddir/tests/remediate_certs_fail
[ -x "$FAILING" ] || { note "$FAILING is not built"; exit 1; }
WORKERS=${SWEEP_WORKERS:-2}

# --- the procedures: the world each starts from, its mandate, and what there is in the end ----------------

files=$T
keys_apply() { keys=(); }
keys_batch() { keys=(); }
swift='"apply_away_ms":20,"apply_settle_ms":20,"batch_operation_ms":20,"host_settle_ms":20'
old='00000000-0000-4000-8000-00000000001d'
old() { cert old 3 "$1" "\"id\":\"$old\"${2-}"; }
pair() { old "$1"; cert new 700 ''; }
rpc='nsx-01:APH,APH_TN,CCP'

world_apply() { world 4.1.2 1 "$(pair 'nsx-01:API cluster:MGMT_CLUSTER')" "$swift"; }
end_apply='POST apply API, POST apply MGMT_CLUSTER, old:, new: API MGMT_CLUSTER, 2 leafs'

world_import() { world 4.1.2 1 "$(old nsx-01:API)" "$swift"; }
keys_import() { keys=(replacement="pem:$files/good.pem key:$files/good.key" ca_file="$T/sim.both.pem"); }
before_import() { cat "$sim_ca" "$files/root.crt" > "$T/sim.both.pem"; }
end_import='POST import, POST apply API, old:, good: API, 3 leafs'

world_self_sign() { world 4.1.2 1 "$(old nsx-01:APH)" "$swift"; }
keys_self_sign() { keys=(replacement=self-signed key_type=ec:P-256); }
end_self_sign='POST self_sign, POST apply APH, old:, made: APH, 3 leafs'

world_batch() { world 4.2.0 1 "$(pair 'nsx-01:API cluster:MGMT_CLUSTER')" "$swift"; }
end_batch='POST batch-replace, old:, new: API MGMT_CLUSTER, 2 leafs'

world_batch_own() { world 4.2.0 1 "$(old "$rpc" ',"issuer":"self","key":"rsa:2048"')" "$swift"; }
keys_batch_own() { keys=(replacement=self-signed); }
end_batch_own='POST batch-replace, old:, made: APH APH_TN CCP, 3 leafs'

# It cannot be seen whether a host has its certificate: killed about the call, a person has to look.
world_host() { world 4.1.2 1 "$(cert web 700 'nsx-01:API cluster:MGMT_CLUSTER')" "$swift"',"transport_nodes":[{"name":"esx-01","node_id":"host-1"}]'; }
keys_host() { keys=(procedures=nsx-host-certificate replacement=self-signed key_type=ec:P-256); }
before_host() { handle request --target sim --procedure nsx-host-certificate --object host-1 --reason test; }
end_host='POST replace-host, 1 leafs'
blocked_host='must not be done twice'

world_delete() { world 4.1.2 1 "$(pair nsx-01:APH)" "$swift"; }
keys_delete() { keys=(keep_old=0s); }
end_delete='POST apply APH, DELETE, new: APH, 2 leafs'

# The Global Manager shows no thumbprint, so that it may be told again: once and twice are the same.
world_federation() { world 4.1.2 1 "$(pair 'nsx-01:API cluster:MGMT_CLUSTER')" "$swift"; }
keys_federation() {
	credentials "$T/site.cred" username=admin password=simulator-only
	keys=(procedures="nsx-apply nsx-federation-thumbprint" global_manager=gm site=paris site_credentials="$T/site.cred")
}
end_federation='POST apply API, POST apply MGMT_CLUSTER, old:, new: API MGMT_CLUSTER, 2 leafs, paris has the thumbprint'
world_gm() {
	world 4.1.2 1 "$(cert web 700 'nsx-01:API cluster:MGMT_CLUSTER' '"san":["127.51.0.20","127.51.0.21"]')" '"mode":"global-manager",
		"global_manager_mode":"ACTIVE","nodes":[{"name":"nsx-01","address":"127.51.0.21"}],"vip":{"address":"127.51.0.20","fqdn":"gm.example"},
		"sites":[{"name":"paris","id":"paris","fqdn":"nsx.example","username":"admin","password":"simulator-only",
			"lm_address":"127.51.0.10","lm_port":'"${sim_url##*:}"'}]'
}

# --- what there is in the end ---------------------------------------------------------------------------------

# One program for log and state, since it runs for each point.  A leaf is named by what is known of it.
cat > "$T/end.jq" <<'JQ'
(.[0] | map(select(.changed and .method != "GET")) | map(.method as $m | .target
	| if test("apply_certificate") then "\($m) apply \(capture("service_type=(?<s>[A-Z_]*)").s)"
	  elif test("action=import") then "\($m) import" elif test("self_sign") then "\($m) self_sign"
	  elif test("/csrs") then empty elif test("batch-replace") then "\($m) batch-replace"
	  elif test("replace-host") then "\($m) replace-host" elif $m == "DELETE" then $m else "\($m) \(.)" end)) as $calls
| (.[1].certificates | map(select(.display_name != "web" and .has_private_key))
	| map((if .sha256 == $good then "good" elif .display_name == "old" and .id == $old then "old"
		elif .display_name == "new" then "new" else "made" end) + ":" + ([.uses[].service] | unique | map(" " + .) | add // ""))
	| sort_by({o: 0, n: 1, g: 1, m: 1}[.[0:1]])) as $certs
| $calls + $certs + ["\([.[1].certificates[] | select(.has_private_key)] | length) leafs"] | join(", ")
JQ
last_n() { sed -n 's/.*"n":\([0-9]*\).*/\1/p' "$T/log" | tail -n 1; }
# found: the end of the run as a line; begins the next one's log.
found() {
	local thumb=''
	nsx_call sim "/_sim/log?since=$seen" > "$T/log"
	nsx_call sim /_sim/state > "$T/state.json"
	jq -rs --arg good "$good" --arg old "$old" -f "$files/end.jq" "$T/log" "$T/state.json" | tr -d '\n'
	if [ "$procedure" = federation ]; then
		thumb=$(nsx_state gm '.sites[0].thumbprint' | tr -d : | tr A-F a-f)
		[ "$thumb" = "$(served sim 127.51.0.10)" ] && printf ', paris has the thumbprint'
	fi
}

# --- one worker: every WORKERS-th point, against a simulator and a state of its own ------------------------------

begin_worker() {
	local keys
	handler_start sim "$("world_$procedure")"
	"keys_$procedure"
	if [ "$procedure" = federation ]; then
		handler_start gm "$(world_gm)"
		handler_conf gm poll_interval=0s procedures=nsx-federation-thumbprint
		mv "$T/gm.conf" "$T/global.conf"
	fi
	handler_conf sim poll_interval=0s "${keys[@]}"
	[ "$procedure" != federation ] || cat "$T/global.conf" >> "$conf"
	scenario=$("world_$procedure")
	gm_scenario=$(world_gm)
}
start_over() {
	nsx_scenario sim "$scenario"
	[ "$procedure" != federation ] || nsx_scenario gm "$gm_scenario"
	rm -rf "$T/state"
	mkdir "$T/state"
	[ "$(type -t "before_$procedure")" != function ] || "before_$procedure"
}
killed_at() {
	: > "$T/points"
	CHECK_CERTS_FAIL_AT=$1 CHECK_CERTS_FAIL_LOG=$T/points "$FAILING" run -f "$conf" --state-dir "$T/state" \
		--target sim > "$T/killed.out" 2>&1
	[ $? = 137 ]
}
# recovered POINT: a later run, and what is there then.
recovered() {
	local blocked=blocked_$procedure wanted=end_$procedure is
	work sim
	is=$(found)
	if [ "$code" = 1 ] && [ -n "${!blocked-}" ] && grep -q "${!blocked}" <<< "$said"; then
		[ "$is" = "${!wanted}" ] || [ "$is" = "${!wanted#*, }" ]
		return
	fi
	[ "$code" = 0 ] && [ "$is" = "${!wanted}" ] && return
	note "killed at point $1, $(tail -n 1 "$T/points"): run then ended with $code: $said"
	note "found:  $is"
	note "wanted: ${!wanted}"
	return 1
}
# The points to kill at, from those that a whole run passed; of a clean-up's, those behind the first run.
chosen() {
	awk -v all="${SWEEP_ALL-}" -v from="$([ "$procedure" = delete ] && echo 2 || echo 0)" '
		/^journal: before run/ { runs++ }
		/^api: [a-z]+ GET/ && !all { if (in_row++) next }
		!/^api: [a-z]+ GET/ { in_row = 0 }
		runs >= from { print NR }' "$T/points"
}
worker() {   # INDEX; what is wrong is on standard output, and $T/killed has how often it was killed
	local k mine bad=0 n_killed=0
	T=$T/$procedure.$1 seen=0 pids=()
	trap 'kill "${pids[@]}" 2> /dev/null' EXIT
	trap 'exit 130' INT TERM
	begin_worker
	start_over
	killed_at 0
	chosen > "$T/chosen"
	recovered 0 || return
	mapfile -t mine < <(awk -v i="$1" -v n="$WORKERS" 'NR % n == i' "$T/chosen")
	for k in "${mine[@]}"; do
		seen=$(last_n)
		start_over
		killed_at "$k" && n_killed=$((n_killed + 1))   # a run may have fewer points than the first had
		recovered "$k" || bad=$((bad + 1))
		[ $bad -lt 3 ] || break
	done
	echo $n_killed > "$T/killed"
}

sweep() {
	local i killed workers=()
	for ((i = 0; i < WORKERS; i++)); do
		mkdir "$T/$procedure.$i"
		worker $i > "$T/$procedure.$i/said" 2> "$T/$procedure.$i/noise" &
		workers+=($!)
		pids+=($!)
	done
	wait "${workers[@]}"
	cat "$T/$procedure".*/said
	is "$procedure: every worker came to its end" "$(cat "$T/$procedure".*/killed 2> /dev/null | wc -l)" "$WORKERS"
	is "$procedure: whatever the point, it ends well" "$(cat "$T/$procedure".*/said | wc -l)" 0
	killed=$(awk '{ sum += $1 } END { print sum + 0 }' "$T/$procedure".*/killed)
	ok "$procedure: killed $killed times, which is enough" [ "$killed" -ge "${least[$procedure]}" ]
}

own_ca
own_leaf good
good=$(own_sha good)
declare -A least=([apply]=40 [import]=40 [self_sign]=40 [batch]=25 [batch_own]=25 [host]=20 [delete]=15 [federation]=50)
for procedure in ${SWEEP:-apply import self_sign batch batch_own host delete federation}; do
	sweep
done
