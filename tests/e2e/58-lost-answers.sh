#!/bin/bash
# Goal of this test: an answer that never comes is "unknown", not "failed": whichever write or read it
# was, whether the server did the work and closed, reset, or was busy, refused, or was away for a while,
# the run ends as it should, and the manager's log shows each change once.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

pair() { cert old 3 "$1" "${2-}"; cert new 700 '' "${2-}"; }
posts() { nsx_log sim "[.[] | select(.method == \"POST\" and (.target | test(\"$1\")))] | length"; }
# A new state and log for the same world, since only the requests of the next run count.
begin() { afresh sim "$scenario"; nsx_faults sim "$1"; }

# ends NAME FAULTS: the run ends as without them, each change once.
ends() {
	begin "$2"
	for _ in 1 2 3; do
		work sim
		[ "$code" = 1 ] || [ "$(changed sim)" = "" ] || break
	done
	is "$1: done, and once" "$code $(changed sim | sed "s/.*$short/\\1/" | sort | tr '\n' ' ')$(uses sim "$ends_with")" "0 $wanted"
	ok "$1: the fault was met" [ "$(nsx_log sim '[.[] | select((.faults | length) > 0)] | length')" -ge "${3-1}" ]
}

own_ca
own_leaf good
handler_start sim "$(world 4.1.2 2 "$(pair 'nsx-01:API nsx-02:API')")"

# --- apply: each write, and reads of every kind ------------------------------------------------------

scenario=$(world 4.1.2 2 "$(pair 'nsx-01:API nsx-02:API')")
handler_conf sim poll_interval=0s
short='action=\([a-z_]*\).*' ends_with=new
wanted='apply_certificate apply_certificate API@nsx-01 API@nsx-02'
for how in lose reset truncate; do
	for nth in 1 2; do
		ends "apply $nth of 2: $how" '[{"match":"POST *?action=apply_certificate*","nth":'$nth',"do":"'$how'"}]'
	done
done
ends "both applies" '[{"match":"POST *?action=apply_certificate*","times":2,"do":"lose"}]'
for read in '/api/v1/cluster/status' '/api/v1/node/version' '/api/v1/trust-management/certificates' '/api/v1/cluster' '*?action=validate'; do
	ends "a read: $read" '[{"match":"GET '"$read"'","nth":1,"times":2,"do":"lose"}]'
done
is "no answer, the work not done: sent again" "$(ends x '[{"match":"POST *?action=apply_certificate*","do":"raw","value":""}]' > "$T/x"; grep -c ^ok "$T/x"; posts action=apply)" "2
3"

# A connection that was kept alive takes the POST, does the work and closes without a word.
begin '[{"match":"POST *?action=apply_certificate*","do":"lose"}]'
work sim
is "closed in silence: the first POST stands there once" \
	"$(nsx_log sim '[.[] | select(.method == "POST" and (.target | test("action=apply"))) | .target] | group_by(.) | map(length) | unique | join(" ")')" 1

# --- busy, refused, away ------------------------------------------------------------------------------------

ends "429 twice" '[{"match":"POST *?action=apply_certificate*","times":2,"do":"status","value":429}]'
ends "503 twice" '[{"match":"POST *?action=apply_certificate*","times":2,"do":"status","value":503}]'
ends "429 to a read" '[{"match":"GET /api/v1/cluster/status","nth":2,"times":2,"do":"status","value":429}]'
ends "503 to everything for a while" '[{"match":"GET *","nth":40,"times":6,"do":"status","value":503}]' 5
ends "away for two seconds after the first call" '[{"match":"POST *?action=apply_certificate*","do":"restart","value":2000}]'
ends "away in the middle of a look" '[{"match":"GET /api/v1/cluster/status","nth":3,"do":"restart","value":1500}]'

# forbidden NAME VALUE REGEX: the second call is answered with 403, and a person has to look.
forbidden() {
	begin '[{"match":"POST *?action=apply_certificate*","nth":2,"do":"status","value":'"$2"'}]'
	work sim
	is "$1: a person must look" "$code $(changed sim | wc -l)" "1 1"
	like "$1: said" "$said" "$3"
	handle status --target sim
	is "$1: status" "$code" 2
	work sim
	is "$1: nothing by itself" "$code $(changed sim | wc -l)" "1 1"
	credentials "$T/sim.admin" username=admin password=simulator-only "# $1"
	handle retry 1
	work sim
	is "$1: mended, then retry" "$code $(changed sim | wc -l) $(uses sim new)" "0 2 API@nsx-01 API@nsx-02"
}
forbidden "403, the account is locked" 403 'locked: not tried again until'
forbidden "403, the account may not" '{"status":403,"body":"{\"httpStatus\":\"FORBIDDEN\",\"error_code\":289,\"module_name\":\"common-services\",\"error_message\":\"The user does not have permission\"}"}' \
	'does not have permission'

# --- import, self-sign, batch, delete: writes that are not to be repeated -----------------------------------------

scenario=$(world 4.1.2 1 "$(cert old 3 nsx-01:APH)")
wanted='apply_certificate import '
ends_with=nothing
handler_conf sim poll_interval=1s replacement="pem:$T/good.pem key:$T/good.key"
for how in lose reset; do
	ends "import: $how" '[{"match":"POST *?action=import*","do":"'$how'"}]'
done
is "import: one entry" "$(nsx_state sim '[.certificates[] | select(.sha256 == "'"$(own_sha good)"'")] | length')" 1

handler_conf sim poll_interval=0s replacement=self-signed key_type=ec:P-256
short='\(self_sign\|csrs-extended\|apply_certificate\).*'
wanted='apply_certificate csrs-extended self_sign '
ends "self-sign: its answer" '[{"match":"POST *?action=self_sign*","do":"lose"}]'
wanted='apply_certificate csrs-extended csrs-extended self_sign '
ends "self-sign: the answer to its request" '[{"match":"POST */csrs-extended","do":"lose"}]'

scenario=$(world 4.2.0 1 "$(pair 'nsx-01:API cluster:MGMT_CLUSTER')")
handler_conf sim poll_interval=0s
short='action.\([a-z-]*\).*' ends_with=new
wanted='batch-replace API@nsx-01 MGMT_CLUSTER'
for how in lose reset; do
	ends "batch: $how" '[{"match":"POST */action/batch-replace","do":"'$how'"}]'
done
ends "batch: results are not told for a while" '[{"match":"GET */batch-results","nth":4,"times":3,"do":"status","value":503}]'

scenario=$(world 4.1.2 1 "$(pair nsx-01:APH)")
handler_conf sim poll_interval=0s keep_old=0s
short='\(certificates\).*' wanted='certificates certificates APH@nsx-01'
ends "delete" '[{"match":"DELETE *","do":"lose"}]'
is "delete: asked for once" "$(nsx_log sim '[.[] | select(.method == "DELETE")] | length')" 1
