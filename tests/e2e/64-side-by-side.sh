#!/bin/bash
# Goal of this test: `run` works on all targets side by side: one that has to wait long keeps no other
# waiting, on a state directory that nobody has used yet.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

row() {   # NAME DAYS USED_BY ADDRESS
	printf '{"display_name":"%s","cn":"nsx-01.example","san":["nsx-01.example","%s"],"issuer":"ca","key":"ec:P-256","eku":["serverAuth"],"ku":["digitalSignature","keyEncipherment"],"days_left":%d,"valid_days":825,"used_by":%s}' "$1" "$4" "$2" "$3"
}
one() {   # ADDRESS SETTLE_MS
	printf '{"version":"4.1.2","default_certificates":false,"apply_away_ms":50,"apply_settle_ms":%d,"nodes":[{"name":"nsx-01","address":"%s"}],
		"issuers":[{"name":"ca","cn":"Example CA","ca":true,"days_left":3000,"key":"ec:P-256"}],"certificates":[%s,%s]}' "$2" "$1" \
		"$(row old 3 '[{"node":"nsx-01","service_types":["API"]}]' "$1")" "$(row new 700 '[]' "$1")"
}
done_at() { [ "$(jq -r .run.state "$T/state/public/$1.json")" = "done" ]; }

handler_start slow "$(one 127.64.0.11 3600000)"
cat "$conf" > "$T/both"
handler_start quick "$(one 127.64.0.12 100)"
cat "$conf" >> "$T/both"
conf=$T/both

background "$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" > "$T/run.out" 2>&1
worker=$!
ok "the quick one is done while the slow one is waited for" wait_for 30 done_at quick
is "the slow one is not" "$(jq -r .run.state "$T/state/public/slow.json")" waiting
ok "and the worker is still there" kill -0 "$worker"
nsx_call slow /_sim/clock -X POST -d '{"advance_s":3600}' > /dev/null
ok "then the slow one is done too" wait_for 30 done_at slow
wait "$worker"
is "the worker ends, with nothing left to do" "$?" 0
like "and tells of both" "$(sort "$T/run.out" | tr '\n' ' ')" 'quick: run [0-9]+ nsx-apply done.*slow: run [0-9]+ nsx-apply done'

sim_stop slow
handle run
is "a target that cannot be reached hides no other" "$code $(wc -l <<< "$said")" "0 2"
