#!/bin/bash
# Goal of this test: NSX took the call, and the new certificate is not served in its time.  rollback = ask:
# the way back awaits approval; auto: the old one is applied again; off: it stops and says so.  Then
# the words retry and abandon.
#
# A service is given half a minute at least, so that the cases wait at the same time, each with a simulator
# of its own.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

pair() { cert old 3 "$1" '"name":"old"'; cert new 700 ''; }
# The second manager goes on presenting the old one, whatever is applied to it.
stuck() {
	world 4.2.0 2 "$(pair 'nsx-02:API')" '"nodes":[{"name":"nsx-01","address":"127.51.0.11"},{"name":"nsx-02","address":"127.51.0.12","serves":"old"}]'
}
# As the certificate profiles tell it, a service changes over within a second.
in_a_second() {
	local profiles
	profiles=$(nsx_call sim /api/v1/trust-management/certificate-profiles -u admin:simulator-only | sed 's/"replacement_duration": *[0-9]*/"replacement_duration":1/g')
	nsx_faults sim "$(jq -nc --arg profiles "$profiles" '[{match: "GET /api/v1/trust-management/certificate-profiles", times: 0, do: "body", value: $profiles}]')"
}
all=(ask auto off retry abandon)

# Each case has a directory of its own in the place of $T.
enter() { T=$base/$1 conf=$base/$1/sim.conf; }
base=$T waiting=()
for case in "${all[@]}"; do
	mkdir "$base/$case"
	enter "$case"
	handler_start sim "$(stuck)"
	in_a_second
	eval "url_$case=$sim_url ca_$case=$sim_ca"
	rollback=$case
	case $case in retry | abandon) rollback=off ;; esac
	handler_conf sim poll_interval=1s rollback="$rollback"
	"$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" > "$T/out" 2> "$T/err" &
	waiting[${#waiting[@]}]=$!
	pids+=($!)
done
i=0
for case in "${all[@]}"; do
	wait "${waiting[$i]}"
	echo $? > "$base/$case/exit"
	i=$((i + 1))
done
# of CASE: its simulator and state from here on; $said and $code of the first run
of() {
	enter "$1"
	local url=url_$1 ca=ca_$1
	sim_url=${!url} sim_ca=${!ca} said=$(cat "$T/out") code=$(cat "$T/exit")
}
applies() { changed sim | grep -c apply_certificate; }
for case in ask off retry abandon; do
	of $case
	is "$case: a person must look, after one call" "$code $(applies)" "1 1"
done
of off
like "off: said" "$said" 'was not seen in its time.*rollback = off'
handle status --target sim
is "off: status" "$code" 2
work sim
is "off: nothing by itself" "$code $(applies)" "1 1"

of ask
handle status --target sim
like "ask: status waits for approval" "$line" 'WARNING - .*approv'
handle history
like "ask: the trail says what was seen" "$said" '127\.51\.0\.12:[0-9]+ (still )?presents'
work sim
is "ask: nothing by itself" "$code $(applies) $(uses sim new)" "1 1 API@nsx-02"
hash=$(jq -r .run.plan_hash "$T/state/public/sim.json")
run=$(jq -r .run.id "$T/state/public/sim.json")
handle approve "$run" --plan "${hash/[0-9a-f]/g}"
work sim
is "ask: an approval of something else changes nothing" "$(applies)" 1
handle approve "$run" --plan "$hash"
work sim
is "ask: approved: the old one is applied again" "$code $(applies) $(uses sim old)" "2 2 API@nsx-02"
handle status --target sim
is "ask: approved: what was taken back is no success" "$code" 2

of auto
is "auto: the old one was applied again by itself" "$(applies) $(uses sim old)" "2 API@nsx-02"
is "auto: which is told" "$code" 2
handle history
like "auto: in the trail" "$said" 'run 1 run: failed: taken back by run 2'
handle status --target sim
is "auto: status" "$code" 2

of retry
handle retry 1
work sim --once
is "retry: looked at again, and waited for" "$code $(applies)" "1 1"
like "retry: said" "$said" 'still presents|looked at until'

of abandon
handle abandon 1
work sim --once
handle history
like "abandon: the word ends the run" "$said" 'run 1 run: abandoned'
