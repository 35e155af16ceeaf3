#!/bin/bash
# Goal of this test: each rail stops a change by itself, names itself, and lets the change through once
# it no longer holds; nothing is lost meanwhile, and the manager's log has no change.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

row() {   # NAME DAYS USED_BY
	printf '{"display_name":"%s","cn":"nsx-01.example","san":["nsx-01.example","127.52.0.11"],"issuer":"ca","key":"ec:P-256","eku":["serverAuth"],"ku":["digitalSignature","keyEncipherment"],"days_left":%d,"valid_days":825,"used_by":%s}' "$1" "$2" "$3"
}
world() {   # [CLUSTER_JSON [NODE_MEMBERS [SECOND_ROW]]]
	printf '{"version":"4.1.2","nodes":[{"name":"nsx-01","address":"127.52.0.11"},{"name":"nsx-02","address":"127.52.0.12"%s}],%s
		"issuers":[{"name":"ca","cn":"Example CA","ca":true,"days_left":3000,"key":"ec:P-256"}],
		"certificates":[%s,%s]}' "${2-}" "${1-}" "$(row old 3 '[{"node":"nsx-01","service_types":["API"]}]')" \
		"${3-$(row new 700 '[]')}"
}
again() {   # WORLD: from the start
	nsx_scenario sim "$1"
	nsx_mark sim
	rm -rf "$T/state"
	mkdir "$T/state"
}

# stopped NAME REGEX: the worker changed nothing and says why.
stopped() {
	work sim
	is "$1: nothing was changed" "$(changed sim)" ""
	like "$1: said" "$said" "$2"
	handle history
	like "$1: in the history" "$said" "$2"
}
# let_through NAME: now it is done.
let_through() {
	work sim
	is "$1: afterwards it is done" "$(changed sim | grep -c apply_certificate) $(uses sim new)" "1 API@nsx-01"
}

handler_start sim "$(world)"

handler_conf sim mode=plan
stopped "mode = plan" 'mode'
is "mode = plan: idle" "$code" 0
handler_conf sim
let_through "mode = plan"

again "$(world)"
handler_conf sim worker_host=elsewhere.example
work sim
is "another worker_host: nothing, exit 0" "$code $(changed sim)" "0 "
handler_conf sim
let_through "another worker_host"

again "$(world)"
handler_conf sim procedures=nsx-batch-replace
work sim
is "a procedure that is not listed: nothing was changed" "$(changed sim)" ""
handler_conf sim
let_through "a procedure that is not listed"

again "$(world)"
handle pause --target sim
stopped "pause" 'pause'
handle resume --target sim
let_through "pause"

again "$(world)"
handle pause
stopped "pause of everything" 'pause'
handle resume
let_through "pause of everything"

again "$(world)"
handle event --target sim --state CRITICAL --state-type HARD --downtime 1
stopped "downtime" 'downtime'
handle event --target sim --state CRITICAL --state-type HARD --downtime 0
let_through "downtime"

again "$(world)"
# A window that is closed now: an hour that begins in six hours, in UTC.
handler_conf sim window="$(date -u -d '+6 hours' +%H:00)-$(date -u -d '+7 hours' +%H:00)" timezone=UTC
stopped "window" 'window'
handle status --target sim
is "window: status is WARNING" "$code" 1
handler_conf sim
let_through "window"

again "$(world)"
handler_conf sim max_per_day=0
stopped "max_per_day" 'max-per-day: .*24 hours'
handler_conf sim
let_through "max_per_day"

again "$(world '"cluster":{"changes_allowed":false},')"
stopped "mgmt_cluster_changes_allowed" 'changes'
nsx_scenario sim "$(world)"
let_through "mgmt_cluster_changes_allowed"

again "$(world '"cluster":{"status":"DEGRADED"},')"
stopped "a cluster that is not STABLE" 'DEGRADED'
nsx_scenario sim "$(world)"
let_through "a cluster that is not STABLE"

again "$(world '' ',"status":"JOINING"')"
stopped "a node that is not JOINED" 'nsx-02|JOIN'
nsx_scenario sim "$(world)"
let_through "a node that is not JOINED"

# Two certificates, one change a day: the second waits.
again "$(world '' '' "$(row new 700 '[]'),$(row old2 3 '[{"node":"nsx-02","service_types":["API"]}]' | sed 's/nsx-01\.example/nsx-02.example/g; s/\.11"/.12"/'),$(row new2 700 '[]' | sed 's/nsx-01\.example/nsx-02.example/g; s/\.11"/.12"/')")"
handler_conf sim max_per_day=1
work sim
is "one change a day: one change" "$(changed sim | grep -c apply_certificate)" 1
is "one change a day: a second look changes nothing" "$(work sim; changed sim | grep -c apply_certificate)" 1
