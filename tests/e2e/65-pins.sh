#!/bin/bash
# Goal of this test: a manager that is trusted by the pin of the very certificate that is replaced: the new
# pin is published before the change, so that neither the worker nor check_certs goes blind; a check
# without the published facts does not trust the new certificate, and a public file of somebody else
# adds no trust.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

row() {   # NAME DAYS USED_BY
	printf '{"display_name":"%s","cn":"nsx-01.example","san":["nsx-01.example","127.65.0.11"],"key":"ec:P-256","eku":["serverAuth"],"ku":["digitalSignature","keyEncipherment"],"days_left":%d,"valid_days":825,"used_by":%s}' "$1" "$2" "$3"
}
handler_start sim "$(printf '{"version":"4.1.2","default_certificates":false,"apply_away_ms":100,"apply_settle_ms":1500,"nodes":[{"name":"nsx-01","address":"127.65.0.11"}],"certificates":[%s,%s]}' \
	"$(row old 3 '[{"node":"nsx-01","service_types":["API"]}]')" "$(row new 700 '[]')")"
old=$(leaf sim old) new=$(leaf sim new)
handler_conf sim pin_sha256="$old"
pins() { jq -r '.pins | sort | join(" ")' "$T/state/public/sim.json"; }
has_both() { [ "$(pins)" = "$(printf '%s\n' "$old" "$new" | sort | tr '\n' ' ' | sed 's/ $//')" ]; }

check -f "$conf" --state-dir "$T/state"
state "before" CRITICAL
background "$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" --target sim > "$T/run.out" 2>&1
worker=$!
ok "both pins are published while it goes on" wait_for 20 has_both
wait "$worker"
is "the run is done" "$?" 0
is "one change" "$(changed sim | wc -l) $(uses sim new)" "1 API@nsx-01"
is "afterwards only the new one is published" "$(pins)" "$new"

check -f "$conf" --state-dir "$T/state"
state "check_certs sees through the published pin" OK
check -f "$conf" --state-dir "$T/none"
state "without it the new certificate is not trusted" UNKNOWN
if [ "$(id -u)" = 0 ]; then
	chown nobody "$T/state/public/sim.json"
	check -f "$conf" --state-dir "$T/state"
	state "facts of somebody else add no trust" UNKNOWN
fi
