#!/bin/bash
# Goal of this test: NSX 3.2, 4.1, 4.2, 9.0 and a Global Manager: every certificate is found once, with
# its uses, its nodes by name, its listeners and its remedy, with few requests and the first one alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"

# What each version is given besides its own defaults: a node's API, a load balancer's certificate in
# both lists and one in Policy only, a client's, and one that nobody uses any more.
extras='[{"display_name":"lb-both","cn":"lb.example","san":["lb.example"],"days_left":20,"policy":"both"},
 {"display_name":"lb-policy","cn":"lbp.example","san":["lbp.example"],"days_left":200,"policy":"only"},
 {"display_name":"pi-cert","cn":"automation","days_left":100,"has_private_key":false},
 {"display_name":"left-over","cn":"old.example","days_left":-5,"hours_left":12}]'
identities='[{"name":"automation","certificate":"pi-cert"}]'
per_node='[{"display_name":"api-two","days_left":3,"hours_left":12,"used_by":[{"node":"nsx-02","service_types":["API"]}]}]'
shared='[{"display_name":"all-api","days_left":3,"hours_left":12,"used_by":[
 {"node":"nsx-01","service_types":["API"]},{"node":"nsx-02","service_types":["API"]},
 {"node":"nsx-03","service_types":["API"]},{"node":"cluster","service_types":["MGMT_CLUSTER"]}]}]'

scenario() {   # VERSION MODE CERTIFICATES
	jq -cn --arg v "$1" --arg m "$2" --argjson c "$3" --argjson x "$extras" --argjson p "$identities" \
		'{version: $v, mode: $m, certificates: ($c + $x), principal_identities: $p}'
}
cert() { fact ".certificates[] | select(any(.sightings[]; .name == \"$1\")) | $2"; }

# VERSION MODE CERTIFICATES NAME COUNT REMEDY BY: one version, from the state to the remedy.
version() {
	local label="$1 $2" name=$4
	nsx_scenario sim "$(scenario "$1" "$2" "$3")"
	nsx_mark sim
	poll sim
	state "$label" CRITICAL
	like "$label: the worst is on the first line" "$text" ' API( \+[0-9])? expires in 3d 1[12]h \([0-9a-f]{8}\), 1 critical, 1 warning, 0 unknown'
	one_line "$label"
	ok "$label: few requests" [ "$(nsx_log sim length)" -le 8 ]
	ok "$label: but not none" [ "$(nsx_log sim length)" -ge 6 ]
	is "$label: nothing but GET" "$(nsx_log sim '[.[].method] | unique | join(" ")')" GET
	is "$label: nothing changed" "$(nsx_log sim 'any(.[]; .changed)')" false
	is "$label: with the login given" "$(nsx_log sim '[.[].login] | unique | join(" ")')" basic
	poll sim -o json
	sums "$label"
	is "$label: certificates" "$(fact .counts.total)" "$5"
	is "$label: counts" "$(fact '.counts | "\(.critical) \(.warning) \(.unknown) \(.ignored)"')" "1 1 0 0"
	like "$label: the version is reported" "$(fact '.sources[0].version')" "^${1//./\\.}\."
	is "$label: the source" "$(fact '.sources[0] | "\(.kind) \(.state) \(.findings | length)"')" "nsx OK 0"
	is "$label: remedy" "$(cert "$name" '.remedy | "\(.procedure) \(.by)"')" "$6 $7"
	is "$label: one certificate in both lists" "$(cert lb-both '"\(.state) \([.sightings[] | .by_policy] | join(" "))"')" "WARNING true"
	is "$label: the one in Policy alone" "$(cert lb-policy '"\(.state) \([.sightings[] | .via] | join(" "))"')" "OK api"
	is "$label: the client's" "$(cert pi-cert '.sightings[0] | "\(.by_principal) \(.uses[0].service) \(.uses[0].node_name)"')" "true CLIENT_AUTH automation"
	is "$label: what nobody uses is a note" "$(cert left-over '"\(.state) \(.findings | map(select(.id == "unused")) | .[0].state)"')" "OK OK"
	is "$label: and expired all the same" "$(cert left-over '.days_left')" -5
	is "$label: as the simulator has it" "$(fact '[.certificates[] | .sha256] | sort | join(" ")')" "$(nsx_state sim '[.certificates[] | .sha256] | unique | join(" ")')"
}

nsx_start sim '{"version":"4.1"}'
version 3.2 manager "$per_node" api-two 12 nsx-apply remediate_certs
version 4.1 manager "$per_node" api-two 32 nsx-apply remediate_certs
is "4.1: the use of the node" "$(cert api-two '.sightings[] | select(.via == "api") | .uses | map("\(.service) \(.node_name)") | join(",")')" "API nsx-02"
is "4.1: its own listener shows it" "$(cert api-two '.sightings[] | select(.via == "tls") | .endpoint')" "127.41.0.12:${sim_url##*:}"
is "4.1: the VIP's is the cluster's" "$(cert mp-cluster '[.sightings[] | .uses[] | "\(.service) \(.node_name)"] | unique | join(",")')" "MGMT_CLUSTER cluster"
is "4.1: the VIP shows it" "$(cert mp-cluster '.sightings[] | select(.via == "tls") | .endpoint')" "127.41.0.10:${sim_url##*:}"
is "4.1: every listener was looked at" "$(fact '[.certificates[].sightings[] | select(.via == "tls") | .endpoint] | length')" 4
poll sim -o json --at +8d
is "4.1: later that is expired" "$(cert api-two '"\(.state) \(.findings[0].id) \(.days_left)"')" "CRITICAL expired -5"
nsx_conf sim unused=same
check -f "$T/sim.conf" -o json
is "unused = same" "$(cert left-over .state)" CRITICAL
nsx_conf sim warning=50 critical=1 ca_warning=50 probe=no
check -f "$T/sim.conf" -o json
is "limits of the target" "$(cert api-two .state) $(fact .state)" "WARNING WARNING"
is "the source has the name of its section" "$(fact '.sources[0].name')" sim

version 4.2 manager "$shared" all-api 14 nsx-batch-replace remediate_certs
is "4.2: one certificate, every use" "$(cert all-api '[.sightings[] | select(.via == "api") | .uses[] | "\(.service) \(.node_name)"] | sort | join(",")')" \
	"API nsx-01,API nsx-02,API nsx-03,MGMT_CLUSTER cluster"
is "4.2: every listener shows it" "$(cert all-api '[.sightings[] | select(.via == "tls") | .endpoint] | sort | map(split(":")[0]) | join(" ")')" \
	"127.41.0.10 127.41.0.11 127.41.0.12 127.41.0.13"
version 9.0 manager "$shared" all-api 14 manual vcf
# A Global Manager has no Policy list of a Local Manager: its own is elsewhere.
nsx_scenario sim "$(scenario 4.1 global-manager "$per_node")"
nsx_faults sim '[{"match":"GET /policy/api/v1/infra/certificates","do":"status","value":404,"times":0}]'
poll sim -o json
sums "Global Manager"
is "Global Manager: state" "$(fact .state)" CRITICAL
is "Global Manager: nothing failed" "$(fact '.sources[0] | "\(.state) \(.findings | length)"')" "OK 0"
is "Global Manager: its own Policy list" "$(cert lb-policy .state) $(cert lb-both '.sightings[0].by_policy')" "OK true"
is "Global Manager: remedy" "$(cert api-two '.remedy.procedure')" nsx-apply
is "Global Manager: its service certificate" "$(cert global-manager '.sightings[0].uses[0] | "\(.service) \(.node_name)"')" "GLOBAL_MANAGER cluster"
is "Global Manager: all are there" "$(fact .counts.total)" "$(nsx_state sim '[.certificates[] | .sha256] | unique | length')"

keys='["schema","state","evaluated_at","summary","counts","sources","certificates"] - keys'
is "JSON: the keys of the whole" "$(fact "$keys | join(\" \")") $(fact .schema)" " check_certs/1"
keys='["name","kind","state","version","certificates","requests","seconds","findings","unreadable_by_design"] - keys'
is "JSON: the keys of a source" "$(fact "[.sources[] | $keys] | add | join(\" \")")" ""
keys='["sha256","subject","issuer","serial","names","not_before","not_after","seconds_left","days_left","is_ca","key","signature","state","findings","sightings","remedy"] - keys'
is "JSON: the keys of a certificate" "$(fact "[.certificates[] | $keys] | add | join(\" \")")" ""
is "JSON: the keys of its parts" "$(fact '[.certificates[] | (["procedure","by","detail"] - (.remedy | keys)),
	(.findings[] | ["id","state","message"] - keys), (.sightings[] | ["source","kind","via"] - keys),
	(.sightings[] | select(.via == "api") | ["id","name","uses"] - keys), (.sightings[] | select(.via == "tls") | ["endpoint"] - keys),
	(.sightings[].uses[]? | ["service","node","node_name"] - keys)] | add | unique | join(" ")')" ""

# The first request alone, then a few at once: it may be the wrong password.
nsx_scenario sim "$(scenario 4.2 manager "$shared")"
nsx_faults sim '[{"match":"GET /*","do":"delay","value":300,"times":0}]'
nsx_mark sim
poll sim -o json
is "with a slow manager" "$(fact .state)" CRITICAL
ok "never more than three requests at once" [ "$(nsx_log sim '[.[].in_flight] | max')" -le 3 ]
is "the first request is alone" "$(nsx_log sim '(.[1].at_ms - .[0].at_ms) >= 290 and .[0].in_flight == 1')" true
