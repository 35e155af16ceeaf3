#!/bin/bash
# Goal of this test: however many workers, events and words there are, one target sees one change: two
# workers at once, events that repeat, the kill switch between two calls, and approvals that do not count.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

pair() { cert old 3 "$1"; cert new 700 ''; }
applies() { changed sim | grep -c apply_certificate; }
acted() { [ "$(applies)" = 1 ]; }
event() { handle event --target sim --state CRITICAL --state-type HARD --attempt 3; }
two='nsx-01:API nsx-02:API'
handler_start sim "$(world 4.1.2 2 "$(pair "$two")")"
handler_conf sim poll_interval=0s

# --- workers -------------------------------------------------------------------------------------------

for round in 1 2; do
	afresh sim "$(world 4.1.2 2 "$(pair "$two")")"
	workers=()
	for _ in 1 2 3; do
		"$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" --target sim > "$T/worker.$round" 2>&1 &
		workers+=($!)
		pids+=($!)
	done
	for pid in "${workers[@]}"; do
		wait "$pid" || note "a worker ended with $?: $(cat "$T/worker.$round")"
	done
	is "three workers at once, round $round: each change once" "$(applies) $(uses sim new)" "2 API@nsx-01 API@nsx-02"
	is "three workers at once, round $round: one run" "$(runs '[.entries[].run | numbers] | unique | length')" 1
done

# One is ended in the middle by force; the lock goes with it.
handler_conf sim poll_interval=1s
afresh sim "$(world 4.1.2 2 "$(pair "$two")" '"apply_settle_ms":2000')"
"$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" --target sim > "$T/worker" 2>&1 &
pid=$!
pids+=("$pid")
ok "a worker acts" wait_for 20 acted
{ kill -9 $pid; wait $pid; } 2> /dev/null
work sim
is "after one was killed: each change once" "$code $(applies) $(uses sim new)" "0 2 API@nsx-01 API@nsx-02"

# --- events ------------------------------------------------------------------------------------------------

afresh sim "$(world 4.1.2 2 "$(pair "$two")")"
for _ in 1 2 3 4 5; do event; done
events=()
for _ in 1 2 3; do
	"$REMEDIATE_CERTS" event -f "$conf" --state-dir "$T/state" --target sim --state CRITICAL --state-type HARD > /dev/null 2>&1 &
	events+=($!)
done
wait "${events[@]}"
is "eight events: eight words" "$(find "$T/state/spool" -type f -name '[!.]*' | wc -l)" 8
work sim
is "eight events: one run, each change once" "$(runs '[.entries[].run | numbers] | unique | length') $(applies)" "1 2"
event
work sim
is "a ninth event: nothing more" "$(runs '[.entries[].run | numbers] | unique | length') $(applies)" "1 2"

# --- the kill switch, in the middle -----------------------------------------------------------------------------

afresh sim "$(world 4.1.2 2 "$(pair "$two")" '"apply_settle_ms":2500')"
"$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" --target sim > "$T/worker" 2>&1 &
pid=$!
pids+=("$pid")
ok "pause: the first call was made" wait_for 20 acted
handle pause --target sim
wait $pid
is "pause: it stops before the next call" "$? $(applies)" "1 1"
like "pause: said" "$(cat "$T/worker")" 'pause'
work sim
is "pause: and stays" "$code $(applies)" "1 1"
handle resume --target sim
work sim
is "resume: it goes on where it was" "$code $(applies) $(uses sim new)" "0 2 API@nsx-01 API@nsx-02"

# --- approvals -----------------------------------------------------------------------------------------------------

run_of() { jq -r .run.id "$T/state/public/sim.json"; }
hash_of() { jq -r .run.plan_hash "$T/state/public/sim.json"; }
ask() {   # KEY=VALUE...: a run that waits for approval
	handler_conf sim mode=approve poll_interval=0s "$@"
	afresh sim "$(world 4.1.2 2 "$(pair "$two")")"
	work sim
}
# no_approval NAME REGEX: it did not count.
no_approval() {
	work sim
	is "$1: nothing was changed" "$code $(applies)" "1 0"
	handle history
	like "$1: why" "$said" "$2"
}
ask
is "approve: it waits" "$code $(applies)" "1 0"
hash=$(hash_of)
handle approve "$(run_of)" --plan "$(tr 0-9a-f 1-9a-f0 <<< "$hash")"
no_approval "an approval of another plan" 'another plan|hash'
handle approve 99 --plan "$hash"
no_approval "an approval of no run" '99'
handle approve "$(run_of)" --plan "$hash"
work sim
is "the right one: done" "$code $(applies)" "0 2"

ask approval_valid=1s
handle approve "$(run_of)" --plan "$(hash_of)"
handle pause --target sim
work sim
sleep 1.2
handle resume --target sim
no_approval "an approval that is too old" 'approv'

# A user who is no member of the group.
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null && id nobody > /dev/null 2>&1; then
	ask approvers=daemon
	chmod 755 "$T" "$T/state"
	chmod 1777 "$T/state/spool"
	chmod 644 "$conf"
	setpriv --reuid=nobody --regid=nogroup --clear-groups "$REMEDIATE_CERTS" approve -f "$conf" --state-dir "$T/state" "$(run_of)" --plan "$(hash_of)" > "$T/said" 2>&1
	no_approval "an approval by somebody else" 'nobody.*(member|approv)|not.*member'
fi
