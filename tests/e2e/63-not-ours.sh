#!/bin/bash
# Goal of this test: what the handler must leave alone it leaves alone, and the reason is where a person
# looks for it: principal identities, compute managers, log servers, internal ones, other sites'
# certificates, old versions, what SDDC Manager keeps, what NSX renews by itself until it is overdue.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

# left NAME WORLD REGEX [OBJECT]: nothing by itself, nothing on request, and the reason in plan.
left() {
	local object
	afresh sim "$2"
	object=$(object sim "${4-old}")
	check -f "$conf" --state-dir "$T/none"
	unlike "$1: the check does not promise it" "$(grep -A3 -- "${4-old}" <<< "$out")" '-> remediate_certs'
	work sim
	is "$1: untouched" "$(changed sim)" ""
	handle request --target sim --procedure nsx-apply --object "$object" --reason 'asked for'
	work sim
	is "$1: untouched on request too" "$(changed sim)" ""
	handle history
	like "$1: the reason" "$said" "$3"
}
spare() { cert new 700 ''; }

handler_start sim "$(world 4.2.1 2 "$(spare)")"
handler_conf sim poll_interval=0s
for service in CLIENT_AUTH:'principal identity' COMPUTE_MANAGER:'vCenter|compute manager|no procedure' SYSLOG_SERVER:'logging server|log|no procedure' \
	CBM_MP:'internal service|no procedure' CBM_API:'internal service|no procedure'; do
	left "${service%%:*}" "$(world 4.2.1 2 "$(cert old 3 "nsx-01:${service%%:*}"; spare)")" "${service#*:}"
done
left "another site's" "$(world 4.1.2 2 "$(cert old 3 cluster:LOCAL_MANAGER '"has_private_key":false,"category":"SITE_CERTIFICATE"'; spare)")" 'another site|the site it belongs to'
left "a service certificate" "$(world 4.1.2 2 "$(cert old 3 '' '"policy":"both"'; spare)")" 'service certificate'
left "before 3.1.2" "$(world 3.1.0 2 "$(cert old 3 nsx-01:API; spare)")" 'needs NSX 3\.1\.2|no apply_certificate before 3\.1\.2'

# --- VCF 9 ---------------------------------------------------------------------------------------------

vcf=$(world 9.0.0 2 "$(cert old 3 'nsx-01:API nsx-02:API cluster:MGMT_CLUSTER'; spare)")
left "NSX 9 in VCF" "$vcf" 'SDDC Manager'
handler_conf sim poll_interval=0s managed_by=none
afresh sim "$vcf"
work sim
is "NSX 9 with managed_by = none: done" "$code $(uses sim new)" "0 API@nsx-01 API@nsx-02 MGMT_CLUSTER"
handler_conf sim poll_interval=0s

# --- renewed by NSX itself --------------------------------------------------------------------------------

# Self-signed and internal, within its lead time of 31 days, and then overdue.
own='"issuer":"self","key":"rsa:2048","category":"INTERNAL","valid_days":825'
afresh sim "$(world 4.2.1 2 "$(cert old 25 'nsx-01:APH nsx-02:APH' "$own"; cert new 700 '' "$own")" '"security":{"renewal_lead_time":10}')"
work sim
is "renewed by NSX itself: left to it" "$code $(changed sim)" "0 "
check -f "$conf" --state-dir "$T/none" -v
like "renewed by NSX itself: said" "$out" 'renews it by itself'
afresh sim "$(world 4.2.1 2 "$(cert old 3 'nsx-01:APH nsx-02:APH' "$own"; cert new 700 '' "$own")")"
check -f "$conf" --state-dir "$T/none" -v
like "overdue: said" "$out" 'should have renewed it .*-> remediate_certs'
work sim
is "overdue: replaced" "$code $(uses sim new)" "0 APH@nsx-01 APH@nsx-02"
