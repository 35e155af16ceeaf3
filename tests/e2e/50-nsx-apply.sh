#!/bin/bash
# Goal of this test: a certificate of one manager's API nears its end, its successor lies in the trust
# store: the check is CRITICAL, the event leaves a word, the worker applies the successor with one
# call, the listener serves it, the check is OK; a second run and a second event change nothing more.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

handler_start sim '{"version":"4.1.2","vip":{"address":"127.50.0.10"},
	"nodes":[{"name":"nsx-01","address":"127.50.0.11"},{"name":"nsx-02","address":"127.50.0.12"},{"name":"nsx-03","address":"127.50.0.13"}],
	"issuers":[{"name":"ca","cn":"Example CA","ca":true,"days_left":3000}],
	"certificates":[
		{"display_name":"api-old","cn":"nsx-02.example","san":["nsx-02.example","127.50.0.12"],"issuer":"ca","days_left":3,"valid_days":825,
		 "eku":["serverAuth"],"ku":["digitalSignature","keyEncipherment"],"used_by":[{"node":"nsx-02","service_types":["API"]}]},
		{"display_name":"api-new","cn":"nsx-02.example","san":["nsx-02.example","127.50.0.12"],"issuer":"ca","days_left":700,
		 "eku":["serverAuth"],"ku":["digitalSignature","keyEncipherment"],"used_by":[]}]}'
old=$(leaf sim api-old) new=$(leaf sim api-new)

check -f "$conf" --state-dir "$T/none"
state "before" CRITICAL
like "before: what will be done" "$out" '-> remediate_certs: nsx-apply'

handle plan --target sim
is "the plan is not refused" "$code" 0
like "the plan names the call" "$said" "POST /api/v1/trust-management/certificates/$(object sim api-new)\?action=apply_certificate&service_type=API&node_id="
is "the plan changed nothing" "$(changed sim)" ""

handle event --target sim --state CRITICAL --state-type HARD --attempt 3 --service certs
is "the event is recorded" "$code" 0
is "the event itself changes nothing on NSX" "$(nsx_log sim '[.[] | select(.login != "none" and .method != "GET")] | length')" 0

work sim
is "the worker is done" "$code" 0
is "one call changed something" "$(changed sim | wc -l)" 1
like "it is the documented apply" "$(changed sim)" "POST .*action=apply_certificate&service_type=API&node_id="
is "the listener serves the new one" "$(served sim 127.50.0.12)" "$new"
is "the new one is used" "$(uses sim api-new)" "API@nsx-02"
is "the old one is still there, unused" "$(object sim api-old | wc -l) $(uses sim api-old)" "1 "
unlike "old and new differ" "$old" "$new"

check -f "$conf" --state-dir "$T/none"
state "afterwards" OK

handle status --target sim
is "status: idle is OK" "$code" 0
like "status: a plugin's line with performance data" "$line" '^[A-Z_ ]+ OK - .*\|'
handle history
like "the history has the call" "$said" 'apply_certificate'
like "the history has the verdict" "$said" 'done'
unlike "no secret in the history" "$said" 'simulator-only|PRIVATE KEY'

handle event --target sim --state CRITICAL --state-type HARD
work sim
is "a late event: nothing to do" "$code" 0
is "a late event changes nothing more" "$(changed sim | wc -l)" 1
