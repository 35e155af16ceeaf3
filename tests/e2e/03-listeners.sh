#!/bin/bash
# Goal of this test: live listeners: the leaf that is presented is judged, client certificate demanded
# or not, and each way to fail gives its own sentence and UNKNOWN.
. "$(dirname "$0")/lib.sh"
need openssl jq

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/key" -out "$T/crt" -days 20 \
	-subj "/CN=portal.example" -addext subjectAltName=DNS:portal.example -addext basicConstraints=critical,CA:FALSE 2> /dev/null

serve() {   # NAME ARG...: an openssl s_server on a free port, in $NAME_port
	local name=$1
	shift
	background openssl s_server -accept 127.0.0.1:0 -key "$T/key" -cert "$T/crt" -www "$@" > "$T/$name.log" 2>&1
	wait_for 10 grep -q '^ACCEPT 127' "$T/$name.log" || { note "$(cat "$T/$name.log")"; exit 1; }
	printf -v "${name}_port" %s "$(sed -n 's/^ACCEPT 127.0.0.1:\([0-9]*\).*/\1/p' "$T/$name.log" | head -n 1)"
}
serve plain
check -H "127.0.0.1:$plain_port"
state "a listener whose certificate ends in 20 days" WARNING
like "endpoint and days are said" "$text" "127\.0\.0\.1:$plain_port .*in (19|20)d"
check -H "127.0.0.1:$plain_port" -o json
is "JSON: the sighting" "$(jq -r '.certificates[0].sightings[0] | "\(.kind) \(.via) \(.endpoint)"' <<< "$out")" "tls tls 127.0.0.1:$plain_port"
check -H 127.0.0.1 -p "$plain_port" -c 25 -w 30
state "-p, -w and -c" CRITICAL
check -H localhost -4 -p "$plain_port"
state "a name, over IPv4" WARNING
serve mutual -Verify 1 -tls1_2
check -H "127.0.0.1:$mutual_port"
state "a listener that demands a client certificate (TLS 1.2)" WARNING
serve mutual3 -Verify 1 -tls1_3
check -H "127.0.0.1:$mutual3_port"
state "a listener that demands a client certificate (TLS 1.3)" WARNING

check -H "127.0.0.1:$plain_port" -H 127.0.0.1:1
state "one of two cannot be reached" UNKNOWN
like "it is named" "$out" '127\.0\.0\.1:1\b.*refused'
like "the other one is still reported" "$out" 'WARNING .*expires'
check -H 127.0.0.1:1 --unreachable-state critical
state "--unreachable-state" CRITICAL
check -H no-such-host.invalid
state "a name that does not resolve" UNKNOWN
python3 - "$T/silent.port" <<-'P' &
	import socket, sys, time
	s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(8)
	open(sys.argv[1], "w").write(str(s.getsockname()[1]))
	time.sleep(60)
P
pids+=($!)
wait_for 10 test -s "$T/silent.port"
began=$SECONDS
check -t 2 -H "127.0.0.1:$(cat "$T/silent.port")" -H "127.0.0.1:$plain_port"
state "a silent listener" UNKNOWN
ok "the deadline holds" [ $((SECONDS - began)) -le 4 ]
like "what was read is there" "$out" 'expires'
check -t 2 -H "127.0.0.1:$(cat "$T/silent.port")" --timeout-state warning
state "--timeout-state" WARNING
