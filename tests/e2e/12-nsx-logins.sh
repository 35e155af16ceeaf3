#!/bin/bash
# Goal of this test: the three ways to log in; a refused login is tried once and then held back; and
# no secret is seen in an output, a command line, an environment or the memory between runs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"
need openssl

# shellcheck disable=SC2016 # nothing is to expand
secret='S3cr3t-$x&=%+;#" é'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/client.key" -out "$T/client.crt" \
	-days 300 -subj "/CN=monitoring" 2> /dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/other.key" -out "$T/other.crt" \
	-days 300 -subj "/CN=stranger" 2> /dev/null
chmod 600 "$T"/*.key
nsx_start sim "$(jq -n --arg p "$secret" '{version: "4.2", users: [{name: "audit", password: "simulator-only"},
	{name: "odd@corp.example", password: $p}]}')"
scenario=$(cat "$T/sim.scenario")
nsx_conf sim probe=no auth_retry=2s
mkdir "$T/state"
run() { nsx_mark sim; check -f "$T/sim.conf" --state-dir "$T/state" "$@"; }
login() { credentials "$T/sim.cred" "$@"; }
tries() { nsx_log sim length; }
paths() { nsx_log sim '[.[] | .target | split("?")[0]] | join(" ")'; }

run
state "Basic" OK
is "Basic: on every request" "$(nsx_log sim '[.[].login] | unique | join(" ")')" basic
login username=odd@corp.example "password=$secret"
run
state "Basic, any characters" OK

login username=odd@corp.example "password=$secret" login=session
run
state "a session, any characters" OK
is "a session: created once, and first" "$(nsx_log sim '[.[].target | . == "/api/session/create"] | "\(.[0]) \(map(select(.)) | length)"')" "true 1"
is "a session: destroyed at the end" "$(nsx_log sim '.[-1].target')" /api/session/destroy
is "a session: its cookie and nothing else on the others" "$(nsx_log sim '[.[1:][].login] | unique | join(" ")')" cookie
is "a session: none is left" "$(nsx_state sim .sessions)" 0
stale='{"httpStatus":"FORBIDDEN","error_code":98,"module_name":"common-services","error_message":"bad XSRF"}'
gone() { jq -cn --arg b "$stale" --argjson n "$1" --argjson t "$2" '[{match: "GET /api/v1/cluster", nth: $n, times: $t, do: "status", value: {status: 403, body: $b}}]'; }
nsx_faults sim "$(gone 1 1)"
run
state "a session that has gone" OK
is "a session that has gone: one new login" "$(nsx_log sim '[.[] | select(.target == "/api/session/create")] | length')" 2
is "a session that has gone: the call is made again" "$(nsx_log sim '[.[] | select(.target == "/api/v1/cluster") | .status] | join(" ")')" "403 200"
nsx_faults sim "$(gone 1 0)"
run
state "a session that goes again and again" UNKNOWN
is "a session that goes again: not more than two logins" "$(nsx_log sim '[.[] | select(.target == "/api/session/create")] | length')" 2
nsx_faults sim '[]'
nsx_scenario sim "$(jq -c '. + {logins: {session: false}}' <<< "$scenario")"
run
state "a session where there are none" UNKNOWN
is "a session where there are none: one try" "$(paths)" /api/session/create

# A principal identity: its certificate is known to the manager by its fingerprint.
login "client_cert=$T/client.crt" "client_key=$T/client.key"
nsx_scenario sim '{"version":"4.2"}'
run
state "a client certificate that is nobody's" UNKNOWN
is "a client certificate that is nobody's: one try" "$(tries)" 1
like "a client certificate that is nobody's: said" "$text" 'client certificate was refused'
nsx_scenario sim "$(jq -n --rawfile c "$T/client.crt" '{version: "4.2", certificates: [{display_name: "monitoring", given: $c}],
	principal_identities: [{name: "monitoring", certificate: "monitoring"}]}')"
touch "$T/sim.cred"
run -o json
is "a principal identity's certificate" "$(fact .state)" OK
is "a principal identity's certificate: on every request" "$(nsx_log sim '[.[].login] | unique | join(" ")')" certificate
is "a principal identity's certificate: found" "$(fact '[.certificates[].sightings[] | select(.name == "monitoring") | .by_principal] | join(" ")')" true
login "client_cert=$T/other.crt" "client_key=$T/other.key"
run
state "another client certificate" UNKNOWN
login "client_cert=$T/client.crt" "client_key=$T/other.key"
run
state "a key of another certificate" UNKNOWN
is "a key of another certificate: nothing was asked" "$(tries)" 0

nsx_scenario sim "$scenario"
for form in "" login=session; do
	rm -rf "$T/state/check"
	login username=audit password=wrong-word $form
	run
	state "wrong password $form" UNKNOWN
	like "wrong password $form: said" "$text" "refused or the account is locked"
	is "wrong password $form: tried once" "$(tries)" 1
	run
	state "wrong password, the next run $form" UNKNOWN
	is "wrong password, the next run $form: not tried" "$(tries)" 0
	like "wrong password, the next run $form: said" "$(tail -n +2 <<< "$out")" 'not tried again before .* unless .*sim\.cred'
	sleep 0.02
	login username=audit password=simulator-only $form
	run
	state "the file was changed $form" OK
done
login username=audit password=wrong-word
run
sleep 2.1
run
is "auth_retry has passed: tried once more" "$(tries)" 1
is "the manager has counted these two" "$(nsx_state sim '.users[] | select(.name == "audit") | .failures')" 2
nsx_mark sim
check -f "$T/sim.conf" --state-dir "$T/none/there"
wrong=$out
is "without a memory: tried once a run" "$(tries)" 1
for _ in 1 2 3; do check -f "$T/sim.conf" --state-dir "$T/none/there"; done
is "the account is locked by now" "$(nsx_state sim '.users[] | select(.name == "audit") | .locked')" true
login username=audit password=simulator-only
check -f "$T/sim.conf" --state-dir "$T/none/there"
state "a locked account" UNKNOWN
is "a locked account looks like a wrong password" "$(tail -n +2 <<< "$out")" "$(tail -n +2 <<< "$wrong")"
nsx_scenario sim "$scenario"
login username=nobody password=simulator-only
check -f "$T/sim.conf" --state-dir "$T/none/there"
is "and so does an unknown one" "$(tail -n +2 <<< "$out")" "$(tail -n +2 <<< "$wrong")"
login username=audit
run
state "a file without a password" UNKNOWN
login username=audit password=simulator-only
chmod 644 "$T/sim.cred"
run
state "a file that all can read" UNKNOWN
like "a file that all can read: what to do" "$out" 'chmod'
is "a file that all can read: nothing was asked" "$(tries)" 0

# Secrets: one word that is found wherever it leaks, also in the form in which Basic sends it.
word=Zebra-Kolibri-77
nsx_scenario sim "$(jq -n --arg p $word '{version: "4.2", users: [{name: "audit", password: $p}]}')"
base64=$(printf 'audit:%s' $word | base64)
for form in "" login=session; do
	login username=audit password=$word $form
	rm -rf "$T/state/check"
	run -vvv
	state "as talkative as can be $form" OK
	like "as talkative as can be $form: requests are told" "$out$(cat "$T/stderr")" '/api/v1/cluster'
	unlike "no secret in its output $form" "$out$(cat "$T/stderr")" "$word|$base64|JSESSIONID=[0-9A-F]|j_password=[^[:space:]]"
	nsx_faults sim '[{"match":"GET /*","do":"delay","value":700}]'
	"$CHECK_CERTS" -f "$T/sim.conf" --state-dir "$T/state" > /dev/null &
	pid=$!
	sleep 0.4
	ok "it is still at work $form" test -d /proc/$pid
	unlike "no secret in the command line $form" "$(tr '\0' ' ' < /proc/$pid/cmdline)" "$word|$base64"
	unlike "no secret in the environment $form" "$(tr '\0' ' ' < /proc/$pid/environ)" "$word|$base64"
	wait $pid
	nsx_faults sim '[]'
	login username=audit password=$word-wrong $form
	run -vvv
	state "refused $form" UNKNOWN
	unlike "no secret in a refusal $form" "$out$(cat "$T/stderr")" "$word|$(printf 'audit:%s-wrong' $word | base64)"
	ok "the refusal is remembered $form" test -n "$(find "$T/state" -type f)"
	is "without the secret $form" "$(grep -rlE "$word|$base64" "$T/state")" ""
	is "for the owner only $form" "$(find "$T/state" -type f -perm /077)" ""
done
