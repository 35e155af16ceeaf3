#!/bin/bash
# Goal of this test: leafs that end soon under a CA that is still good are made again by the documented two
# calls, regenerate and Apply Changes; the CA stays, and check_certs says OK afterwards.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"

good_ca='cas:[{guid:"'$om_old'",name:"root",cn:"opsmgr-root-ca",o:"VMware",ca:true,active:true,issuer_text:"VMware",
	days_left:900,valid_days:1460,created_days_ago:560,nats:{cn:"default.nats-ca.bosh-internal",ca:true,days_left:900}}]'
look() { check -f "$conf" --state-dir "$T/none" -T tas; }
signers() { sees '[.leafs[].signer] | unique | join(" ")'; }

om_start
om_world "$good_ca"
look
like "check_certs says who mends it" "$out" 'remediate_certs: opsman-regenerate'
handle plan --target tas
is "plan" "$code" 0
is "the plan: one regenerate, one Apply" "$(grep -cE "POST $om_cas/active/regenerate" <<< "$said") $(grep -c 'POST /api/v0/installations' <<< "$said")" "1 1"
unlike "the plan: no CA is touched" "$said" '/generate|/activate|DELETE'
work
is "done by two calls" "$code $(changes)" "0 regenerate apply"
is "the CA is the same" "$(sees '[.cas[].guid] | join(" ")') $(signers) $(sees .outages)" "$om_old $om_old 0"
look
state "check_certs afterwards" OK

# --- the answer of each is lost ---
while IFS='|' read -r match again; do
	om_world "$good_ca"
	faults "[{\"match\":\"$match\",\"do\":\"lose\"}]"
	work
	# nothing shows a regenerate before its Apply: it is repeated, which makes the leafs once more
	like "$match lost: done" "$code $(changes)" "^0 regenerate $again"'apply$'
	faults '[]'
done <<-END
POST $om_cas/active/regenerate|(regenerate )?
POST /api/v0/installations|
END

# --- an Apply that fails, and a person's word ---
om_world "$good_ca,apply_results:[\"failed\",\"succeeded\"]"
work
is "a failed Apply: blocked" "$code $(run_state)" "1 blocked"
handle retry "$(facts .run.id)"
work
is "retried: done" "$code $(changes)" "0 regenerate apply apply"

# --- a person asks for it while all is well ---
om_world "${good_ca},certificates:[$(om_row .properties.director_ssl p-bosh-0123456789abcdef | sed 's/"days_left":20/"days_left":800/')]"
work
is "all is well: nothing is done" "$code $(changes)" "0 "
handle request --target tas --procedure opsman-regenerate --reason "compliance"
is "a request is a word" "$code" 0
work
is "and is done" "$code $(changes)" "0 regenerate apply"
