# shellcheck shell=bash disable=SC2016,SC2119,SC2120 # without arguments: as it is by default
# opsman.sh - what the tests of remediate_certs against opsman_sim share.  Source it after lib.sh.
#
#   om_start                     opsman_sim, accounts that may read and write, a state directory
#   om_world [JSON]              the foundation as it is before a rotation (a root CA that ends soon, a
#                                Director and a tile with their leafs), with keys besides or instead;
#                                the state directory and the simulator's log begin anew
#   om_conf KEY=VALUE...         $conf: [opsman tas] and [remediate tas] in mode auto, with these keys
#                                besides or instead (KEY= takes a default away)
#   handle ARG...                run remediate_certs; sets $said, $line (the first one) and $code
#   work [ARG...]                handle run --target tas
#   sees FILTER                  jq over what the simulator believes
#   event JSON                   something happens there: {"do": ..., "value": ...}
#   faults JSON                  its faults from now on
#   changes                      what changed something: "generate apply activate ..." in order
#   as_person METHOD PATH [BODY] a call of somebody else; sets $body and $code
#   settled                      nothing is being applied
#   applied                      Apply Changes by somebody else, and its end
#   is_rotated NAME              the foundation is as it has to be after a rotation
#   run_state, run_message       of the youngest run, as published
REMEDIATE_CERTS=${REMEDIATE_CERTS:-$builddir/remediate_certs}
need jq curl

om_cas=/api/v0/certificate_authorities
om_old=f7bc18f34f2a7a9403c3
declare -A om_keys=()

om_control() { curl -sS --fail --noproxy '*' -k ${2+-d "$2"} "$om_url/_sim/$1"; }
sees() { om_control state | jq -r "$1"; }
event() { om_control event "$1" > "$T/posted" || note "event: $1"; }
faults() { om_control faults "$1" > "$T/posted" || note "faults: $1"; }

om_row() { printf '{"row":{"property_reference":"%s","property_type":"rsa_cert_credentials","product_guid":"%s"%s},"certificate":{"cn":"leaf","issuer":"root","days_left":20}}' "$1" "$2" "${3-}"; }
om_rows=$(om_row .properties.director_ssl p-bosh-0123456789abcdef),$(om_row .properties.uaa_ssl cf-0123456789abcdef)
om_foundation() {
	jq -nc "{version: \"2.10.40-build.1\", apply_ms: 60, clients: [
		{name: \"writer\", scopes: \"opsman.full_control\"}, {name: \"monitor\", scopes: \"opsman.restricted_view\"}],
		cas: [{guid: \"$om_old\", name: \"root\", cn: \"opsmgr-root-ca\", o: \"VMware\", ca: true, active: true,
			issuer_text: \"VMware\", days_left: 20, valid_days: 1460, created_days_ago: 1440,
			nats: {cn: \"default.nats-ca.bosh-internal\", ca: true, days_left: 20}}],
		certificates: [$om_rows]} + {${1-}}"
}

om_start() {
	om_foundation > "$T/om.scenario"
	sim_start om opsman_sim --scenario "$T/om.scenario"
	credentials "$T/tas.cred" client_id=monitor client_secret=simulator-only
	credentials "$T/tas.admin" client_id=writer client_secret=simulator-only
	mkdir -p "$T/state"
	om_conf
}
om_world() {
	om_control scenario "$(om_foundation "$@")" > "$T/posted" || note "scenario: $(cat "$T/posted")"
	om_seen=$(om_control log | jq length)
	rm -rf "$T/state"
	mkdir "$T/state"
}

om_conf() {
	local pair key
	om_keys=([mode]=auto [worker_host]=$(hostname) [procedures]="opsman-ca-rotation opsman-regenerate"
		[credentials]=$T/tas.admin [poll_interval]=0s [cool_down]=0s [max_per_day]=100 [start]=none
		[recreate_vms]=no [leafs_handled]=no [rotation_needs]=1d)
	for pair in "$@"; do
		om_keys[${pair%%=*}]=${pair#*=}
	done
	{
		printf '[opsman tas]\nurl = %s\ncredentials = %s\nca_file = %s\n' "$om_url" "$T/tas.cred" "$om_ca"
		printf '[remediate tas]\n'
		for key in "${!om_keys[@]}"; do
			[ -z "${om_keys[$key]}" ] || printf '%s = %s\n' "$key" "${om_keys[$key]}"
		done
	} > "$T/tas.conf"
	conf=$T/tas.conf
}

handle() {
	said=$("$REMEDIATE_CERTS" "$1" -f "$conf" --state-dir "$T/state" "${@:2}" 2> "$T/handler.stderr")
	code=$?
	line=${said%%$'\n'*}
}
work() { handle run --target tas "$@"; }
facts() { jq -r "$1" "$T/state/public/tas.json" 2> "$T/facts.stderr"; }
run_state() { facts .run.state; }
run_message() { facts .run.message; }

# The name of a change, by its call.
changes() {
	om_control "log?since=$om_seen" | jq -r '[.[] | select(.changed and (.target | startswith("/api/")) and (.target | endswith("/unlock") | not)) |
		if .method == "DELETE" then "delete" elif .method == "PUT" then "recreate"
		elif .target | test("/installations") then "apply" elif .target == "/api/v0/certificate_authorities" then "create"
		else .target | sub(".*/"; "") end] | join(" ")'
}
all_changes="generate apply activate regenerate apply delete apply"

om_token() {
	curl -sS --noproxy '*' -k -u "writer:simulator-only" -d grant_type=client_credentials "$om_url/uaa/oauth/token" |
		jq -r .access_token
}
as_person() {
	code=$(curl -sS --noproxy '*' -k -X "$1" -H "Authorization: Bearer $(om_token)" -H 'Content-Type: application/json' \
		${3+--data-binary "$3"} -o "$T/body" -w '%{http_code}' "$om_url$2" 2> "$T/curl.stderr")
	body=$(cat "$T/body")
}
settled() { [ "$(sees .busy)" = false ]; }
applied() {
	as_person POST /api/v0/installations '{"deploy_products":"all","ignore_warnings":"false","errands":{}}'
	wait_for 10 settled
}
the_new() { sees "[.cas[] | select(.guid != \"$om_old\") | .guid] | join(\" \")"; }

# One CA, and not the old one; everything trusts it; every leaf is of it; nobody was cut off; no two
# calls at once.
om_end() {   # FILTER, which knows $old and $new
	om_control state | jq -r --arg old "$om_old" "([.cas[] | select(.guid != \$old) | .guid][0]) as \$new | $1"
}
one_ca='([.cas[] | [.guid == $new, .active, .trusted_by_all]] | . == [[true, true, true]])'
all_leafs='([.leafs[].signer] | unique == [$new])'
all_applied='([.products[].all_applied] | all)'
unharmed='"\(.outages) \(.overlaps)"'
is_rotated() {
	is "$1: one CA is left, active, new, trusted by all" "$(om_end "$one_ca")" true
	is "$1: every leaf is of it" "$(om_end "$all_leafs")" true
	is "$1: everything is applied" "$(om_end "$all_applied")" true
	is "$1: nobody was cut off, and no calls overlapped" "$(om_end "$unharmed")" "0 0"
}
# The same in one word, for sweeps.
rotated() { [ "$(om_end "$one_ca and $all_leafs and $all_applied and $unharmed == \"0 0\"")" = true ]; }
