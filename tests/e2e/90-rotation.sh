#!/bin/bash
# Goal of this test: a root CA that ends soon is rotated in mode auto by exactly the documented calls, in
# their order, and nothing else is changed: generate, Apply Changes, activate, regenerate, Apply Changes,
# delete, Apply Changes.  No VM ever meets a leaf that it does not trust, no two calls meet, and
# check_certs says OK afterwards.  Without permission nothing is changed, and the plan names every call.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"

look() { check -f "$conf" --state-dir "$T/none" -T tas; }
trail() { handle history -o json; jq -r "$1" <<< "$said"; }

om_start
for version in 2.5-build.152 2.10.40-build.1 3.0.27-build.1; do
	om_world "version:\"$version\""
	om_conf
	look
	is "$version: check_certs says CRITICAL, and who mends it" "$code $(grep -c 'opsman-ca-rotation' <<< "$out" | sed 's/[1-9][0-9]*/some/')" "2 some"

	handle plan --target tas
	is "$version: plan" "$code" 0
	for call in "POST $om_cas/generate" "POST $om_cas/{new}/activate" "POST $om_cas/active/regenerate" "DELETE $om_cas/$om_old"; do
		like "$version: the plan names $call" "$said" "${call//[{\}]/.}"
	done
	is "$version: and three Apply Changes" "$(grep -c 'POST /api/v0/installations' <<< "$said")" 3
	is "$version: which changes nothing" "$(changes)" ""

	work
	is "$version: the run is done" "$code $(run_state)" "0 done"
	is "$version: by exactly these changes" "$(changes)" "$all_changes"
	is_rotated "$version"
	look
	state "$version: check_certs afterwards" OK
	work
	is "$version: and then there is nothing to do" "$code $(changes)" "0 $all_changes"
	is "$version: every step is in the trail" "$(trail '[.entries[] | select(.kind == "step" and (.text | startswith("verified")))] | length > 6')" true
	is "$version: with the installations" "$(trail '[.entries[] | select(.text | startswith("made: ")) | .text] | unique | length')" 3
done

# --- permission ---
while IFS='|' read -r name keys words; do
	om_world
	# shellcheck disable=SC2086 # one word a key
	om_conf $keys
	work --once
	is "$name: nothing is changed" "$(changes)" ""
	handle plan --target tas
	like "$name: and why" "$(run_message) $said" "$words"
done <<-END
mode plan|mode=plan|mode = plan
nothing allowed|procedures=|not among the procedures|nothing
another host|worker_host=elsewhere.example|elsewhere
no word on recreating VMs|recreate_vms=|recreate_vms
END
