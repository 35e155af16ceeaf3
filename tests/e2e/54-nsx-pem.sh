#!/bin/bash
# Goal of this test: the new certificate is one that lies in the trust store (existing, existing:ID), or
# comes from files (pem:FILE key:FILE).  What is ambiguous or unfit is refused before anything is sent.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

conf_with() { handler_conf sim poll_interval=0s ca_file="$T/sim.both.pem" "$@"; }
# start CERTS [MORE]
start() { afresh sim "$(world 4.1.2 2 "$1" "${2-}")"; trust_own sim; }
# refused NAME REGEX: nothing at all was sent, and it is said why.
refused() {
	handle plan --target sim
	is "$1: plan refuses" "$code" 1
	like "$1: why" "$said" "$2"
	work sim
	is "$1: nothing was sent" "$(nsx_log sim '[.[] | select(.method != "GET" and (.target | test("^/_sim") | not))] | length')" 0
}

own_ca
handler_start sim "$(world 4.1.2 2 "$(cert old 3 nsx-01:API)")"
old() { cert old 3 nsx-01:API; }

# --- existing --------------------------------------------------------------------------------------

conf_with
start "$(old; cert one 700 ''; cert two 600 '')"
one=$(object sim one) two=$(object sim two)
refused "two successors" "more than one certificate could be the successor: .*($one.*$two|$two.*$one)"
conf_with replacement="existing:$two"
work sim
is "the one that is named" "$code $(uses sim two) $(uses sim one)" "0 API@nsx-01 "

conf_with replacement=existing:no-such-id
start "$(old; cert one 700 '')"
refused "one that is not there" 'no such certificate'
conf_with replacement="existing:$(object sim old)"
refused "the old one itself" 'name its successor'

conf_with
# What is no successor: other names, ended, older, self-signed, without its key, about to end.
no_successors() {
	cert other 700 '' '"cn":"b.example","san":["b.example"]'
	cert ended -3 ''
	cert older 900 '' '"valid_days":3000'
	cert self 700 '' '"issuer":"self"'
	cert keyless 700 '' '"has_private_key":false'
}
start "$(old; no_successors)"
refused "no successor among many" 'is clearly the successor'
like "no successor among many: each with its reason" "$(handle plan --target sim; echo "$said")" 'other names|no younger|self-signed|not valid now'
start "$(old; no_successors; cert new 700 '')"
work sim
is "the only successor among many" "$code $(uses sim new)" "0 API@nsx-01"
start "$(old; cert new 5 '')"
refused "a successor that ends soon" 'inside the limit of a warning'

# --- files ---------------------------------------------------------------------------------------------

own_leaf good
start "$(old)"
conf_with replacement="pem:$T/good.pem key:$T/good.key"
work sim
is "files: done" "$code" 0
is "files: one import, one apply" "$(changed sim | sed 's/.*action=\([a-z_]*\).*/\1/' | tr '\n' ' ')" "import apply_certificate "
is "files: the listener presents it" "$(served sim 127.51.0.11)" "$(own_sha good)"
like "files: validated before it was used" "$(nsx_log sim '.[].target' | tr '\n' ' ')" 'action=import .*action=validate .*action=apply'
check -f "$conf" --state-dir "$T/none"
state "files: afterwards" OK
work sim
is "files: again: nothing" "$code $(changed sim | wc -l)" "0 2"

# The same, imported by somebody before: no second import.
start "$(old)"
nsx_call sim '/api/v1/trust-management/certificates?action=import' -u admin:simulator-only -H 'Content-Type: application/json' \
	-d "$(jq -n --rawfile pem "$T/good.pem" --rawfile key "$T/good.key" '{display_name:"by-hand",pem_encoded:$pem,private_key:$key}')" > "$T/said"
nsx_mark sim
work sim
is "files: what is there is not imported again" "$code $(changed sim | grep -c action=import) $(uses sim by-hand)" "0 0 API@nsx-01"

# The product answers with several entries: the leaf's is the one.
start "$(old)" '"import_splits_chain":true,"statuses":"sdk"'
work sim
is "a split chain: done" "$code" 0
is "a split chain: the leaf's entry was taken" "$(served sim 127.51.0.11) $(changed sim | grep -c action=import)" "$(own_sha good) 1"

# A key in the same file.
(umask 077; cat "$T/good.pem" "$T/good.key" > "$T/all.pem")
start "$(old)"
conf_with replacement="pem:$T/all.pem"
work sim
is "files: chain and key in one" "$code $(served sim 127.51.0.11)" "0 $(own_sha good)"

# --- files that are not fit ----------------------------------------------------------------------------------

start "$(old)"
bad() {   # NAME REGEX FILE KEY
	conf_with replacement="pem:$3 key:$4"
	refused "$1" "$2"
}
cat "$T/root.crt" "$T/sub.crt" "$T/good.crt" > "$T/reversed.pem"
bad "root first" 'order|key|CA' "$T/reversed.pem" "$T/good.key"
cat "$T/good.crt" "$T/root.crt" "$T/sub.crt" > "$T/mixed.pem"
bad "the order of the chain" 'chain-order|order' "$T/mixed.pem" "$T/good.key"
cat "$T/good.crt" "$T/root.crt" > "$T/gap.pem"
bad "a gap in the chain" 'chain' "$T/gap.pem" "$T/good.key"
own_leaf stranger
bad "another's key" 'key' "$T/good.pem" "$T/stranger.key"
own_leaf bare "$own_names" ''
bad "no basicConstraints" 'basicConstraints' "$T/bare.pem" "$T/bare.key"
own_leaf ca "$own_names" 'basicConstraints=critical,CA:TRUE'
bad "CA:TRUE" 'CA' "$T/ca.pem" "$T/ca.key"
own_leaf other DNS:other.example
bad "wrong names" 'name-mismatch|does not cover' "$T/other.pem" "$T/other.key"
own_leaf weak "$own_names" 'basicConstraints=critical,CA:FALSE' rsa:1024
bad "a weak key" 'weak|1024' "$T/weak.pem" "$T/weak.key"
conf_with replacement="pem:$T/good.pem key:$T/nowhere.key"
refused "a file that is not there" 'nowhere.key'
chmod 644 "$T/stranger.key"
own_leaf open
chmod 644 "$T/open.key"
bad "a key that others can read" 'chmod' "$T/open.pem" "$T/open.key"
handler_conf sim poll_interval=0s replacement="pem:$T/good.pem key:$T/good.key"
refused "a chain that our CA file does not know" 'trust|CA|verif'
