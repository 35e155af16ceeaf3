#!/bin/bash
# Goal of this test: what check_certs says of a CA rotation that it only watches: one that was begun and
# left, either way, one that is under way, and a CA that ends before a rotation would be over.
. "$(dirname "$0")/lib.sh"
need jq curl

scenario=$top/tests/sim/scenarios/opsman-expiring.json
old=f7bc18f34f2a7a9403c3 new=aa11bb22cc33dd44ee55
credentials "$T/login" client_id=monitor client_secret=simulator-only
sim_start om opsman_sim
config() {
	cat > "$T/conf" <<-E
	[opsman om]
	url = $om_url
	credentials = $T/login
	ca_file = $om_ca
	[remediate om]
	$1
	E
}
# om CHANGE: the simulator becomes the scenario with that change; poll it.
om() {
	jq "$1" "$scenario" > "$T/scenario.json"
	sim_post "$om_url" "$om_ca" /_sim/scenario "$(cat "$T/scenario.json")" > "$T/entered" || note "refused: $1"
	again
}
again() { check -f "$T/conf" --state-dir "$T/none" -o json; }
q() { jq -c "$1" <<< "$out"; }
# found ID: the CAs with that finding, by their guids, and the states of their findings.
found() { q "[.certificates[] | . as \$c | .findings[] | select(.id == \"$1\") | [\$c.sightings[0].id, .state]] | unique"; }

config "mode = plan"
# --- left, either way ---
om .
is "a newer CA that was never activated" "$(found rotation-unfinished)" "[[\"$new\",\"WARNING\"]]"
om '.cas[0].active = false | .cas[0].created_days_ago = 900 | .cas[1].active = true'
is "an old CA that was never deleted" "$(found rotation-unfinished)" "[[\"$old\",\"WARNING\"]]"
om '.cas[1].created_days_ago = 3'
is "one of three days is under way" "$(found rotation-unfinished)" "[]"
config "rotation_stale = 2d"
again
is "rotation_stale says when it was left" "$(found rotation-unfinished)" "[[\"$new\",\"WARNING\"]]"

# --- too late ---
config "mode = plan"
om .
is "twelve days are enough" "$(found deadline-passed)" "[]"
om '.cas[0].days_left = 6 | .cas[0].nats.days_left = 6'
is "six days are not" "$(found deadline-passed)" "[[\"$old\",\"CRITICAL\"]]"
like "it is said why" "$(q '[.certificates[].findings[] | select(.id == "deadline-passed")][0].message')" 'needs up to 7d.*KB 298006'
om '.cas[0].days_left = 300 | .cas[0].nats.days_left = 6'
is "the NATS CA alone is enough for that" "$(q '[.certificates[] | select(any(.findings[]; .id == "deadline-passed"))] | length')" 1
config "rotation_needs = 5d"
om '.cas[0].days_left = 6 | .cas[0].nats.days_left = 6'
is "rotation_needs says what is too late" "$(found deadline-passed)" "[]"
om '.cas[0].active = false | .cas[0].created_days_ago = 900 | .cas[0].days_left = 2 | .cas[0].nats.days_left = 2 | .cas[1].active = true'
is "an old CA may end" "$(found deadline-passed)" "[]"
