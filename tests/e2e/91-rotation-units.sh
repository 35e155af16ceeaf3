#!/bin/bash
# Goal of this test: a rotation waits where it may, and nowhere else.  Between units it waits for the window
# and for an approval of its own, and says so; in the middle of a unit no window stops it.  An Apply that
# fails is a person's, and a word tries that step again and no other; somebody's pending changes block and
# are named; somebody's running Apply is waited for.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"

# passes N: so many passes of a worker that does not stay, each once what was begun has ended.
passes() {
	local i
	for ((i = 0; i < $1; i++)); do
		work --once
		wait_for 10 settled
	done
}
status_says() { handle status --target tas; like "$1" "$line" "$2"; }
# window MINUTES: one that has been open for long and closes then; or, below zero, was closed then.
window() { printf '%s-%s' "$(date -u -d "-6 hours" +%H:%M)" "$(date -u -d "$1 minutes" +%H:%M)"; }
approve() { handle approve "$(facts .run.id)" --plan "$(facts .run.plan_hash)"; }

om_start

# --- the window ---
om_world 'apply_ms:900'
om_conf "window=$(window -2)"
work --once
is "a closed window: nothing is begun" "$(changes) $(run_state)" " held"
om_conf "window=$(window 30)"
work --once
is "open: the first unit is begun" "$(changes)" "generate apply"
om_conf "window=$(window -2)"
passes 4
is "it closes: the unit is finished, the next is not begun" "$(changes) $(run_state)" "generate apply held"
like "and until when is said" "$(run_message)" 'step 3 of [0-9]+, .*window.* is closed until [0-9]{4}-'
status_says "status is WARNING with it" '^REMEDIATION WARNING - .*closed until'
is "nothing is half done" "$(sees '"\([.products[].all_applied] | unique | join(" ")) \(.outages)"')" "true 0"
om_conf "window=$(window 30)"
work --once
is "open again: the second unit is begun" "$(changes)" "generate apply activate regenerate apply"
om_conf "window=$(window -2)"
passes 4
is "which is finished too" "$(changes) $(run_state)" "generate apply activate regenerate apply held"
om_conf
work
is "without a window it goes through" "$code $(changes)" "0 $all_changes"
is_rotated "windows"

# --- approval ---
om_world
om_conf mode=approve approval=unit "approvers=$(id -gn)"
work
is "approve: nothing before a word" "$(changes) $(run_state)" " awaiting-approval"
n_units=0
for wanted in "generate apply" "generate apply activate regenerate apply" "$all_changes"; do
	n_units=$((n_units + 1))
	sleep 1.1   # said in a later second than the one in which the unit before ended
	approve
	is "unit $n_units: the word is taken" "$code" 0
	work
	is "unit $n_units: as far as it was approved" "$(changes)" "$wanted"
	if [ $n_units -lt 3 ]; then
		is "unit $n_units: it waits for the next word" "$code $(run_state)" "1 awaiting-approval"
		status_says "unit $n_units: status says how to say it" 'approve [0-9]+ --plan [0-9a-f]{64}'
	fi
done
is_rotated "approval"
om_world
om_conf mode=approve approval=run "approvers=$(id -gn)"
work
approve
work
is "one approval for the whole run" "$code $(changes)" "0 $all_changes"

# --- an Apply that fails ---
om_world 'apply_results:["succeeded","failed","succeeded","succeeded"]'
om_conf
work
is "failed: the run is blocked" "$code $(run_state)" "1 blocked"
like "failed: with the step and the installation" "$(run_message)" 'step [0-9]+ of [0-9]+, .*installation [0-9]+'
is "failed: nothing after it" "$(changes)" "generate apply activate regenerate apply"
work
is "failed: it is not tried again by itself" "$(changes)" "generate apply activate regenerate apply"
status_says "failed: status is CRITICAL" '^REMEDIATION CRITICAL'
handle retry "$(facts .run.id)"
work
is "retry: that Apply once more, and on" "$code $(changes)" "0 generate apply activate regenerate apply apply delete apply"
is_rotated "retry"

# --- others ---
staged='[{"guid":"cf-0123456789abcdef","action":"update"}]'
om_world
om_conf
event "{\"do\":\"stage\",\"value\":$staged}"
work --once
is "pending changes: nothing is begun" "$(changes)" ""
like "pending changes: and they are named" "$(run_message)" 'update of cf-0123456789abcdef'
om_conf apply_pending=yes
work
is "apply_pending = yes: done" "$code" 0
is_rotated "apply_pending"

om_world 'apply_ms:900'
om_conf
work --once
wait_for 10 settled
event "{\"do\":\"stage\",\"value\":$staged}"
passes 4
is "pending changes between units: the next is not begun" "$(changes) $(run_state)" "generate apply held"
like "and they are named" "$(run_message)" 'update of cf-0123456789abcdef'
event '{"do":"stage","value":[]}'
work
is "they go: it goes on" "$code $(changes)" "0 $all_changes"

om_world
om_conf poll_interval=1s
event '{"do":"apply","value":{"user":"bob","apply_s":3}}'
work --once
is "somebody's Apply runs: nothing is begun" "$(changes | sed 's/^apply//')" ""
like "and whose it is" "$(run_message)" 'installation [0-9]+ of bob is running'
background "$REMEDIATE_CERTS" run --target tas -f "$conf" --state-dir "$T/state"
wait_for 10 settled
work
ok "it is waited for, and then all is done" wait_for 30 rotated
