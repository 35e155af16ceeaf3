#!/bin/bash
# Goal of this test: what the product says besides is read, kept and shown: warnings of a 207 (done), the
# lists of what failed and was excluded (not done: a person), safety violations of a 422, a 403; whatever
# stops does so before anything is broken, and names what the product named.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"

# stopped NAME CHANGES REGEX: it went so far, and says why in the history and in status.
stopped() {
	work
	is "$1: so far and no further" "$(changes)" "$2"
	handle history
	like "$1: in the history" "$said" "$3"
	handle status --target tas
	like "$1: status tells it" "$code $line" "^2 .*$3"
	is "$1: nobody was cut off" "$(sees .outages)" 0
}

om_start
om_world 'warnings:{"generate":["the tile example was skipped"],"delete":["one old version stays"]}'
om_conf
work
is "warnings: done all the same" "$code $(run_state) $(changes)" "0 done $all_changes"
is_rotated "warnings"
handle history
like "warnings: kept" "$said" 'the tile example was skipped'
like "warnings: each of them" "$said" 'one old version stays'

om_world 'failed:[".properties.uaa_ssl"]'
stopped "a leaf that could not be made" "generate apply activate regenerate" '\.properties\.uaa_ssl'
# Whether it comes late cannot be known: it is waited for, by name, and the old CA stays.
om_world 'excluded:[".properties.uaa_ssl"]'
background "$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" --target tas > "$T/run.out" 2>&1
names_it() { run_message | grep -F .properties.uaa_ssl; }
ok "a leaf that was left out: it is named" wait_for 20 names_it
kill $!
is "a leaf that was left out: the old CA stays" "$(changes)" "generate apply activate regenerate apply"
is "a leaf that was left out: nobody was cut off" "$(sees .outages)" 0

while IFS='|' read -r name call before status body words; do
	om_world
	faults "$(jq -nc --arg match "$call" --arg body "$body" --argjson status "$status" \
		'[{match: $match, times: 1, do: "status", value: {status: $status, body: $body}}]')"
	stopped "$name" "$before" "$words"
	faults '[]'
done <<-'END'
safety violations at activate|POST /api/v0/certificate_authorities/*/activate|generate apply|422|{"error":"unsafe","safety_violations":[{"violation":"active child certificate version is not the latest","certificate_names":["/cf/x"]}]}|active child certificate version is not the latest
safety violations at delete|DELETE /api/v0/certificate_authorities/*|generate apply activate regenerate apply|422|{"error":"unsafe","safety_violations":[{"violation":"transitional certificate authority is the latest version"}]}|transitional certificate authority
403 at generate|POST /api/v0/certificate_authorities/generate||403|{"errors":["Forbidden"]}|403|Forbidden
END
