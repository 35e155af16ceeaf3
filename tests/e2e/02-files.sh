#!/bin/bash
# Goal of this test: certificates in files: many PEM blocks with garbage between, DER, globs, a bad
# block among good ones, nothing at all; each counted and named, none hiding another.
. "$(dirname "$0")/lib.sh"
need openssl jq

make() {   # NAME DAYS: a self-signed certificate and its key
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/$1.key" -out "$T/$1.pem" \
		-days "$2" -subj "/CN=$1" -addext basicConstraints=critical,CA:FALSE 2> /dev/null
}
make one 100
make two 20
make three 3
{ echo "some words"; cat "$T/one.pem"; echo; echo "-- more words --"; cat "$T/two.pem" "$T/one.key"; } > "$T/bundle.crt"
check --file "$T/bundle.crt" -o json
is "a bundle with words and a key between: exit status" "$code" 1
is "two certificates" "$(jq .counts.total <<< "$out")" 2
is "the worst one comes first" "$(jq -r '.certificates[0].subject' <<< "$out")" "CN=two"
is "place of the block" "$(jq -r '.certificates[0].sightings[0] | "\(.via) \(.index)"' <<< "$out")" "file 1"
openssl x509 -in "$T/three.pem" -outform DER -out "$T/three.der"
check --file "$T/three.der"
state "DER" CRITICAL
check --file "$T/*.pem" -o json
is "a glob" "$(jq .counts.total <<< "$out")" 3
is "sums add up" "$(jq '.counts | .ok + .warning + .critical + .unknown + .ignored == .total' <<< "$out")" true
check --file "$T/one.pem" --file "$T/bundle.crt" -o json
is "the same certificate twice is one, seen twice" \
	"$(jq -c '[.certificates[] | select(.subject == "CN=one") | .sightings | length]' <<< "$out")" "[2]"

{ cat "$T/one.pem"; sed '3s/^...../!!!!!/' "$T/three.pem"; cat "$T/two.pem"; } > "$T/bad.crt"
check --file "$T/bad.crt" -o json
is "a bad block among good ones: UNKNOWN" "$code" 3
is "it is counted" "$(jq -c '[.counts.total, .counts.unknown, .counts.warning, .counts.ok]' <<< "$out")" "[3,1,1,1]"
is "it is named" "$(jq -r '[.certificates[] | select(.findings[].id == "unreadable")][0].sightings[0] | "\(.path) \(.index)"' <<< "$out")" "$T/bad.crt 1"
check --file "$T/bad.crt" --file "$T/three.pem"
state "and hides no critical one" CRITICAL

: > "$T/empty.pem"
check --file "$T/empty.pem"
state "an empty file" UNKNOWN
check --file "$T/none-*.pem"
state "a glob without a match" UNKNOWN
like "it is named" "$out" 'none-\*\.pem'
mkfifo "$T/fifo.pem"
check -t 5 --file "$T/fifo.pem"
state "a FIFO does not hang it" UNKNOWN
check --file "$T/one.key"
state "a key alone" UNKNOWN
unlike "no byte of the key is shown" "$out" "$(sed -n 2p "$T/one.key" | cut -c1-20)"
