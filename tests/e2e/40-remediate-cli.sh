#!/bin/bash
# Goal of this test: the command line of remediate_certs as a daemon and a person use it: misuse, words,
# the detached worker that outlives whoever started it, status, an empty history, and no secret anywhere.
. "$(dirname "$0")/lib.sh"
. "$e2e/nsx.sh"
need setsid jq pgrep strace
REMEDIATE_CERTS=${REMEDIATE_CERTS:-$builddir/remediate_certs}

# rc SUBCOMMAND ARG...: sets $out, $said (standard error), $first and $code
rc() {
	out=$("$REMEDIATE_CERTS" "$@" -f "$T/conf" --state-dir "$T/state" 2> "$T/stderr")
	code=$?
	said=$(cat "$T/stderr")
	first=${out%%$'\n'*}
}
words() { find "$T/state/spool" -type f 2> /dev/null | wc -l; }
word() { cat "$T"/state/spool/* 2> /dev/null; }
forget() { rm -f "$T"/state/spool/*; }

secret=Tr0ub4dor-and-3
sims_scenario='{ "users": [ { "name": "admin", "password": "simulator-only" },
	{ "name": "audit", "password": "simulator-only" } ] }'
nsx_start sim "$sims_scenario"
credentials "$T/admin" username=admin password=$secret
mkdir -m 755 "$T/state"

# conf KEY=VALUE...: target prod with these keys in its section; target bare has none
conf() {
	{
		printf '[nsx prod]\nurl = %s\ncredentials = %s\nca_file = %s\n' "$sim_url" "$T/sim.cred" "$sim_ca"
		printf '[nsx bare]\nurl = https://127.0.0.1:1\ncredentials = %s\nca_file = %s\n' "$T/sim.cred" "$sim_ca"
		printf '[remediate prod]\ncredentials = %s\n' "$T/admin"
		[ $# = 0 ] || printf '%s\n' "$@"
	} > "$T/conf"
}
event() { rc event --target "${target:-prod}" --state "${1:-CRITICAL}" --state-type "${2:-HARD}" "${@:3}"; }

# --- misuse ---
conf 'start = none'
out=$("$REMEDIATE_CERTS" 2> "$T/stderr"); code=$?
is "no subcommand: exit status" "$code" 3
is "and nothing on standard output" "$out" ""
like "and how it is called, on standard error" "$(cat "$T/stderr")" '^usage: remediate_certs event '
for misuse in "apply" "event" "event --target prod --state BROKEN" "event --target prod --state-type MELTED" \
	"event --target prod --password $secret" "request --target prod --procedure nsx-apply" \
	"request --target prod --procedure nsx-melt --reason x" "request --target bare --procedure nsx-apply --reason x" \
	"approve 7" "approve 7 --plan 1234" "abandon" "retry seven" "pause --target nobody" "plan --target nobody" \
	"plan --target bare" "run --target bare"; do
	# shellcheck disable=SC2086 # several words are meant
	rc $misuse
	is "$misuse: exit status" "$code" 3
	like "$misuse: says why" "$said" '^remediate_certs: .'
	unlike "$misuse: no value that may be a secret is told" "$said" "$secret"
	is "$misuse: no word" "$(words)" 0
done
out=$("$REMEDIATE_CERTS" --version); code=$?
like "--version" "$out" '^remediate_certs [0-9.]+$'
is "--version: exit status, as of any plugin" "$code" 3
rm "$T/conf"
event
is "no configuration: exit status" "$code" 3
like "no configuration: says so" "$said" "$T/conf"

# --- mine or not ---
conf 'start = none'
event CRITICAL SOFT
is "soft: exit status" "$code" 0
like "soft: says why" "$out" '^prod: nothing to do: the state is soft$'
for state in OK UNKNOWN 0 3; do
	event "$state"
	like "$state: nothing to do" "$code $out" '^0 prod: nothing to do: '
done
target=bare event
like "no section: nothing to do" "$code $out" '^0 bare: nothing to do: '
target=nobody event
like "no such target: nothing to do" "$code $out" '^0 nobody: nothing to do: '
conf 'start = none' 'act_on = critical'
event WARNING
like "below act_on: nothing to do" "$code $out" '^0 prod: nothing to do: act_on is critical'
conf 'start = none' 'worker_host = elsewhere.example'
event
like "another machine: nothing to do" "$code $out" '^0 prod: nothing to do: worker_host'
is "not one of them left a word" "$(words)" 0

# --- words ---
conf 'start = none' "worker_host = $(hostname)" 'procedures = nsx-apply' 'mode = plan'
event CRITICAL HARD --attempt 3 --host mon --service certs --problem-id 12 --downtime 1 --last-state OK
like "an event is noted" "$code $out" '^0 prod: noted$'
is "as one word with what was said" "$(word | jq -c '[.word, .target, .state, .state_type, .host, .service, .problem_id, .attempt, .downtime]')" \
	'["event","prod","CRITICAL","HARD","mon","certs","12",3,1]'
is "for its group to read, and nobody else" "$(find "$T/state/spool" -type f -perm /007 | wc -l)" 0
forget
# shellcheck disable=SC2016 # macros that nobody expanded
rc event --target prod --state '$SERVICESTATE$' --state-type '' --host '$HOSTNAME$' --attempt '$SERVICEATTEMPT$' --downtime ''
like "macros without a value: noted" "$code $out" '^0 prod: noted$'
is "as not given" "$(word | jq -c '[.state, .state_type, .host, .attempt, .downtime]')" '["not-given","not-given",null,null,null]'
forget
event 2 1
like "numbers for states" "$code $out" '^0 prod: noted$'
event 2 1
is "every event is a word of its own" "$(words)" 2
forget
hash=$(printf plan | sha256sum | cut -d' ' -f1)
rc request --target prod --procedure nsx-apply --object 77c5 --reason 'CHG-1; "quoted"'
like "request" "$code $out" '^0 request prod: noted'
is "request, as a word" "$(word | jq -c '[.word, .target, .procedure, .object, .reason]')" '["request","prod","nsx-apply","77c5","CHG-1; \"quoted\""]'
forget
rc approve 7 --plan "$hash"
is "approve, as a word" "$code $(word | jq -c '[.word, .run, .plan]')" "0 [\"approve\",7,\"$hash\"]"
forget
for kind in abandon retry; do
	rc $kind 7
	is "$kind, as a word" "$code $(word | jq -c '[.word, .run]')" "0 [\"$kind\",7]"
	forget
done
for kind in pause resume; do
	rc $kind
	is "$kind everything, as a word" "$code $(word | jq -c '[.word, .target]')" "0 [\"$kind\",null]"
	forget
	rc $kind --target prod
	is "$kind one target, as a word" "$code $(word | jq -c '[.word, .target]')" "0 [\"$kind\",\"prod\"]"
	forget
done
rm -r "$T/state"
event
is "no state directory: exit status" "$code" 3
like "no state directory: named" "$said" "$T/state"
mkdir -m 755 "$T/state"

# --- an event needs nothing but its file ---
nsx_mark sim
chmod 000 "$T/admin"
traced=$(strace -f -e trace=network,openat -o "$T/strace" "$REMEDIATE_CERTS" event --target prod --state 2 --state-type 1 -f "$T/conf" --state-dir "$T/state" 2>&1)
like "an event without credentials" "$traced" '^prod: noted'
chmod 600 "$T/admin"
unlike "no network" "$(grep -v ' +++ ' "$T/strace")" 'socket\(|connect\('
unlike "neither credentials nor journal are looked at" "$(cat "$T/strace")" "$T/admin|sim.cred|remediation.db"
is "nothing was asked of the target" "$(nsx_log sim length)" 0
forget

# --- the detached worker ---
conf "worker_host = $(hostname)" 'procedures = nsx-apply' 'mode = plan'
nsx_faults sim '[{ "match": "HANDSHAKE *", "do": "delay", "value": 8000, "times": 1 }]'
cat > "$T/daemon" <<EOF
#!/bin/bash
exec 7< "$T/conf"
export CERTS_SECRET=$secret
"$REMEDIATE_CERTS" event --target prod --state CRITICAL --state-type HARD -f "$T/conf" --state-dir "$T/state" > "$T/daemon.out" 2>&1
echo \$? > "$T/daemon.code"
exec sleep 600
EOF
chmod 755 "$T/daemon"
began=$(date +%s%N)
setsid "$T/daemon" &
daemon=$!
pids+=("$daemon")
disown "$daemon"   # its end is no news
ok "the event returns" wait_for 10 test -s "$T/daemon.code"
took=$((($(date +%s%N) - began) / 1000000))
ok "within two seconds ($took ms)" test "$took" -lt 2000
like "and says what it did" "$(cat "$T/daemon.code" "$T/daemon.out")" 'prod: noted, worker started'
worker_pid() { pgrep -f "remediate_certs run --target prod .*$T/state"; }
is_running() { worker=$(worker_pid) && [ -n "$worker" ]; }
wait_for 5 is_running
is "the worker runs" "$?" 0
pids+=("$worker")
field() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f"$2"; }
# state ppid pgrp session tty
unlike "in a session of its own" "$(field "$worker" 4)" "^$(field "$daemon" 4)$"
unlike "in a group of its own" "$(field "$worker" 3)" "^$(field "$daemon" 3)$"
is "without a terminal" "$(field "$worker" 5)" 0
for fd in 0 1 2; do
	is "descriptor $fd leads nowhere" "$(readlink "/proc/$worker/fd/$fd")" /dev/null
done
unlike "no descriptor of the daemon is left" "$(readlink "/proc/$worker"/fd/*)" "$T/(conf|daemon)"
is "its directory is the root" "$(readlink "/proc/$worker/cwd")" /
is "its environment is clean" "$(tr '\0' '\n' < "/proc/$worker/environ" | cut -d= -f1 | sort | xargs)" "LANG PATH"
unlike "no secret in its arguments" "$(tr '\0' ' ' < "/proc/$worker/cmdline")" "$secret|simulator-only"
like "no core file" "$(cat "/proc/$worker/limits")" '^Max core file size +0 +0 '
kill -KILL -- "-$daemon"
ok "the daemon's group is gone" end_of "$daemon" 5
ok "the worker is not" test -d "/proc/$worker"
seen() { [ "$(jq -r .worker_seen_at "$T/state/public/prod.json")" != null ]; }
ok "it goes on to the end of its look" wait_for 30 seen
ok "and ends" end_of "$worker" 40
is "the word was taken" "$(words)" 0
rc status
like "status: the worker was there" "$code $first" '^0 REMEDIATION OK - prod '

# --- status ---
facts() {   # AGE_S JSON_OF_RUN [BREAKER]
	mkdir -p "$T/state/public"
	printf '{"schema":"certs_facts/1","target":"prod","worker_seen_at":"%s","pins":[],"run":%s,"breaker":"%s"}\n' \
		"$(date -u -d "-$1 seconds" +%Y-%m-%dT%H:%M:%SZ)" "$2" "${3:-closed}" > "$T/state/public/prod.json"
	chmod 644 "$T/state/public/prod.json"
}
run_facts() {   # STATE SINCE_S
	printf '{"id":7,"state":"%s","procedure":"nsx-apply","step":2,"steps":5,"since":"%s","plan_hash":"%s","message":"why"}' \
		"$1" "$(date -u -d "-$2 seconds" +%Y-%m-%dT%H:%M:%SZ)" "$hash"
}
# status_is NAME CODE REGEX [ARG...]
status_is() {
	local name=$1 wanted=$2 regex=$3
	shift 3
	rc status "$@"
	is "status, $name: exit status" "$code" "$wanted"
	like "status, $name: first line" "$first" "$regex"
}
facts 10 null
status_is idle 0 '^REMEDIATION OK - prod idle \| targets=1 running=0 '
facts 7200 null
status_is "worker away" 3 '^REMEDIATION UNKNOWN - prod idle, the worker was last there 2h 0m ago '
status_is "worker away, and allowed to" 0 '^REMEDIATION OK' --seen-within 1d
facts 10 null open
status_is "breaker open" 2 '^REMEDIATION CRITICAL - prod idle, the breaker is open'
for row in awaiting-approval:1:WARNING held:1:WARNING running:0:OK waiting:0:OK blocked:2:CRITICAL failed:2:CRITICAL done:0:OK planned:0:OK; do
	IFS=: read -r run wanted word <<< "$row"
	facts 10 "$(run_facts "$run" 60)"
	status_is "$run" "$wanted" "^REMEDIATION $word - prod run 7 nsx-apply $run, step 2 of 5: why"
done
facts 10 "$(run_facts running 100000)"
status_is "running long" 1 '^REMEDIATION WARNING - .* for 1d 3h'
facts 10 "$(run_facts awaiting-approval 60)"
rc status -o json
is "status as JSON" "$(jq -c '[.schema, .state, .targets[0].run.id, .targets[0].run.plan_hash, .targets[0].breaker]' <<< "$out")" \
	"[\"certs_status/1\",\"WARNING\",7,\"$hash\",\"closed\"]"
echo '{"schema":"certs_facts/1"' > "$T/state/public/prod.json"
status_is "facts that are no JSON" 3 '^REMEDIATION UNKNOWN - prod '
chmod 666 "$T/state/public/prod.json"
status_is "facts that others may write" 3 '^REMEDIATION UNKNOWN - prod '
rm "$T/state/public/prod.json"
status_is "never seen" 3 '^REMEDIATION UNKNOWN - prod the worker has never been there'
status_is "a target without a section" 3 '^REMEDIATION UNKNOWN - ' --target bare
echo '[remediat prod]' >> "$T/conf"
status_is "a broken configuration" 3 '^REMEDIATION UNKNOWN - .*conf'
is "on standard output alone" "$said" ""

# --- history ---
conf 'start = none'
rm -rf "$T/state" && mkdir -m 755 "$T/state"
rc history
is "no history yet" "$code $out$said" "0 "
rc history -o json
is "no history yet, as JSON" "$code $(jq -c . <<< "$out")" '0 {"schema":"certs_history/1","entries":[]}'
