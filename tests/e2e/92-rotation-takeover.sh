#!/bin/bash
# Goal of this test: nothing depends on this tool having made the earlier steps.  Somebody else makes the first
# 1, 2 ... 6 of the seven steps of a rotation with curl, and remediate_certs, which has never been here, takes
# over: it does what is left, in order, and nothing twice.  The same when somebody goes on by hand while our
# run is held between two steps.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"

# What somebody does by hand takes its time: the lists tell seconds, and not ours.
second_is_over() { [ $((EPOCHSECONDS - began_at)) -ge 2 ]; }
second_passes() {
	began_at=$EPOCHSECONDS
	wait_for 4 second_is_over
}
by_hand() {   # STEP
	case $1 in
	generate) as_person POST $om_cas/generate '' ;;
	activate) as_person POST "$om_cas/$(the_new)/activate" '{}' ;;
	regenerate) as_person POST $om_cas/active/regenerate '' ;;
	delete) as_person DELETE "$om_cas/$om_old" ;;
	apply) applied ;;
	esac
	[ "${code:0:1}" = 2 ] || note "by hand: $1 gave $code: $body"
	second_passes
}

om_start
read -r -a steps <<< "$all_changes"
for ((k = 1; k < ${#steps[@]}; k++)); do
	done_before=${steps[*]:0:k}
	om_world
	om_conf
	for step in "${steps[@]:0:k}"; do
		by_hand "$step"
	done
	work
	case ${steps[k - 1]} in
	delete)
		# the list looks as it did before the rotation: an Apply that is owed is nobody's to guess
		is "after $done_before: nothing is generated again" "$(grep -c generate <<< "$(changes)") $(sees '.cas | length')" "1 1" ;;
	*)
		# nothing shows a regenerate before its Apply: it is repeated, which makes the leafs once more
		like "after $done_before: taken over" "$code $(changes)" "^0 ${all_changes/regenerate/regenerate( regenerate)?}\$"
		is_rotated "after $done_before" ;;
	esac
	is "after $done_before: nobody was cut off" "$(sees .outages)" 0
done

# --- in the middle of our own run ---
for ((k = 2; k < ${#steps[@]}; k++)); do
	om_world 'apply_ms:700'
	om_conf
	work --once   # generate and the first Apply are ours
	is "ours: begun" "$(changes)" "generate apply"
	wait_for 10 settled
	second_passes
	for step in "${steps[@]:2:k - 2}"; do
		by_hand "$step"
	done
	work
	is "ours until Apply 1, theirs until ${steps[k - 1]} ($k): done" "$code $(run_state)" "0 done"
	is_rotated "in the middle ($k)"
	# what our journal has no word of is done once more where nothing tells: leafs, and their Apply
	is "in the middle ($k): no CA is touched twice" "$(changes | tr ' ' '\n' | grep -E 'generate|activate|delete' | grep -v regenerate | tr '\n' ' ')" "generate activate delete "
done
