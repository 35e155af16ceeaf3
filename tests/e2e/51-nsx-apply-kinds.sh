#!/bin/bash
# Goal of this test: apply_certificate for every service that the vendor documents, node by node with a
# STABLE cluster in between, several uses of one certificate in one run, and the clean-up of the old one.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

pair() { cert old 3 "$1" "${2-}"; cert new 700 '' "${2-}"; }
applies() { changed sim | sed -n 's/.*action=apply_certificate&\(service_type=[A-Z_]*\).*/\1/p' | tr '\n' ' '; }

# applied NAME VERSION USES SERVICES [KEYS [MORE]]: one run; these calls and no others; who uses it then.
applied() {
	afresh sim "$(world "$2" 2 "$(pair "$3" "${5-}")" "${6-}")"
	work sim
	is "$1: the run is done" "$code" 0
	is "$1: the calls" "$(applies)" "$4"
	is "$1: nothing else was changed" "$(changed sim | wc -l)" "$(wc -w <<< "$4")"
	is "$1: nobody uses the old one" "$(uses sim old)" ""
	is "$1: it is still there" "$(object sim old | wc -l)" 1
}

handler_start sim "$(world 4.1.2 2 "$(pair nsx-01:API)")"
handler_conf sim poll_interval=0s

# --- one kind after the other -----------------------------------------------------------------------

applied "APH" 4.1.2 "nsx-01:APH nsx-02:APH" "service_type=APH service_type=APH "
applied "APH_TN" 4.2.0 "nsx-01:APH_TN nsx-02:APH_TN" "service_type=APH_TN service_type=APH_TN " '"key":"rsa:2048"'
applied "CCP" 4.1.2 "nsx-01:CCP" "service_type=CCP " '"key":"rsa:2048"'
applied "LOCAL_MANAGER" 4.1.2 "cluster:LOCAL_MANAGER" "service_type=LOCAL_MANAGER "
applied "GLOBAL_MANAGER" 4.1.2 "cluster:GLOBAL_MANAGER" "service_type=GLOBAL_MANAGER " '' '"mode":"global-manager","global_manager_mode":"ACTIVE"'

# --- API of two managers, MGMT_CLUSTER ----------------------------------------------------------------

applied "API and MGMT_CLUSTER" 4.1.2 "nsx-01:API nsx-02:API cluster:MGMT_CLUSTER" \
	"service_type=API service_type=API service_type=MGMT_CLUSTER "
new=$(leaf sim new)
for address in 127.51.0.10 127.51.0.11 127.51.0.12; do
	is "the listener at $address presents it" "$(served sim "$address")" "$new"
done
# Between two calls the cluster was asked for its state until it was STABLE again.
between() { nsx_log sim '[.[] | select(.changed or (.target | test("/cluster/status"))) | if .changed then "A" else "s" end] | join("")'; }
applied "a cluster that takes its time" 4.1.2 "nsx-01:API nsx-02:API" "service_type=API service_type=API " '' '"apply_settle_ms":1500'
like "a cluster that takes its time: asked for its state between the calls" "$(between)" 's+As+As+$'
is "a cluster that takes its time: no call was refused" "$(nsx_log sim '[.[] | select(.method == "POST" and .status >= 400)] | length')" 0
handle history
like "a cluster that takes its time: the wait is in the trail" "$said" 'DEGRADED|not STABLE'

# One of the two nodes uses the certificate for two services.
applied "several uses of one certificate" 4.1.2 "nsx-01:API,APH nsx-02:APH" "service_type=API service_type=APH service_type=APH "
is "several uses of one certificate: who uses the new one" "$(uses sim new)" "APH@nsx-01 APH@nsx-02 API@nsx-01"

# --- two certificates: two runs, the worse one first ------------------------------------------------------

afresh sim "$(world 4.1.2 2 "$(cert old1 5 nsx-01:API; cert new1 700 ''; cert old2 2 nsx-02:APH '"cn":"aph.example","san":["aph.example"]'
	cert new2 700 '' '"cn":"aph.example","san":["aph.example"]')")"
work sim
is "two certificates: done in one pass" "$code" 0
is "two certificates: the one that ends first is replaced first" "$(applies)" "service_type=APH service_type=API "
is "two certificates: two runs" "$(runs '[.entries[].run | numbers] | unique | length')" 2

# --- the clean-up ---------------------------------------------------------------------------------------------

handler_conf sim poll_interval=0s keep_old=2s
afresh sim "$(world 4.1.2 1 "$(pair nsx-01:API)")"
old=$(object sim old)
work sim
is "clean-up: not before keep_old" "$(changed sim | grep -c DELETE)" 0
gone() { work sim; [ "$(object sim old)" = "" ]; }
is "clean-up: after it" "$(wait_for 20 gone; changed sim | grep DELETE)" "DELETE /api/v1/trust-management/certificates/$old"
is "clean-up: one apply, one delete" "$(changed sim | wc -l)" 2
work sim
is "clean-up: then there is nothing to do" "$code $(changed sim | wc -l)" "0 2"

# Used again meanwhile: it stays.
afresh sim "$(world 4.1.2 1 "$(pair nsx-01:API)")"
old=$(object sim old)
work sim
nsx_call sim "/api/v1/trust-management/certificates/$old?action=apply_certificate&service_type=APH&node_id=$(nsx_state sim '.nodes[0].uuid')" \
	-X POST -u admin:simulator-only > "$T/said"
sleep 2.1
work sim
is "clean-up: what is used again stays" "$(changed sim | grep -c DELETE) $(uses sim old)" "0 APH@nsx-01"
