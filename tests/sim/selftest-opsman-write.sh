#!/bin/bash
# Goal of this test: what opsman_sim changes, what it refuses to change, and what a wrong order breaks in the
# foundation behind it is what its README says, seen by curl and openssl.
# shellcheck disable=SC2154 # sim_start sets NAME_url, NAME_ca, NAME_pid
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
need curl jq openssl "$sims/opsman_sim"

api=/api/v0
cas=$api/certificate_authorities
old=f7bc18f34f2a7a9403c3
bosh=p-bosh-0123456789abcdef
cf="cf-0123456789abcdef"
tkgi='"products":[{"guid":"'$bosh'","type":"p-bosh"},{"guid":"pivotal-container-service-01","type":"pivotal-container-service"}]'

# --- requests -----------------------------------------------------------------------

# as TOKEN METHOD PATH [BODY]: sets $body, $code (HTTP) and $left (curl's exit status)
as() {
	code=$(curl -sS --noproxy '*' -k -X "$2" -H "Authorization: Bearer $1" -H 'Content-Type: application/json' \
		${4+--data-binary "$4"} -o "$T/body" -w '%{http_code}' "$om_url$3" 2>"$T/curl.stderr")
	left=$?
	body=$(<"$T/body")
}
call() { as "$token" "$@"; }
post() { call POST "$1" "${2-}"; }
get() { call GET "$1"; }
said() { jq -r "$1" <<< "$body" 2>/dev/null; }
control() { curl -sS --noproxy '*' -k ${2+-d "$2"} "$om_url/_sim/$1"; }
state_of() { control state | jq -r "$1"; }
faults() { control faults "$1" > "$T/posted"; }
event() { control event "$1" > "$T/posted"; }
hours() { control clock "{\"advance_s\":$(($1 * 3600))}" > "$T/posted"; }
# (No jq where it is called often: it takes longer than the call.)
log_in() {
	local answer
	answer=$(curl -sS --noproxy '*' -k -u "$1:simulator-only" -d grant_type=client_credentials "$om_url/uaa/oauth/token")
	answer=${answer#*\"access_token\":\"}
	printf '%s' "${answer%%\"*}"
}
world() {
	control scenario "$1" > "$T/entered"
	[ "$(<"$T/entered")" = '{"entered":true}' ] || report "the scenario is entered: $(cat "$T/entered")" 1
	token=$(log_in writer)
}

clients='"clients":[{"name":"writer","scopes":"opsman.restricted_control"},{"name":"monitor","scopes":"opsman.full_view"}]'
root='{"guid":"'$old'","name":"root","cn":"Pivotal","ca":true,"issuer_text":"Pivotal","days_left":60,"valid_days":1460,
	"nats":{"cn":"default.nats-ca.bosh-internal","ca":true,"days_left":60}}'
row() { printf '{"row":{"property_reference":"%s","product_guid":"%s"%s},"certificate":{"cn":"leaf","issuer":"%s","days_left":50}}' "$1" "$2" "${4-}" "${3:-root}"; }
rows='{"row":{"property_reference":".properties.root_ca.'$old'","property_type":"ca_certificate","product_guid":"ops_manager","is_ca":true},
	"certificate":{"cn":"Pivotal","ca":true,"days_left":60}},'$(row .properties.director_ssl $bosh),$(row .properties.uaa_ssl $cf)',
	{"row":{"location":"credhub","variable_path":"/opsmgr/bosh_dns/tls_ca","product_guid":""},
	"certificate":{"name":"dns","cn":"dns-ca","ca":true,"days_left":55}},
	{"row":{"location":"credhub","variable_path":"/opsmgr/bosh_dns/health_tls","product_guid":""},
	"certificate":{"cn":"dns","issuer":"dns","days_left":45}},
	{"row":{"location":"credhub","variable_path":"/services/tls_ca","product_guid":""},
	"certificate":{"name":"services","cn":"services","ca":true,"days_left":44}},
	{"row":{"location":"credhub","variable_path":"/p-mysql/leaf","product_guid":""},
	"certificate":{"cn":"mysql","issuer":"services","days_left":43}},
	{"row":{"location":"credhub","variable_path":"/p-bosh/service-instance_1/pxc_server","product_guid":""},
	"certificate":{"cn":"pxc","days_left":42}},'$(row .properties.saml_service_provider_cert ops_manager)
listener='"listener":{"cn":"om.example","san":["127.0.0.1"],"key":"ec:P-256"}'
# foundation VERSION [MORE-JSON [ROWS]]: three VMs, an Apply takes four hours
foundation() {
	world "{\"version\":\"$1\",$clients,$listener,\"apply_s\":14400,\"cas\":[$root],\"certificates\":[${3:-$rows}]${2:+,$2},\"token_lifetime_s\":9000000}"   # the first of two counts
}
new_ca() {
	local guid=${body#*\"guid\":\"}
	printf '%s' "${guid%%\"*}"
}
until_of() { control state | jq -r ".leafs[] | select(.name == \"$1\") | .valid_until"; }
# apply [BODY]: and five hours on
apply() {
	post $api/installations "${1-{\"deploy_products\":\"all\",\"ignore_warnings\":\"false\"\}}"
	apply_id=${body//[^0-9]/}
	hours 5
}
outages() { state_of .outages; }
# refused NAME STATUS REGEX
refused() {
	is "$1: refused" "$code" "$2"
	like "$1: why" "$body" "$3"
}

sim_start om opsman_sim

# --- the whole procedure -------------------------------------------------------------
# rotation NAME VERSION
rotation() {
	local name="$1 ($2)" before new wide=0
	foundation "$2"
	case $2 in 1.* | 2.5*) ;; *) wide=1 ;; esac
	before=$(until_of .properties.uaa_ssl)
	post $cas/generate ''
	new=$(new_ca)
	is "$name: generate" "$code $(said '.active, has("certificates")' | tr '\n' ' ')" "200 false $([ $wide = 1 ] && echo true || echo false) "
	like "$name: an id of 20 hex digits" "$new" '^[0-9a-f]{20}$'
	is "$name: the PEM is a CA signed by itself" "$(said .cert_pem | openssl verify -no_check_time -CAfile <(said .cert_pem) 2>&1)" "stdin: OK"
	not_ok "$name: with another key than the old one" openssl verify -no_check_time -CAfile <(get $cas; said '.certificate_authorities[0].cert_pem') <(said '.certificate_authorities[1].cert_pem')
	apply '{"deploy_products":"all","ignore_warnings":false,"errands":{}}'
	is "$name: Apply 1 reached everyone" "$(state_of '.cas[1].trusted_by_all')" true
	post "$cas/$new/activate" '{}'
	is "$name: activate" "$code $(said 'keys | join(" ")')" "200 $([ $wide = 1 ] && echo certificates)"
	get $cas
	is "$name: one active, the new one" "$(said '.certificate_authorities | map("\(.guid == "'"$new"'") \(.active)") | join(", ")')" "false false, true true"
	post $cas/active/regenerate
	is "$name: regenerate" "$code" 200
	is "$name: nothing is deployed yet" "$(until_of .properties.uaa_ssl)" "$before"
	apply
	get $api/deployed/certificates
	like "$name: then it is, and later" "$(until_of .properties.uaa_ssl)" "^20(2[7-9]|[3-9])"
	unlike "$name: another leaf" "$(until_of .properties.uaa_ssl)" "$before"
	call DELETE "$cas/$old"
	is "$name: delete" "$code" 200
	apply
	is "$name: nobody was cut off" "$(outages) $(state_of .first_outage)" "0 null"
	is "$name: each once, three times applied" "$(state_of '.acts | [.generate, .activate, .regenerate, .delete, .apply] | join(" ")')" "1 1 1 1 3"
	is "$name: all is applied" "$(state_of '[.products[].all_applied] | unique | join(" ")')" true
	is "$name: one CA is left" "$(state_of '.cas | map("\(.guid == "'"$new"'") \(.active)") | join(", ")')" "true true"
}
rotation "without checks" 1.10.0
rotation "no lists, NATS CA" 2.5-build.152
rotation "with checks" 2.10.40-build.1
get $api/deployed/certificates
is "rows of CredHub hide issuer and begin" "$(said '[.certificates[] | select(.location == "credhub") | .issuer, .valid_from] | unique | tostring')" "[null]"
is "the row of the old root CA went, that of the new one came" "$(said '[.certificates[] | select(.property_reference // "" | startswith(".properties.root_ca")).property_reference] | tostring')" \
	"[\".properties.root_ca.$(state_of '.cas[0].guid')\"]"
is "left alone: Services TLS CA's leaf, a tile's own, SAML" "$(state_of '[.leafs[] | select(.regenerates | not) | .name] | sort | join(" ")')" \
	".properties.saml_service_provider_cert /p-bosh/service-instance_1/pxc_server /p-mysql/leaf"
is "their dates stay" "$(state_of '[.leafs[] | select(.regenerates | not).valid_until[:4]] | unique | length')$(state_of '[.leafs[] | select(.regenerates).valid_until[:4]] | unique | length > 1')" "1true"

# --- the wrong order --------------------------------------------------------------------
foundation 2.5-build.152
post $cas/generate
new=$(new_ca)
post "$cas/$new/activate" '{}'
is "2.5: activated before Apply 1" "$code" 200
post $cas/active/regenerate
apply
like "2.5: cuts VMs off" "$(outages)" '^[1-9]'
like "2.5: and says whom" "$(state_of .first_outage)" "^VM [0-9]+ of [a-z0-9-]+ meets a leaf of $new"
foundation 2.5-build.152
post $cas/generate
new=$(new_ca)
apply
post "$cas/$new/activate" '{}'
call DELETE "$cas/$old"
is "2.5: deleted before regenerate" "$code $(outages)" "200 0"
apply
like "2.5: cuts VMs off too" "$(outages)" '^[1-9]'
foundation 2.5-build.152
post $cas/generate
post $cas/generate
get $cas
is "2.5: generated twice makes two" "$(said '.certificate_authorities | length')" 3
foundation 2.5-build.152
post $cas/generate
new=$(new_ca)
apply "{\"deploy_products\":[\"$bosh\"],\"ignore_warnings\":false}"
is "a selective Apply leaves the others behind" "$(state_of '.cas[1].trusted_by_all, .installations[0].all_products' | tr '\n' ' ')" "false false "
get $api/installations
is "which its row tells" "$(said '.installations[0] | [.updates, .unchanged] | map(map("\(.identifier) \(.deployment_status)") | join(" ")) | join(", ")')" "p-bosh successful, cf skipped"
get $api/deployed/products
is "which shows as stale" "$(said '[.[] | select(.stale) | .guid] | join(" ")')" $cf
post "$cas/$new/activate" '{}'
post $cas/active/regenerate
apply
like "and breaks them later" "$(outages)" '^[1-9]'

# --- the checks of 2.8 and later ---------------------------------------------------------
violation() { is "$1" "$code $(said '.safety_violations[0].violation')" "422 $2"; }
foundation 2.10.40-build.1
is "2.10: nothing to regenerate for" "$(state_of '.cas | length')" 1
post $cas/generate '{}'
new=$(new_ca)
is "2.10: what generate did with CredHub's CAs" "$(said '[.certificates.generated[0].variable_path, .certificates.excluded[0].variable_path] | join(" ")')" "/opsmgr/bosh_dns/tls_ca /services/tls_ca"
post $cas/generate
violation "2.10: generate twice" "certificate authorities can not have a transitional version"
post "$cas/$new/activate" '{}'
violation "2.10: activate before Apply" "active child certificate version is not the latest non-transitional version or more than one active version exists"
is "2.10: spelled as that version does" "$(said '.safety_violations[0] | has("migitation")')" true
post $cas/active/regenerate
violation "2.10: regenerate before activate" "signing version has to be transitional if there is a transitional certificate authority"
call DELETE "$cas/$new"
violation "2.10: delete the new one" "transitional certificate authority is the latest version"
apply
post "$cas/$new/activate" '{}'
call DELETE "$cas/$old"
violation "2.10: delete before regenerate" "active child certificate version is signed by a certificate authority that is not the latest version"
post "$cas/$old/activate" '{}'
violation "2.10: back to the old one" "certificate authorities latest version is not transitional"
post $cas/active/regenerate
is "2.10: what was left out is told" "$(said '[.certificates.excluded[].reason] | length')" 3
call DELETE "$cas/$old"
violation "2.10: delete before Apply 2" "active certificate version is not the latest non transitional version"
apply
call DELETE "$cas/$old"
is "2.10: then delete" "$code $(said '.certificates | keys | join(" ")')" "200 excluded update_failed updated"
post $cas/generate
violation "2.10: the next one before Apply 3" "active child certificate version is not the latest non-transitional version or more than one active version exists"
is "2.10: nobody was cut off by any of that" "$(outages) $(state_of .skipped_safety_checks)" "0 0"
post "$cas/generate?skip_safety_check=true"
is "2.10: the checks can be skipped, which is counted" "$code $(state_of .skipped_safety_checks)" "200 1"
foundation 3.1.0 '"regenerate_again":"refused","safety":"checks"'
post $cas/active/regenerate
post $cas/active/regenerate
violation "by scenario: regenerate again" "active child certificate is signed by a certificate authority that is not the latest version"
is "3.1: spelled right" "$(said '.safety_violations[0] | has("mitigation")')" true
foundation 2.10.40-build.1 "$tkgi"
post $cas/generate
is "TKGI: done with a warning" "$code $(said '.warnings | length') $(state_of '.cas | length')" "207 1 2"
post $cas/generate
is "TKGI: and no checks" "$code $(state_of '.cas | length')" "207 3"

# --- refusals and roles ---------------------------------------------------------------
foundation 2.10.40-build.1 '"activate_again":"refused","warnings":{"regenerate":["one","two"]},"excluded":[".properties.director_ssl"],"failed":[".properties.uaa_ssl"]'
seen=$(control log | jq length)
post $cas/0123456789abcdef0123/activate '{}'
refused "an id that is not there" 404 'Certificate with specified guid not found'
post $cas//activate '{}'
is "no id at all" "$code" 404
call DELETE $cas/0123456789abcdef0123
refused "delete one that is not there" 404 'Certificate with specified guid not found'
call DELETE $cas/$old
refused "delete the active one" 422 'Active certificates cannot be deleted'
post $cas/$old/activate '{}'
refused "activate the active one, by scenario" 422 already
call DELETE $cas/$old/more
is "a path too long: no body" "$code $(wc -c < "$T/body")" "404 0"
get $cas/$old
is "there is no such call: no body" "$code $(wc -c < "$T/body")" "404 0"
post $cas/generate '[]'
refused "a body that is none" 400 JSON
monitor=$(log_in monitor)
for path in "POST $cas/generate" "POST $cas" "POST $cas/active/regenerate" "POST $cas/$old/activate" "DELETE $cas/$old" \
	"POST $api/installations" "PUT $api/staged/director/properties"; do
	as "$monitor" "${path% *}" "${path#* }" '{}'
	is "who may only look: $path" "$code $(said '.errors.base | length')" "403 1"
done
as nonsense POST $cas/generate ''
refused "no token" 401 'CF::UAA::InvalidToken'
is "nothing was changed by all that" "$(state_of .changes) $(control "log?since=$seen" | jq 'map(.changed) | unique | tostring')" '0 "[false]"'
post $cas/active/regenerate
is "207: done, with warnings and lists" "$code $(said '[.warnings | join(" ")] + [.certificates.regenerate_failed[].property_reference] + [.certificates.excluded[] | select(.location == "ops_manager").property_reference] | join(" ")')" \
	"207 one two .properties.uaa_ssl .properties.director_ssl .properties.saml_service_provider_cert"
apply
is "what failed has its old leaf" "$(state_of '[.leafs[] | select(.product != "'$bosh'") | .valid_until > "2027-06"] | join(" ")')" false

# --- an own CA ----------------------------------------------------------------------------
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/own.key" -out "$T/own.crt" -subj /O=Example/CN=own -days 900 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/ec.key" -out "$T/ec.crt" -subj /CN=ec -days 900 2>/dev/null
own() { jq -n --rawfile c "$T/$1" --rawfile k "$T/$2" '{cert_pem:$c,private_key_pem:$k}'; }
foundation 2.5-build.152
post $cas "$(own own.crt ec.key)"
refused "certificate and key of two" 422 RSA
post $cas "$(own ec.crt ec.key)"
refused "a key that is not RSA" 422 RSA
post $cas "$(own own.crt own.crt)"
refused "no key" 422 'Private key is not'
post $cas '{}'
refused "nothing" 422 'Certificate is not'
post $cas "$(own own.crt own.key)"
new=$(new_ca)
is "an own CA" "$code $(said '[.active, .issuer] | join(" ")')" "200 false /O=Example/CN=own"
apply
post "$cas/$new/activate" '{}'
post $cas/active/regenerate
apply
is "signs the leafs" "$(state_of '[.leafs[] | select(.regenerates and (.name | startswith("."))).signer] | unique | join(" ")')" "$new"
foundation 2.5-build.152 '"own_created_on":"not-before","create_answer":"wrapped"'
post $cas "$(own own.crt own.key)"
is "wrapped, and said to be active" "$code $(said '.certificate_authorities[0].active') $(state_of '.cas[1].active')" "200 true false"

# --- installations -------------------------------------------------------------------------
foundation 2.10.40-build.1 '"apply_results":["failed","succeeded"],"apply_fails_at":70'
get $api/installations
is "one before our time" "$(said '.installations | map("\(.id) \(.status)") | join(" ")')" "1 succeeded"
post $cas/generate
new=$(new_ca)
post $api/installations '{"deploy_products":"all","ignore_warnings":"true"}'
is "POST: the id" "$code $(said .install.id)" "200 2"
post $api/installations '{}'
refused "a second one" 422 'already running'
post $cas/generate
refused "a CA call meanwhile" 422 'while an installation is running'
hours 2
get $api/installations
is "after half of it" "$(said '.installations[0] | [.id, .status, .user_name, .finished_at] | tostring')" '[2,"running","writer",null]'
is "product by product" "$(said '[.installations[0].updates[].deployment_status] | join(" ")')" "successful running"
is "VM by VM" "$(state_of '[.vms[].trusts | length] | join(" ")')" "2 2 1"
get $api/installations/2
is "its status" "$(said .status)" running
get $api/installations/2/logs
like "its log" "$(said .logs)" 'Running "bosh -d p-bosh-0123456789abcdef deploy"'
get $api/installations/current_log
unlike "no end of the stream" "$body" 'event:exit'
hours 1
get $api/installations/2
is "it fails as planned" "$(said .status)" failed
get $api/installations/current_log
like "the stream ends" "$body" '"code":1'
get $api/installations/99
is "an unknown id" "$code" 404
apply
is "the next one succeeds" "$apply_id $(state_of '.installations[0].status') $(state_of '.cas[1].trusted_by_all')" "3 succeeded true"
post $api/installations '{"deploy_products":["cf-unknown"]}'
refused "a product that is not there" 422 'not found'
post $api/installations '{"deploy_products":"some"}'
refused "no such word" 422 'deploy_products'
post $api/installations '{"errands":{"'$cf'":{"run_post_deploy":{"none":true}}}}'
refused "an errand that is not there" 422 errand
foundation 2.10.40-build.1 '"second_apply":409,"verifiers":[{"type":"V","ignorable":true,"errors":["no"]}]'
post $api/installations '{"ignore_warnings":false}'
is "a verifier holds it up" "$code $(said '.deployment_errors.products[0].verifiers[0].type')" "422 V"
post $api/installations '{"ignore_warnings":"true"}'
is "unless it is ignored" "$code" 200
post $api/installations '{}'
is "a second one: 409 by scenario" "$code" 409

# --- other people -----------------------------------------------------------------------
foundation 2.10.40-build.1 '"others_run":{"user":"alice","apply_s":7200},"product_changes":[{"guid":"'$cf'","action":"update","staged":{}}],
	"installations":[{"id":7,"status":"succeeded","started_s_ago":7200,"finished_s_ago":3600},{"id":6,"status":"running","started_at":"2017-05-24T23:38:37.316Z","finished_at":null}]'
get $api/installations
is "somebody's run, an old one, one that never ended" "$(said '.installations | map("\(.id) \(.status) \(.user_name)") | join(", ")')" \
	"8 running alice, 7 succeeded null, 6 running null"
get $api/staged/pending_changes
is "somebody's change" "$(said '.product_changes[0].action')" update
hours 3
get $api/staged/pending_changes
is "is deployed by that" "$(said '.product_changes[0].action') $(state_of .foreign_changes_deployed)" "unchanged 1"
event '{"do":"stage","value":[{"guid":"'$cf'","action":"delete"}]}'
get $api/staged/pending_changes
is "another one" "$(said '.product_changes[0].action')" delete
event '{"do":"apply","value":{"user":"bob","products":"none","apply_s":60}}'
is "and another run" "$(state_of '.installations[0] | "\(.user) \(.all_products)"')" "bob false"
foundation 2.10.40-build.1 '"ca_changes_pending":true,"run_lists":"unchanged"'
get $api/staged/pending_changes
is "nothing is pending" "$(said '[.product_changes[].action] | unique | join(" ")')" unchanged
post $cas/generate
get $api/staged/pending_changes
is "CA changes are, by scenario" "$(said '[.product_changes[].action] | unique | join(" ")')" update
apply
get $api/installations
is "a run that calls them unchanged, by scenario" "$(said '.installations[0] | "\(.updates | length) \([.unchanged[].deployment_status] | unique | join(" "))"')" "0 successful"

# --- in the middle of it, and the newer one first in the list -------------------------------------
young='{"guid":"aa11bb22cc33dd44ee55","cn":"Pivotal","ca":true,"days_left":1450,"created_days_ago":1,"active":false'
old_now="${root%\}},\"active\":true,\"created_days_ago\":1400}"
middle() { world "{\"version\":\"2.10.40\",$clients,$listener,\"apply_s\":3600,\"cas\":[$1],\"certificates\":[$rows]}"; }
middle "$young,\"applied\":false},$old_now"
is "generated, not applied" "$(state_of '[.cas[].trusted_by_all] | join(" ")') $(state_of .signer)" "false true $old"
post $cas/aa11bb22cc33dd44ee55/activate '{}'
violation "cannot be activated" "active child certificate version is not the latest non-transitional version or more than one active version exists"
middle "$young},$old_now"
post $cas/aa11bb22cc33dd44ee55/activate '{}'
is "generated and applied: can" "$code" 200
call DELETE $cas/$old
violation "the leafs are the old one's" "active child certificate version is signed by a certificate authority that is not the latest version"
middle "${young/false/true},\"signs\":true},${old_now/\"active\":true/\"active\":false}"
is "by scenario the new one signs already" "$(state_of .signer)" aa11bb22cc33dd44ee55

# --- recreation and errands ------------------------------------------------------------------
foundation 2.10.40-build.1 '"vms_need_recreate":true,"safety":"none"'
post $cas/generate
apply
is "old stemcells take nothing without a recreation" "$(state_of '.cas[1].trusted_by_all')" false
call PUT $api/staged/director/properties '{"director_configuration":{"bosh_recreate_on_next_deploy":true,"bosh_director_recreate_on_next_deploy":true}}'
get $api/staged/director/properties
is "the box" "$code $(said '.director_configuration | "\(.bosh_recreate_on_next_deploy) \(.bosh_director_recreate_on_next_deploy)"')" "200 true true"
apply
get $api/staged/director/properties
is "works once" "$(state_of '.cas[1].trusted_by_all, .installations[0].recreate' | tr '\n' ' ')$(said .director_configuration.bosh_recreate_on_next_deploy)" "true true false"
call PUT $api/staged/director/properties '{"director_configuration":{"nonsense":1}}'
is "no such property" "$code" 422
services='"products":[{"guid":"'$bosh'","type":"p-bosh"},{"guid":"'$cf'","type":"cf","sim":{"vms":1,"service_instances":2}}]'
foundation 2.10.40-build.1 "$services"
post $cas/generate
apply '{"deploy_products":"all","errands":{"'$cf'":{"run_post_deploy":{"upgrade-all-service-instances":false}}}}'
is "service instances wait for their errand" "$(state_of '[.vms[].trusts | length] | join(" ")')" "2 2 1 1"
apply '{"deploy_products":"all","errands":{"'$cf'":{"run_post_deploy":{"upgrade-all-service-instances":"default"}}}}'
is "and then come too" "$(state_of '[.vms[].trusts | length] | join(" ")')" "2 2 2 2"
get $api/deployed/products
is "what is the simulator's is not sent" "$(said '[.[] | has("sim")] | unique | join(" ")')" false

# --- a configurable leaf, an exclusion too few, an expired CA ------------------------------------
foundation 2.5-build.152 '' "$rows,$(row .properties.poe_ssl $cf root ',"configurable":true')"
post $cas/generate
new=$(new_ca)
apply
post "$cas/$new/activate" '{}'
post $cas/active/regenerate
apply
is "a configurable leaf stays as it is" "$(state_of '.leafs[] | select(.name == ".properties.poe_ssl").signer') $(outages)" "$old 0"
call DELETE $cas/$old
apply
like "and breaks when its CA goes" "$(outages)" '^[1-9]'
foundation 2.10.40-build.1
post $cas/generate '{"exclude_from_rotation":{"certificate_authorities":["/other"]}}'
apply
is "a list without the Services TLS CA breaks services" "$(state_of .first_outage)" "the Services TLS CA was rotated with the others"
world "{\"version\":\"2.10.40\",$clients,\"cas\":[{\"guid\":\"$old\",\"name\":\"root\",\"cn\":\"x\",\"ca\":true,\"days_left\":-1,\"valid_days\":900}],\"certificates\":[$rows]}"
get $api/deployed/certificates
is "an expired CA: an empty list" "$(said '.certificates | length')" 0
apply
get "$api/installations/$apply_id/logs"
like "and an Apply fails" "$(state_of '.installations[0].status') $body" 'failed .*x509: certificate has expired'

# --- what comes between ------------------------------------------------------------------------
foundation 2.10.40-build.1 '"token_lifetime_s":3600,"starting_s":0,"version_after_s":7200,"version_then":"2.10.41-build.2"'
post $cas/generate
post $api/installations '{}'
hours 1
get $api/installations
refused "a token ends in mid-run" 401 'InvalidToken'
token=$(log_in writer)
event '{"do":"lock","value":{"boot_s":60}}'
get $api/installations
is "restarted" "$code" 502
hours 1
get $api/installations
is "then locked" "$code $(curl -sS -k -o /dev/null -w '%{http_code}' -d grant_type=password "$om_url/uaa/oauth/token")" "302 404"
call PUT $api/unlock '{"passphrase":"simulator-passphrase"}'
token=$(log_in writer)
get $api/installations/2
is "unlocked: the run has gone on" "$code $(said .status)" "200 running"
get $api/info
is "the version has changed" "$(said .info.version)" 2.10.41-build.2
event '{"do":"lock","value":{"run":"stale"}}'
call PUT $api/unlock '{"passphrase":"simulator-passphrase"}'
hours 9
token=$(log_in writer)
get $api/installations/2
is "by choice it says running for ever" "$(said .status) $(state_of .busy)" "running false"
apply
is "and holds nobody up" "$apply_id" 3
faults '[{"match":"POST '$cas'/active/regenerate","do":"lock"}]'
post $cas/active/regenerate
is "a fault locks it as well" "$code $(state_of '"\(.phase) \(.acts.regenerate)"')" "302 locked 0"
foundation 2.10.40-build.1
faults '[{"match":"POST '$cas'/generate","do":"lose"},{"match":"POST '$api'/installations","do":"reset"},{"match":"GET '$cas'","do":"end-tokens"}]'
post $cas/generate
is "an answer that is lost: the CA is there" "$left $(state_of '.cas | length')" "52 2"
post $api/installations '{}'
is "one that is cut off: the run is there" "$([ $left != 0 ] && echo cut) $(state_of '.installations | length')" "cut 1"
is "the log has both" "$(control log | jq -r '[.[] | select(.changed).target] | .[-2:] | join(" ")')" "$cas/generate $api/installations"
get $cas
is "no token holds any more" "$code" 401
foundation 2.10.40-build.1 '"starting_s":0,"restart_run":"failed"'
faults '[{"match":"POST '$cas'/generate","do":"status","value":401},{"match":"POST '$api'/installations","do":"restart","value":50}]'
post $cas/generate
refused "a token that is refused in between" 401 'InvalidToken'
post $api/installations '{}'
is "nothing was done; the listener went away with the next call" "$code $(wait_for 5 control state && state_of '"\(.acts.generate) \(.acts.apply)"')" "200 0 1"
event '{"do":"lock"}'
call PUT $api/unlock '{"passphrase":"wrong"}'
is "the wrong passphrase" "$code $(state_of .phase)" "403 locked"
call PUT $api/unlock '{"passphrase":"simulator-passphrase"}'
get $api/installations/2
is "a restart ends the run, by scenario" "$code $(said .status)" "200 failed"
get $api/installations/2/logs
like "and its log says so" "$(said .logs)" 'Error: Ops Manager was restarted'
foundation 2.10.40-build.1 '"ca_changes_during_apply":"lost"'
post $api/installations '{}'
post $cas/active/regenerate
is "a change during a run, by scenario" "$code $(state_of '[.leafs[] | select(.staged)] | length > 0')" "200 true"
hours 5
is "is lost at its end" "$(state_of '[.leafs[] | select(.staged)] | length')" 0
foundation 2.10.40-build.1 '"rows_change":"regenerate"'
get $api/deployed/certificates
before=$(said '.certificates[] | select(.property_reference == ".properties.uaa_ssl").valid_until')
post $cas/active/regenerate
get $api/deployed/certificates
unlike "the list shows new leafs at once, by scenario" "$(said '.certificates[] | select(.property_reference == ".properties.uaa_ssl").valid_until')" "$before"
foundation 3.0.20 '"credhub_needs_latest":true'
before=$(until_of /opsmgr/bosh_dns/health_tls)
post $cas/active/regenerate
apply
is "3.0: CredHub's leafs stay without force_latest_variables" "$(until_of /opsmgr/bosh_dns/health_tls)" "$before"
apply '{"deploy_products":"all","force_latest_variables":true}'
unlike "3.0: and come with it" "$(until_of /opsmgr/bosh_dns/health_tls)" "$before"

# --- calls at the same time ----------------------------------------------------------------
foundation 2.10.40-build.1 '"parallel":"lost"'
faults '[{"match":"GET '$cas'","do":"delay","value":1500}]'
curl -sS -k -H "Authorization: Bearer $token" -o /dev/null "$om_url$cas" &
slow=$!
under_way() { [ "$(state_of .in_flight)" -gt 0 ]; }
wait_for 5 under_way
post $cas/generate
is "a call that met another is lost without a word" "$code $body $(state_of '"\(.lost_calls) \(.acts.generate)"')" "200 {} 1 0"
wait $slow
like "and counted" "$(state_of .overlaps)" '^[1-9]'

# --- in real time --------------------------------------------------------------------------
world "{\"version\":\"2.10.40\",$clients,\"apply_ms\":200,\"cas\":[$root],\"certificates\":[$rows]}"
post $api/installations '{}'
has_ended() { [ "$(state_of '.installations[0].status')" = succeeded ]; }
ok "a short one ends by itself" wait_for 5 has_ended

# --- scenarios ------------------------------------------------------------------------------
for wrong in '"products":[]' '"version_after_s":5,"version_then":"x"' '"apply_results":["perhaps"]' '"second_apply":500' '"safety":"some"' '"others_run":{"products":["x"]}' '"version_after_s":5' '"apply_s":-7'; do
	like "refused: $wrong" "$(control scenario "{\"cas\":[$root],$wrong}")" '"error"'
done
for file in "$top"/tests/sim/scenarios/opsman-*.json; do
	like "${file##*/}" "$(control scenario "$(cat "$file")")" '"entered":true'
	control state > "$T/state"
	is "${file##*/}: well" "$(jq -r '"\(.outages) \(.vms | length > 0)"' "$T/state")" "0 true"
done
