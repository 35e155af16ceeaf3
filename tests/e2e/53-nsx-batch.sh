#!/bin/bash
# Goal of this test: batch-replace (4.2 and later) followed to its end: one pair for the certificate that
# the managers and the VIP share, the same for the internal services, without a new id where NSX makes
# it; a batch that fails is named and stops, one that does not end is not repeated.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

pair() { cert old 3 "$1" "${2-}"; cert new 700 '' "${2-}"; }
batches() { changed sim | grep -c 'POST .*/action/batch-replace'; }

handler_start sim "$(world 4.2.0 2 "$(pair 'nsx-01:API nsx-02:API cluster:MGMT_CLUSTER')")"
handler_conf sim poll_interval=0s

# replaced NAME: one batch, and nothing else was changed.
replaced() {
	old=$(object sim old)
	work sim
	is "$1: the run is done" "$code" 0
	is "$1: one batch, nothing else" "$(batches) $(changed sim | wc -l)" "1 1"
	is "$1: nobody uses the old one, and it is still there" "$(rows sim | jq -r ".results[] | select(.id == \"$old\") | .used_by // [] | length")" 0
}

# --- a pair ----------------------------------------------------------------------------------------

web='nsx-01:API nsx-02:API cluster:MGMT_CLUSTER'
rpc='nsx-01:APH,APH_TN,CCP nsx-02:APH,APH_TN,CCP'
for version in 4.2.0 9.0.0; do
	afresh sim "$(world $version 2 "$(pair "$web")")"
	handler_conf sim poll_interval=0s managed_by=none
	new=$(leaf sim new)
	handle plan --target sim
	like "$version API and VIP: the plan names the pair" "$said" "batch-replace with the pair \($(object sim old), $(object sim new)\)"
	replaced "$version API and VIP"
	is "$version API and VIP: the new one is used" "$(uses sim new)" "API@nsx-01 API@nsx-02 MGMT_CLUSTER"
	is "$version API and VIP: every listener presents it" "$(nsx_state sim '[.listeners[].sha256] | unique | join(" ")')" "$new"
	like "$version API and VIP: results were followed" "$(nsx_log sim '.[] | .target')" 'batch-results'

	afresh sim "$(world $version 2 "$(pair "$rpc" '"key":"rsa:2048"')")"
	replaced "$version APH, APH_TN, CCP"
	is "$version APH, APH_TN, CCP: the new one is used" "$(uses sim new)" "APH@nsx-01 APH@nsx-02 APH_TN@nsx-01 APH_TN@nsx-02 CCP@nsx-01 CCP@nsx-02"
done

# --- without a new id -------------------------------------------------------------------------------

own='"issuer":"self","key":"rsa:2048"'
handler_conf sim poll_interval=0s replacement=self-signed
afresh sim "$(world 4.2.0 2 "$(cert old 3 "$rpc" "$own")")"
handle plan --target sim
like "made by NSX: the plan says so" "$said" 'none: NSX makes it'
replaced "made by NSX"
is "made by NSX: six operations, all ended well" "$(nsx_state sim '[.batch[] | select(.status == "OK" or .status == "SUCCESS" or .status == "COMPLETED")] | length')" 6
check -f "$conf" --state-dir "$T/none"
state "made by NSX: afterwards" OK

# We reach the API through it: what nobody knows beforehand is not put there.
afresh sim "$(world 4.2.0 2 "$(cert old 3 "$web" "$own")")"
work sim
is "made by NSX, and we could not reach the API: nothing was changed" "$(changed sim)" ""
handle plan --target sim
is "made by NSX, and we could not reach the API: refused" "$code" 1
like "made by NSX, and we could not reach the API: why" "$said" 'trusted by its CA'
handler_conf sim poll_interval=0s replacement=self-signed pin_sha256="$(leaf sim old)"
handle plan --target sim
is "made by NSX, trusted by pin: refused" "$code" 1
like "made by NSX, trusted by pin: why" "$said" 'cannot be known beforehand'

# --- a batch that fails ----------------------------------------------------------------------------------

handler_conf sim poll_interval=0s
afresh sim "$(world 4.2.0 2 "$(pair "$web")" '"batch_fails":["API"]')"
work sim
is "a failing batch: a person must look" "$code" 1
is "a failing batch: begun once" "$(batches)" 1
handle history
like "a failing batch: the operation is named, with NSX's words" "$said" 'API of .*: ERROR: .*did not restart in time'
handle status --target sim
like "a failing batch: the way back waits" "$line" 'WARNING - .*approv'
work sim
is "a failing batch: nothing happens by itself" "$code $(changed sim | wc -l)" "1 1"
handle approve 2 --plan "$(jq -r .run.plan_hash "$T/state/public/sim.json")"
work sim
is "a failing batch: on approval the old one is back everywhere" "$(uses sim old)" "API@nsx-01 API@nsx-02 MGMT_CLUSTER"
handle status --target sim
is "a failing batch: status" "$code" 2

handler_conf sim poll_interval=0s rollback=off
afresh sim "$(world 4.2.0 2 "$(pair "$web")" '"batch_fails":["API"]')"
work sim
like "a failing batch, rollback = off: said" "$said" 'ERROR.*rollback = off'
work sim
is "a failing batch, rollback = off: not begun again" "$code $(changed sim | wc -l)" "1 1"
handle status --target sim
is "a failing batch, rollback = off: status" "$code" 2
handler_conf sim poll_interval=0s

# --- a batch of somebody else, one that takes long -----------------------------------------------------------

aph='"key":"rsa:2048","cn":"aph.example","san":["aph.example"]'
afresh sim "$(world 4.2.0 2 "$(pair "$web"; cert aph-old 300 "$rpc" "$aph"; cert aph-new 700 '' "$aph")" '"batch_operation_ms":600000')"
nsx_call sim /api/v1/trust-management/certificates/action/batch-replace -X POST -u admin:simulator-only -H 'Content-Type: application/json' \
	-d "{\"certificate_replacements\":[{\"old_certificate_id\":\"$(object sim aph-old)\",\"new_certificate_id\":\"$(object sim aph-new)\"}]}" > "$T/said"
work sim
is "somebody else's batch is pending: ours is not begun" "$(batches)" 1
like "somebody else's batch is pending: why" "$said" 'pending'

afresh sim "$(world 4.2.0 2 "$(pair "$web")" '"batch_operation_ms":600000')"
work sim --once
work sim --once
is "a batch that goes on: waiting" "$code $(batches)" "1 1"
like "a batch that goes on: until when" "$said" 'looked at until|pending'
nsx_call sim /_sim/clock -X POST -d '{"advance_s":3600}' > "$T/said"
work sim
is "a batch that goes on: in the end it is done" "$code $(batches) $(uses sim new)" "0 1 API@nsx-01 API@nsx-02 MGMT_CLUSTER"
