#!/bin/bash
# Goal of this test: every rule about chains, names, usages, keys, the product's own verdict and its
# renewals is found where it applies, on NSX and on a plain listener, and a healthy cluster has none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"
need openssl

nodes='[{"name":"nsx-01","address":"127.44.0.11"},{"name":"nsx-02","address":"127.44.0.12"},{"name":"nsx-03","address":"127.44.0.13"}]'
issuers='[{"name":"root","cn":"Root","ca":true,"listed":true,"days_left":3000},
 {"name":"inter","cn":"Inter","ca":true,"issuer":"root","days_left":2000},
 {"name":"plain","cn":"Plain","ca":false,"issuer":"root","days_left":2000},
 {"name":"foreign","cn":"Foreign","ca":true,"days_left":3000}]'
scenario() {   # VERSION CERTIFICATES [MEMBERS]
	jq -cn --arg v "$1" --argjson c "$2" --argjson n "$nodes" --argjson i "$issuers" --argjson m "${3:-{\}}" \
		'{version: $v, nodes: $n, vip: {fqdn: "nsx.sim.example", ip: "127.44.0.10", address: "127.44.0.10"},
		  issuers: $i, certificates: $c} + $m'
}
used() { printf '"used_by":[{"node":"%s","service_types":["%s"]}]' "$1" "$2"; }
vip="{\"display_name\":\"vip\",\"issuer\":\"inter\",\"chain\":\"full\",$(used cluster MGMT_CLUSTER)}"
# found NAME ID: the state of that finding of the object with that name; none when it has no such finding
found() { fact "[.certificates[] | select(any(.sightings[]; .name == \"$1\" and .role == \"platform\")) | .findings[] | select(.id == \"$2\") | .state] | first // \"none\""; }
remedy() { fact "[.certificates[] | select(any(.sightings[]; .name == \"$1\" and .role == \"platform\")) | .remedy.by] | first"; }

# --- a healthy cluster has none of them ---------------------------------------------------------
ids='["chain-order","chain-broken","chain-untrusted","name-mismatch","usage-unfit","no-private-key","rejected","renewal-overdue"]'
for version in 3.2 4.1 4.2.1 9.0; do
	if [ $version = 3.2 ]; then nsx_start sim "$(scenario $version "[$vip]")"; else nsx_scenario sim "$(scenario $version "[$vip]")"; fi
	nsx_conf sim validate=yes
	check -f "$T/sim.conf" -o json
	is "$version: a healthy cluster is OK" "$(fact .state)" OK
	is "$version: with none of these findings" "$(fact "[.. | .findings? // empty | .[] | select(.id as \$i | $ids | index(\$i))] | length")" 0
done

# --- one of each, and beside it what must stay silent --------------------------------------------
all="[$vip,
 {\"display_name\":\"fine\",\"issuer\":\"inter\",\"chain\":\"full\",$(used nsx-01 API)},
 {\"display_name\":\"named\",\"issuer\":\"inter\",\"chain\":\"full\",\"san\":[\"other.example\"],$(used nsx-02 API)},
 {\"display_name\":\"foreign\",\"issuer\":\"foreign\",\"chain\":\"full\",$(used nsx-03 API)},
 {\"display_name\":\"reversed\",\"issuer\":\"inter\",\"chain\":\"reversed\",$(used nsx-01 APH)},
 {\"display_name\":\"no-root\",\"issuer\":\"inter\",\"chain\":\"no-root\",$(used nsx-02 APH_TN)},
 {\"display_name\":\"broken\",\"issuer\":\"plain\",\"chain\":\"full\",$(used nsx-02 APH)},
 {\"display_name\":\"client\",\"eku\":[\"clientAuth\"],$(used nsx-01 CCP)},
 {\"display_name\":\"keyless\",\"has_private_key\":false,$(used nsx-01 APH_TN)},
 {\"display_name\":\"rejected\",\"validation\":\"REJECTED\",$(used nsx-01 CBM_CORFU)},
 {\"display_name\":\"failing\",\"validation\":\"ERROR\",$(used nsx-02 CBM_CORFU)},
 {\"display_name\":\"waiting\",\"validation\":\"CRL_NOT_READY\",$(used nsx-03 CBM_CORFU)},
 {\"display_name\":\"overdue\",\"days_left\":20,$(used nsx-03 APH)},
 {\"display_name\":\"signed\",\"days_left\":20,\"issuer\":\"inter\",\"chain\":\"full\",$(used nsx-03 CCP)},
 {\"display_name\":\"idle\",\"issuer\":\"plain\",\"chain\":\"full\",\"has_private_key\":false}]"
nsx_scenario sim "$(scenario 4.2.1 "$all")"
nsx_call sim "/api/v1/trust-management/certificates" -u audit:simulator-only |
	jq -r '.results[] | select(.display_name == "root") | .pem_encoded' > "$T/root.pem"
ok "the root alone is a CA file" grep -q 'BEGIN CERTIFICATE' "$T/root.pem"
nsx_conf sim ca_file="$T/root.pem" validate=yes
check -f "$T/sim.conf" -o json
sums "one of each"
while read -r name id wanted; do
	is "$name: $id" "$(found "$name" "$id")" "$wanted"
done <<- LIST
	fine       chain-order      none
	fine       chain-broken     none
	fine       chain-untrusted  none
	fine       name-mismatch    none
	fine       usage-unfit      none
	fine       rejected         none
	vip        name-mismatch    none
	named      name-mismatch    WARNING
	named      chain-untrusted  none
	foreign    chain-untrusted  WARNING
	foreign    name-mismatch    none
	reversed   chain-order      WARNING
	no-root    chain-order      none
	no-root    chain-broken     none
	broken     chain-broken     WARNING
	broken     chain-order      none
	client     usage-unfit      WARNING
	keyless    no-private-key   WARNING
	rejected   rejected         CRITICAL
	failing    rejected         UNKNOWN
	waiting    rejected         OK
	overdue    renewal-overdue  WARNING
	signed     renewal-overdue  none
	idle       no-private-key   none
	idle       chain-broken     none
LIST
is "the overdue one is for the handler" "$(remedy overdue)" remediate_certs
is "each is said once" "$(fact '[.certificates[] | [.findings[] | .id + .message] | length - (unique | length)] | add')" 0
like "the state is the worst" "$(fact .state)" '^CRITICAL$'

# --- what NSX renews by itself is left to it until then ---------------------------------------------
nsx_scenario sim "$(scenario 4.2.1 "[$vip,{\"display_name\":\"soon\",\"days_left\":40,$(used nsx-03 APH)}]" \
	'{"security":{"renewal_lead_time":35}}')"
nsx_conf sim
check -f "$T/sim.conf" -w 50 -o json
is "before its time: only the end is told" "$(found soon renewal-overdue)/$(found soon expiring)" none/WARNING
is "before its time: NSX renews it" "$(remedy soon)" nsx
nsx_scenario sim "$(scenario 4.2.1 "[$vip,{\"display_name\":\"soon\",\"days_left\":20,$(used nsx-03 APH)}]" \
	'{"security":{"renewal_enabled":false}}')"
check -f "$T/sim.conf" -o json
is "where it is switched off, nothing is overdue" "$(found soon renewal-overdue)/$(remedy soon)" none/remediate_certs
nsx_faults sim '[{"match":"GET /policy/api/v1/infra/security-global-config","do":"status","value":403,"times":0}]'
check -f "$T/sim.conf" -o json
is "an account that may not ask promises nothing" "$(found soon renewal-overdue)/$(fact '.sources[0].findings | length')" none/0
nsx_faults sim '[]'

# --- its own verdict only where it is asked for, and never in silence --------------------------------
nsx_scenario sim "$(scenario 4.2.1 "$all")"
nsx_conf sim ca_file="$T/root.pem"
nsx_mark sim
check -f "$T/sim.conf" -o json
is "validate = no: none is asked" "$(nsx_log sim '[.[] | select(.target | contains("action=validate"))] | length')" 0
is "validate = no: none is rejected" "$(found rejected rejected)" none
nsx_conf sim ca_file="$T/root.pem" validate=yes
nsx_mark sim
check -f "$T/sim.conf" -o json
ok "validate = yes: at most 20 are asked" [ "$(nsx_log sim '[.[] | select(.target | contains("action=validate"))] | length')" -le 20 ]
is "validate = yes: one at a time" "$(nsx_log sim '[.[] | select(.target | contains("action=validate")) | .in_flight] | max')" 1
nsx_faults sim '[{"match":"GET /api/v1/trust-management/certificates/*","do":"status","value":500,"nth":3,"times":0}]'
check -f "$T/sim.conf" -o json
like "validations that fail are told" "$(fact '.sources[0].findings[] | select(.id == "partial") | .message')" 'not validated'
nsx_faults sim '[]'

# --- any listener --------------------------------------------------------------------------------------
cd "$T" || exit 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout rk -out root -days 400 -subj /CN=R 2> /dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ok -out other -days 400 -subj /CN=R 2> /dev/null
leaf() {   # NAME EXTENSIONS: signed by root
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2> /dev/null
	openssl x509 -req -in "$1.csr" -CA root -CAkey rk -days 300 -out "$1.crt" -extfile <(printf '%b' "basicConstraints=CA:FALSE\n$2") 2> /dev/null
}
serve() {   # NAME CERT KEY CHAIN: an openssl s_server, in $NAME_port
	background openssl s_server -accept 127.0.0.1:0 -cert "$2" -key "$3" -cert_chain "$4" -www > "$1.log" 2>&1
	wait_for 10 grep -q '^ACCEPT 127' "$1.log" || { note "$(cat "$1.log")"; exit 1; }
	printf -v "$1_port" %s "$(sed -n 's/^ACCEPT 127.0.0.1:\([0-9]*\).*/\1/p' "$1.log" | head -n 1)"
}
leaf good 'extendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n'
leaf mail 'extendedKeyUsage=emailProtection\nkeyUsage=digitalSignature\n'
listener() {   # LABEL PORT STATE ID
	check -H "127.0.0.1:$2" -o json
	is "a listener: $1" "$(fact .state)" "$3"
	is "a listener: $1: the finding" "$(fact '[.certificates[].findings[].id] | unique | join(" ")')" "$4"
}
serve right good.crt good.key root
listener "its chain holds" "$right_port" OK ""
serve twin good.crt good.key other
listener "a root with the right name and another key" "$twin_port" WARNING chain-broken
serve astray good.crt good.key mail.crt
listener "something else behind the leaf" "$astray_port" WARNING chain-order
serve usage mail.crt mail.key root
listener "for mail, not for servers" "$usage_port" WARNING usage-unfit
