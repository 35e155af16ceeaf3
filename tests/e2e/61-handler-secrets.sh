#!/bin/bash
# Goal of this test: the worker holds a password, a session and a private key, and none of them is in its
# arguments, its environment, its children's, what it prints at any level, its history, the bytes of its
# journal, what it publishes, or a core file.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

secret=Tr0ub4dor-and-3 other=correct-horse-7
own_ca
own_leaf good
users='"users":[{"name":"admin","password":"simulator-only","role":"enterprise_admin"},
	{"name":"mender","password":"'$secret'","role":"enterprise_admin"},{"name":"looker","password":"'$other'"}]'
leaks=$(printf '%s\n' "$secret" "$other" "$(printf 'mender:%s' "$secret" | base64)" "$(printf 'looker:%s' "$other" | base64)" \
	'PRIVATE KEY' 'JSESSIONID=[0-9A-Za-z]' "$(sed -n 2p "$T/good.key" | cut -c1-40 | sed 's/[+]/\\&/g')" | paste -sd'|')

# start [KEY=VALUE...]
start() {
	afresh sim "$(world 4.1.2 2 "$(cert old 3 nsx-02:API)" "$users")"
	trust_own sim
	credentials "$T/sim.admin" username=mender password=$secret
	credentials "$T/sim.cred" username=looker password=$other
	handler_conf sim poll_interval=0s ca_file="$T/sim.both.pem" replacement="pem:$T/good.pem key:$T/good.key" "$@"
}
kept() { find "$T/state" -type f -exec cat {} + | tr -d '\0'; }
no_leak() {   # NAME TEXT: the text is not shown where it is wrong
	if grep -qaE -- "$leaks" <<< "$2"; then report "$1" 1; else report "$1" 0; fi
}
handler_start sim "$(world 4.1.2 2 "$(cert old 3 nsx-02:API)" "$users")"

# --- while it works ------------------------------------------------------------------------------------

start
nsx_faults sim '[{"match":"POST *?action=import*","do":"delay","value":2500}]'
"$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" --target sim -vvv > "$T/out" 2> "$T/err" &
running=$!
pids+=("$running")
sending() { [ "$(nsx_call sim /_sim/state | jq .in_flight)" = 1 ]; }
ok "the key is on its way right now" wait_for 20 sending
no_leak "no secret in the arguments" "$(tr '\0' '\n' < "/proc/$running/cmdline")"
no_leak "nor in the environment" "$(tr '\0' '\n' < "/proc/$running/environ")"
like "a core file has no room" "$(cat "/proc/$running/limits")" '^Max core file size +0 +0 '
no_leak "nor in what the intent left on disk" "$(kept)"
wait "$running"
is "it is done" "$? $(served sim 127.51.0.12)" "0 $(own_sha good)"
like "-vvv did tell of the requests" "$(grep POST "$T/err")" '^sim: POST https://.*/certificates'
ok "the pattern would find them" grep -qE -- "$leaks" "$T/good.key"
no_leak "no secret in what it printed, -vvv" "$(cat "$T/out" "$T/err")"
for format in text json; do
	handle history -o $format
	like "history, $format: it is the whole story" "$said" 'action=import'
	no_leak "history, $format" "$said"
	handle status --target sim -o $format
	no_leak "status, $format" "$said"
done
no_leak "the state directory, the journal's bytes among it" "$(kept)"
is "the state is the worker's alone, but for what is published and said" \
	"$(find "$T/state" -type f ! -path '*/public/*' ! -path '*/spool/*' -perm /077 | wc -l)" 0

# --- when it goes wrong ------------------------------------------------------------------------------------

# failed NAME: a run that does not succeed says nothing either.
failed() {
	handle run --target sim -vvv
	no_leak "$1: printed" "$said$(cat "$T/handler.stderr")"
	handle history
	no_leak "$1: history" "$said"
	no_leak "$1: state" "$(kept)"
}
start
# The product may send back what it was sent.
nsx_faults sim "$(jq -nc --rawfile key "$T/good.key" '[{match: "POST *?action=import*", do: "status", value: {status: 400,
	body: ({httpStatus: "BAD_REQUEST", error_code: 2004, module_name: "internal-framework", error_message: ("no good: " + $key)} | tostring)}}]')"
failed "an answer that repeats the key"
is "an answer that repeats the key: it was refused" "$(nsx_log sim '[.[] | select(.method == "POST" and (.target | test("action=import"))) | .status] | unique | join(" ")')" 400
start
credentials "$T/sim.admin" username=mender password=$secret-wrong
failed "a wrong password"
start
nsx_faults sim '[{"match":"POST *?action=import*","do":"garbage","value":4000}]'
failed "noise for an answer"

# --- a program of others ---------------------------------------------------------------------------------------

printf '%s\n' '#!/bin/sh' "tr '\\0' '\\n' < /proc/\$\$/environ > $T/env" "tr '\\0' '\\n' < /proc/\$\$/cmdline > $T/argv" "cat > $T/csr" \
	"openssl x509 -req -in $T/csr -CA $T/sub.crt -CAkey $T/sub.key -CAcreateserial -days 300 -copy_extensions copyall 2> /dev/null" \
	"sleep 1.1" "cat $T/sub.crt $T/root.crt" > "$T/issue"   # the simulator's clock may be a little behind
chmod 700 "$T/issue"
start replacement="command:$T/issue" key_type=ec:P-256
"$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" --target sim -vvv > "$T/out" 2> "$T/err"
is "a program: done" "$? $(uses sim old)" "0 "
no_leak "a program: its environment and arguments" "$(cat "$T/env" "$T/argv" "$T/csr")"
no_leak "a program: what was printed" "$(cat "$T/out" "$T/err")"
no_leak "a program: the key that was made is on no disk" "$(kept)"
unlike "a program: nor in another form" "$(kept | tr -c 'A-Za-z0-9+/=\n' '\n')" '^(MIGHAgEA|MHcCAQEE|MIIEv|MIIEpA)'

# --- a crash -------------------------------------------------------------------------------------------------------

start
nsx_faults sim '[{"match":"POST *?action=import*","do":"delay","value":2500}]'
touch "$T/before"
(cd "$T" && ulimit -c unlimited 2> /dev/null; exec "$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" --target sim > "$T/out" 2>&1) &
running=$!
ok "a crash: the key is on its way" wait_for 20 sending
{ kill -SEGV "$running"; wait "$running"; } 2> /dev/null
is "a crash: no core file" "$(find . "$T" -maxdepth 1 -name 'core*' -newer "$T/before" -type f | wc -l)" 0
no_leak "a crash: the state" "$(kept)"
settled() { [ "$(nsx_call sim /_sim/state | jq .in_flight)" = 0 ]; }
ok "a crash: the manager goes on" wait_for 20 settled
work sim
is "a crash: then done, imported once" "$code $(served sim 127.51.0.12) $(changed sim | grep -c action=import)" "0 $(own_sha good) 1"
