#!/bin/bash
# Goal of this test: thirty managers in one run, one of them slow and one dead: the others are
# reported, the deadline holds, and runs beside each other with one memory do not disturb each other.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"

nsx_start sim '{"version":"4.2"}'
nsx_start slow '{"version":"4.2"}'
{
	for i in $(seq 28); do
		printf '[nsx m%02d]\nurl = %s\ncredentials = %s\nca_file = %s\nprobe = no\n' "$i" "$sim_url" "$T/sim.cred" "$sim_ca"
	done
	printf '[nsx slow]\nurl = %s\ncredentials = %s\nca_file = %s\nprobe = no\n' "$slow_url" "$T/slow.cred" "$slow_ca"
	printf '[nsx dead]\nurl = https://127.41.0.99:1\ncredentials = %s\nca_file = %s\n' "$T/sim.cred" "$sim_ca"
} > "$T/many.conf"
mkdir "$T/state"
run() { check -f "$T/many.conf" --state-dir "$T/state" "$@"; }
each=$(nsx_state sim '[.certificates[].sha256] | unique | length')

nsx_faults slow '[{"match":"GET /*","do":"delay","value":60000,"times":0}]'
began=${EPOCHREALTIME/./}
run -o json -t 4
ms=$(((${EPOCHREALTIME/./} - began) / 1000))
ok "the deadline holds ($ms ms)" [ "$ms" -le 6000 ]
sums "one slow, one dead"
is "UNKNOWN, by two sources" "$(fact '"\(.state) \([.sources[] | select(.state == "UNKNOWN") | .name] | join(" "))"')" "UNKNOWN slow dead"
is "the others are read in full" "$(fact "[.sources[] | select(.state == \"OK\" and .certificates == $each)] | length")" 28
is "each certificate once, seen by each target" "$(fact '"\(.certificates | length) \([.certificates[] | [.sightings[].source] | unique | length] | unique | join(" "))"')" "$each 28"
like "the slow one says so" "$(fact '.sources[] | select(.name == "slow") | .findings[0].message')" 'no answer to the request in time'
like "the dead one says so" "$(fact '.sources[] | select(.name == "dead") | .findings[0].message')" 'refused'
run -t 4
state "one slow, one dead" UNKNOWN
one_line "one slow, one dead"
like "both have a line" "$(grep -c '^UNKNOWN \(slow\|dead\): ' <<< "$out")" '^2$'
nsx_mark sim
run -T m01,m02 -o json
is "-T reads what it names" "$(fact '[.sources[].name] | join(" ")') $(nsx_log sim 'length')" "m01 m02 14"
is "-T: OK" "$(fact .state)" OK

# Some with the right password, some refused: all share one memory.
credentials "$T/wrong.cred" username=audit password=wrong-word
sed "s#$T/sim.cred#$T/wrong.cred#" "$T/many.conf" > "$T/refused.conf"
workers=()
for i in 1 2 3 4; do
	"$CHECK_CERTS" -f "$T/many.conf" --state-dir "$T/state" -T m01,m02,m03,m04 -o json > "$T/good.$i" 2>&1 &
	workers+=($!)
	"$CHECK_CERTS" -f "$T/refused.conf" --state-dir "$T/state" -T m05 -o json > "$T/bad.$i" 2>&1 &
	workers+=($!)
done
for pid in "${workers[@]}"; do wait "$pid"; done
is "beside each other: each good one is OK and complete" "$(jq -r '"\(.state) \(.counts.total)"' "$T"/good.? | sort -u)" "OK $each"
is "beside each other: each refused one is UNKNOWN" "$(jq -r '"\(.state) \(.counts.unknown)"' "$T"/bad.? | sort -u)" "UNKNOWN 1"
nsx_mark sim
check -f "$T/refused.conf" --state-dir "$T/state" -T m05
state "after them" UNKNOWN
is "after them: the refusal is remembered" "$(nsx_log sim length)" 0
run -T m05
state "and the right password is not held back by it" OK
is "no temporary file is left" "$(find "$T/state" -name '*.tmp*' -o -name '.*' -type f)" ""
