#!/bin/bash
# Goal of this test: the certificate of a transport node, on request alone: self-signed and by an issuer
# program, UP before and after, and said that the certificate itself cannot be seen.  Its private key
# is made here and is on no disk; the call is never repeated.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

hosts='"transport_nodes":[{"name":"esx-01","node_id":"host-1"},{"name":"edge-01","type":"EdgeNode","node_id":"edge-1"},
	{"name":"esx-sick","node_id":"host-2","status":"DEGRADED"},{"name":"esx-late","node_id":"host-3","later_status":"DOWN"},
	{"name":"twin","node_id":"twin-1"},{"name":"twin","node_id":"twin-2"}]'
conf_with() { handler_conf sim poll_interval=0s procedures=nsx-host-certificate "$@"; }
# start [MORE]: no certificate is about to end
start() { afresh sim "$(world 4.1.2 1 "$(cert web 700 'nsx-01:API cluster:MGMT_CLUSTER')" "$hosts${1-}")"; }
ask() { handle request --target sim --procedure nsx-host-certificate --object "$1" --reason 'asked for'; }
calls() { changed sim | grep -c "POST .*/action/replace-host-certificate/$1\$"; }
host_is() { nsx_state sim ".transport_nodes[] | select(.node_id == \"$1\" or .id == \"$1\") | $2"; }

handler_start sim "$(world 4.1.2 1 "$(cert web 700 'nsx-01:API cluster:MGMT_CLUSTER')" "$hosts")"

# --- self-signed -----------------------------------------------------------------------------------

conf_with replacement=self-signed
start
work sim
is "nobody asked: nothing" "$code $(changed sim)" "0 "
ask host-1
is "asked: the word is taken" "$code" 0
work sim
is "self-signed: done" "$code" 0
is "self-signed: one call, nothing else" "$(calls host-1) $(changed sim | wc -l)" "1 1"
is "self-signed: the node has a certificate, and is UP" "$(host_is host-1 '"\(.replaced) \(.blocks) \(.status)"')" "1 1 UP"
handle history
like "self-signed: the text says what could not be verified" "$said" 'the certificate itself could not be verified'
like "self-signed: its status was asked for before and after" "$(nsx_log sim '[.[] | select(.target | test("host-1/status|replace-host")) | .method[0:1]] | join("")')" '^G+PG+$'
unlike "self-signed: no key in the history" "$said" 'PRIVATE KEY'
is "self-signed: no key in the state directory" "$(grep -rlE 'PRIVATE KEY|MIIEv|MIGHAgEA' "$T/state" | wc -l)" 0
work sim
is "self-signed: once" "$code $(calls host-1)" "0 1"

# Nothing of it was ever in a file: seen from below, where there is a tracer.
if command -v strace > /dev/null; then
	start
	ask edge-01
	strace -f -qq -e trace=openat,open,creat,write,pwrite64 -s 65536 -o "$T/strace" "$REMEDIATE_CERTS" run -f "$conf" --state-dir "$T/state" > "$T/said" 2>&1
	is "traced: by its name, and done" "$(calls edge-1)" 1
	is "traced: no key is written" "$(grep -c 'write.*PRIVATE KEY' "$T/strace")" 0
fi

# --- by a program -----------------------------------------------------------------------------------------

own_ca
printf '%s\n' '#!/bin/sh' "cat > $T/csr" \
	"openssl x509 -req -in $T/csr -CA $T/sub.crt -CAkey $T/sub.key -CAcreateserial -days 300 -copy_extensions copyall 2> /dev/null" \
	"sleep 1.1" "cat $T/sub.crt $T/root.crt" > "$T/issue"   # the simulator's clock may be a little behind
chmod 700 "$T/issue"
conf_with replacement="command:$T/issue" subject="CN=esx-01.example"
start
ask host-1
work sim
is "by a program: done" "$code" 0
is "by a program: the whole chain went there" "$(calls host-1) $(host_is host-1 .blocks)" "1 3"
like "by a program: it was asked for the subject" "$(openssl req -in "$T/csr" -noout -subject)" 'esx-01\.example'

# --- not to be done -----------------------------------------------------------------------------------------

# not NAME OBJECT REGEX: refused, and nothing was changed.
not() {
	start
	ask "$2"
	work sim
	is "$1: nothing was changed" "$(changed sim)" ""
	handle history
	like "$1: why" "$said" "$3"
}
conf_with replacement=self-signed
not "a node that is not UP" host-2 'must be UP before'
not "a node that is not there" nobody 'no transport node'
not "a name that two have" twin 'more than one'
not "a manager" "$(nsx_state sim '.nodes[0].uuid')" 'no transport node'
conf_with replacement=existing
not "a certificate of the trust store" host-1 'private key'
handler_conf sim poll_interval=0s procedures=nsx-apply replacement=self-signed
start
ask host-1
is "a procedure that is not allowed: the word is not taken" "$code" 3
like "a procedure that is not allowed: why" "$(cat "$T/handler.stderr")" 'does not have nsx-host-certificate'
work sim
is "a procedure that is not allowed: nothing was changed" "$code $(changed sim)" "0 "
conf_with replacement=self-signed
start ',"version":"4.0.1"'
ask host-1
work sim
is "before 4.1: nothing was changed" "$(changed sim)" ""
like "before 4.1: why" "$(handle history; echo "$said")" 'needs NSX 4\.1'

# --- afterwards ---------------------------------------------------------------------------------------------------

start
ask host-3
work sim --once
work sim --once
is "a node that does not come back: one call" "$(calls host-3)" 1
is "a node that does not come back: waiting" "$code" 1
like "a node that does not come back: said" "$said" 'DOWN'

# Its answer is lost: nobody knows, a person decides.
start
nsx_faults sim '[{"match":"POST *replace-host-certificate*","do":"lose"}]'
ask host-1
work sim
is "a lost answer: one call" "$(calls host-1)" 1
is "a lost answer: a person must look" "$code" 1
like "a lost answer: said" "$said" 'must not be done twice'
work sim
is "a lost answer: still one call" "$(calls host-1)" 1
handle abandon 1
work sim
is "a lost answer: abandoned" "$code $(calls host-1)" "0 1"
