#!/bin/bash
# Goal of this test: Ops Manager loses calls that come at the same time, without a word: however many
# checks run at once on this host, it gets one call after the other; a lock that somebody else holds
# costs the deadline and says so; without a state directory it still works.
. "$(dirname "$0")/lib.sh"
need jq curl flock

sim_start om opsman_sim
credentials "$T/login" client_id=monitor client_secret=simulator-only
for name in om same; do
	cat >> "$T/conf" <<-E
	[opsman $name]
	url = $om_url
	credentials = $T/login
	ca_file = $om_ca
	E
done
mkdir "$T/state"
sim() { curl -sS --cacert "$om_ca" "$om_url/_sim/$1"; }
faults() { sim_post "$om_url" "$om_ca" /_sim/faults "$1" > "$T/entered" || note "refused: $1"; }
overlaps() { sim state | jq .overlapping_calls; }
most() { sim "log?since=${1:-0}" | jq '[.[].in_flight] | max'; }
calls() { sim log | jq length; }

# several N ARG...: N checks at once; their exit codes, sorted, in $codes.
several() {
	local n=$1 i jobs=()
	shift
	for ((i = 0; i < n; i++)); do
		"$CHECK_CERTS" -f "$T/conf" "$@" > "$T/out.$i" 2>&1 &
		jobs+=($!)
	done
	codes=
	for ((i = 0; i < n; i++)); do
		wait "${jobs[i]}"
		codes+=" $?"
	done
}

# --- the simulator's own count is one that can see an overlap ---
faults '[{ "match": "GET /api/v0/*", "times": 0, "do": "delay", "value": 400 }]'
token=$(curl -sS --cacert "$om_ca" -u monitor:simulator-only -d grant_type=client_credentials "$om_url/uaa/oauth/token" | jq -r .access_token)
for i in 1 2; do
	curl -sS --cacert "$om_ca" -H "Authorization: Bearer $token" "$om_url/api/v0/certificate_authorities" > "$T/curl.$i" &
	curls[i]=$!
done
wait "${curls[1]}" "${curls[2]}"
is "two calls at once are seen by the simulator" "$(most)" 2
is "and counted" "$([ "$(overlaps)" -ge 1 ] && echo yes)" yes

# --- one run is serial, and so are many ---
sim_stop om
sim_start om opsman_sim
sed -i "s|^url = .*|url = $om_url|;s|^ca_file = .*|ca_file = $om_ca|" "$T/conf"
for ((i = 0; i < 10; i++)); do
	check -f "$T/conf" -T om --state-dir "$T/none" || break
done
is "ten runs, one after the other" "$code $(overlaps) $(most)" "0 0 1"
several 6 -T om --state-dir "$T/state" -t 20
is "six checks at once: all OK" "$codes" " 0 0 0 0 0 0"
is "no two calls met" "$(overlaps)" 0
is "nor any two requests" "$(most)" 1
is "each made its four" "$(calls)" $((16 * 4))
faults '[{ "match": "GET /api/v0/*", "times": 0, "do": "delay", "value": 60 }, { "match": "POST /uaa/*", "times": 0, "do": "delay", "value": 60 }]'
since=$(calls)
several 6 -T om --state-dir "$T/state" -t 20
is "six at once with a server that thinks: all OK" "$codes" " 0 0 0 0 0 0"
is "still none met" "$(overlaps) $(most "$since")" "0 1"
is "each waited its turn, none took it all" "$(sim "log?since=$since" | jq '[.[].status] | unique | tostring')" '"[200]"'
since=$(calls)
check -f "$T/conf" --state-dir "$T/state" -t 20
state "two targets that are the same Ops Manager" OK
is "they share one lock" "$(overlaps) $(most "$since")" "0 1"
is "there is one lock file" "$(find "$T/state" -name '*.lock' | wc -l)" 1
faults '[{ "match": "GET /api/v0/certificate_authorities", "do": "slow", "value": 8000 }]'
since=$(calls)
several 3 -T om --state-dir "$T/state" -t 20
is "an answer that is still coming holds the next call back" "$codes $(most "$since")" " 0 0 0 1"
faults '[]'

# --- killed in mid-call: the lock goes with the process ---
faults '[{ "match": "GET /api/v0/info", "do": "delay", "value": 3000 }]'
since=$(calls)
"$CHECK_CERTS" -f "$T/conf" -T om --state-dir "$T/state" > "$T/out" &
victim=$!
disown "$victim"   # its end is no news
wait_for 5 eval "[ \"\$(calls)\" -gt $since ]"
kill -9 "$victim"
end_of "$victim" 5
faults '[]'
began=$SECONDS
check -f "$T/conf" -T om --state-dir "$T/state" -t 20
state "after a kill -9" OK
ok "without a wait for the dead" [ $((SECONDS - began)) -le 2 ]

# --- somebody else's lock ---
lock=$(find "$T/state" -name '*.lock')
exec 9> "$lock"
flock 9
not_ok "somebody holds the lock" flock -n "$lock" true
since=$(calls)
began=$SECONDS
check -f "$T/conf" -T om --state-dir "$T/state" -t 3
state "a lock that somebody holds" UNKNOWN
like "says what it waits for" "$out" 'lock'
like "and names the lock" "$out" "$lock"
ok "the deadline holds" [ $((SECONDS - began)) -le 4 ]
is "nothing was asked meanwhile" "$(calls)" "$since"
check -f "$T/conf" -T om --state-dir "$T/state" -t 2 -o json
is "as JSON: counted once, nothing else" "$(jq -c '[.counts.total, .counts.unknown]' <<< "$out")" "[1,1]"
"$CHECK_CERTS" -f "$T/conf" -T om --state-dir "$T/state" -t 20 > "$T/waited" 9>&- &
waiting=$!
sleep 0.5
exec 9>&-
wait "$waiting"
is "a lock that is given up in time" "$? $(cut -c1-8 "$T/waited" | head -n 1)" "0 CERTS OK"

# --- locks that cannot be had ---
rm -f "$lock"
ln -s "$T/elsewhere" "$lock"
check -f "$T/conf" -T om --state-dir "$T/state" -t 5
state "a symbolic link in its place" UNKNOWN
like "is named" "$out" "cannot open the lock $lock"
not_ok "and not followed" test -e "$T/elsewhere"
rm -f "$lock"
mkdir "$lock"
check -f "$T/conf" -T om --state-dir "$T/state" -t 5
state "a directory in its place" UNKNOWN
rmdir "$lock"
check -f "$T/conf" -T om --state-dir "$T/none/at/all"
state "no state directory" OK
is "and none was made" "$(find "$T" -path "$T/none*" | wc -l)" 0
