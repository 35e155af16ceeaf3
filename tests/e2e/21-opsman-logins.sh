#!/bin/bash
# Goal of this test: logging in to Ops Manager: both grants, with every awkward character in the secret;
# a wrong secret is tried once and then held; a locked or starting one says so in the first line; a token
# that ends in mid-run is renewed once; an account that may not read says what it lacks.
. "$(dirname "$0")/lib.sh"
need jq curl

sim_start om opsman_sim
cat > "$T/conf" <<E
[opsman om]
url = $om_url
credentials = $T/login
ca_file = $om_ca
E
world() { sim_post "$om_url" "$om_ca" /_sim/scenario "$1" > "$T/entered" || note "refused: $1"; }
faults() { sim_post "$om_url" "$om_ca" /_sim/faults "$1" > "$T/entered" || note "refused: $1"; }
sim() { curl -sS --cacert "$om_ca" "$om_url/_sim/$1"; }
# What came since the last call of mark: "GET /path" a line.
mark() { marked=$(sim log | jq length); }
asked() { sim "log?since=$marked" | jq -c "[.[] | select(.target == \"$1\") | .status]"; }
poll() { mark; check -f "$T/conf" --state-dir "$T/none" -t 10 "$@"; }
lists=/api/v0/certificate_authorities
rows=/api/v0/deployed/certificates
certificates='"cas": [{ "guid": "f7bc18f34f2a7a9403c3", "name": "root", "cn": "r", "ca": true, "days_left": 900, "nats": { "cn": "n", "ca": true, "days_left": 900 } }],
	"certificates": [{ "row": { "property_reference": ".properties.director_ssl", "product_guid": "p-bosh-1" }, "certificate": { "cn": "d", "issuer": "root", "days_left": 400 } }]'

# --- both grants, and secrets that every layer would like to change ---
secrets=('simple' 'a:b:c' 'x&grant_type=password' 'a=b=c' '100%41' 'one+two three' 'pässwörd€' '#hash;semi'
	"quo'te\"s\\back" '%00%0a' '{"json":1}' '<tag>|pipe')
world "$(printf '%s\n' "${secrets[@]}" | jq -R . | jq -s "{
	clients: (to_entries | map({ name: \"mon itor+\\(.key)\", secret: .value, scopes: \"opsman.restricted_view\" })),
	users: (to_entries | map({ name: \"us:er@example\\(.key)\", secret: .value })), $certificates }")"
mark
for i in "${!secrets[@]}"; do
	credentials "$T/login" "client_id=mon itor+$i" "client_secret=${secrets[i]}"
	check -f "$T/conf" --state-dir "$T/none" -t 10
	is "as a client's secret: ${secrets[i]}" "$code" 0
	credentials "$T/login" "username=us:er@example$i" "password=${secrets[i]}"
	check -f "$T/conf" --state-dir "$T/none" -t 10
	is "as a password: ${secrets[i]}" "$code" 0
done
is "each needed one login" "$(asked /uaa/oauth/token | jq -c '[length, unique]')" "[$((2 * ${#secrets[@]})),[200]]"
is "no login was refused on the way" "$(sim state | jq .refused_logins)" 0

# --- a wrong one: once, and then held ---
world "{ $certificates }"
mkdir "$T/state"
credentials "$T/login" client_id=monitor client_secret=wrong-secret-7731
poll --state-dir "$T/state"
state "a wrong secret" UNKNOWN
like "the refusal is told, and what to correct" "$out" "refused, HTTP 401: .*Bad credentials.*correct $T/login"
unlike "the secret is not" "$out" wrong-secret-7731
is "it was tried once" "$(asked /uaa/oauth/token) $(sim state | jq .refused_logins)" "[401] 1"
is "nothing was asked without a token" "$(asked $lists)$(asked $rows)" "[][]"
for run in second third; do
	poll --state-dir "$T/state"
	state "the $run run" UNKNOWN
	like "the $run run says that it is held" "$out" 'not tried again before .* unless .*/login changes'
	is "the $run run did not try" "$(asked /uaa/oauth/token) $(sim state | jq .refused_logins)" "[] 1"
done
poll --state-dir "$T/state" -o json
is "held: the listener's certificate is still judged" "$(jq -c '[.certificates[].state]' <<< "$out")" '["OK"]'
is "held: sums add up" "$(jq -c '[.counts.total, .counts.ok, .counts.unknown]' <<< "$out")" "[2,1,1]"
unlike "the state directory holds no secret" "$(cat "$T"/state/*/*)" 'wrong-secret|monitor'
credentials "$T/login" client_id=monitor client_secret=simulator-only
poll --state-dir "$T/state"
state "the corrected file is tried at once" OK
is "with one login" "$(asked /uaa/oauth/token)" "[200]"
sed 's/^url/auth_retry = 1s\nurl/' "$T/conf" > "$T/soon"
credentials "$T/login" client_id=monitor client_secret=wrong-secret-7731
mark
check -f "$T/soon" --state-dir "$T/state" -t 10
sleep 1.1
check -f "$T/soon" --state-dir "$T/state" -t 10
is "when auth_retry has passed it is tried again" "$(asked /uaa/oauth/token)" "[401,401]"
world "{ $certificates }"
credentials "$T/login" username=admin password=wrong
for ((i = 0; i < 5; i++)); do poll; done
is "a wrong password without a state directory: once a run" "$(sim state | jq .refused_logins)" 5
credentials "$T/login" username=admin password=simulator-only
poll
state "a locked account" UNKNOWN
like "the lock-out text is shown" "$out" 'account has been locked because of too many failed attempts'
for refusals in new old; do
	world "{ \"refusals\": \"$refusals\", $certificates }"
	credentials "$T/login" client_id=nobody client_secret=x
	poll
	is "an unknown client, in the $refusals words of UAA" "$code $(asked /uaa/oauth/token)" "3 [401]"
	like "told, $refusals" "$text" 'refused, HTTP 401'
done
credentials "$T/login" client_id=monitor client_secret=simulator-only

# --- not ready: the word is in the first line ---
while read -r phase word; do
	world "{ \"state\": \"$phase\", \"starting_s\": 1000, $certificates }"
	poll
	state "$phase" UNKNOWN
	like "$phase: the word" "$text" "Ops Manager is $word"
	is "$phase: no list was asked for" "$(asked $lists)$(asked $rows)" "[][]"
	like "$phase: the listener's certificate is judged, the rest counted" "$perf" 'certs_total=2 certs_ok=1 .*certs_unknown=1 '
done <<-E
	booting starting or upgrading
	setup not set up
	locked locked
	starting starting
E
is "a phase is no refused login" "$(sim state | jq .refused_logins)" 0
world "{ \"state\": \"starting\", \"starting_s\": 1, $certificates }"
sleep 1.2
poll
state "it is up again" OK

# --- a token that ends in mid-run ---
# ends PATH: the token ends while the server thinks about PATH.
ends() {
	mark
	faults "[{ \"match\": \"GET $1\", \"do\": \"delay\", \"value\": 700 }]"
	{
		wait_for 5 eval "[ \"\$(sim log?since=$marked | jq '[.[] | select(.target == \"$1\")] | length')\" = 1 ]"
		sim_post "$om_url" "$om_ca" /_sim/clock '{ "advance_s": 50000 }' > "$T/advanced"
	} &
	check -f "$T/conf" --state-dir "$T/none" -t 10
	wait $!
}
world "{ $certificates }"
ends $lists
state "a token that ended before the first list" OK
is "one more token, and the list again" "$(asked /uaa/oauth/token)$(asked $lists)$(asked $rows)" "[200,200][401,200][200]"
ends $rows
state "a token that ended before the second list" OK
is "the first list is not read twice" "$(asked /uaa/oauth/token)$(asked $lists)$(asked $rows)" "[200,200][200][401,200]"
world "{ \"token_lifetime_s\": 0, $certificates }"
poll
state "a token that never is good" UNKNOWN
is "is renewed once, not for ever" "$(asked /uaa/oauth/token)" "[200,200]"
like "and told" "$out" 'HTTP 401: a new token was refused too'
world "{ $certificates }"
faults "[{ \"match\": \"GET $rows\", \"do\": \"status\", \"value\": 401 }]"
poll
is "a 401 from nowhere" "$code $(asked /uaa/oauth/token)$(asked $rows)" "0 [200,200][401,200]"
faults "[{ \"match\": \"GET $rows\", \"times\": 0, \"do\": \"status\", \"value\": 401 }]"
poll -o json
is "a 401 that stays: the other list is judged" "$code $(jq -c '[.counts.ok, .counts.unknown]' <<< "$out")" "3 [3,1]"
mkdir "$T/state2"
poll --state-dir "$T/state2"
faults '[]'
poll --state-dir "$T/state2"
state "a refused token is no refused login" OK

# --- an account that may not read ---
for grant in client user; do
	world "{ \"${grant}s\": [{ \"name\": \"weak\", \"secret\": \"s\", \"scopes\": \"uaa.none\" }], $certificates }"
	case $grant in
	client) credentials "$T/login" client_id=weak client_secret=s ;;
	user) credentials "$T/login" username=weak password=s ;;
	esac
	poll
	state "a $grant without a scope" UNKNOWN
	like "a $grant without a scope: what it lacks" "$out" 'HTTP 403: this account may not read it.*opsman\.restricted_view'
	is "a $grant without a scope: no token is asked for again" "$(asked /uaa/oauth/token)$(asked $lists)" "[200][403]"
done

# --- what is no login of Ops Manager ---
credentials "$T/login" session_user=x
poll
state "a file without the right keys" UNKNOWN
: > "$T/login"
poll
state "an empty file" UNKNOWN
is "nobody was asked for a token" "$(asked /uaa/oauth/token)" "[]"
