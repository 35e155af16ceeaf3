#!/bin/bash
# Goal of this test: a trust store of many pages is read to its end; a cursor that never ends, a page
# that is lost and one that is no page leave what was read, and an UNKNOWN that names the page.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"

# So many certificates: one that the managers and the VIP serve, and the rest of them.
many() {
	local node uses
	uses='{"node":"cluster","service_types":["MGMT_CLUSTER"]}'
	for node in 1 2 3; do uses="$uses,{\"node\":\"nsx-0$node\",\"service_types\":[\"API\"]}"; done
	printf '{"version":"4.2","default_certificates":false,"certificates":[{"display_name":"front","days_left":900,"used_by":[%s]}],
		"many":{"count":%d,"keys":["ec:P-256"],"service":"APH","days_from":100,"days_to":800}}' "$uses" $(($1 - 1))
}
path=/api/v1/trust-management/certificates
fault() { printf '[{"match":"GET %s","nth":%d,"times":%d,%s}]' "$path" "$2" "${3:-1}" "$1"; }

nsx_start sim "$(many 1000)"
pages() { nsx_log sim "[.[] | select(.target | startswith(\"$path\"))] | length"; }
source_text() { fact '[.sources[0].findings[] | select(.state == "UNKNOWN") | .message] | join(" / ")'; }
nsx_conf sim probe=no

for round in "1000 1" "1001 2" "2500 3"; do
	count=${round% *}
	nsx_scenario sim "$(many "$count")"
	nsx_mark sim
	check -f "$T/sim.conf" -o json
	is "$count certificates: state" "$(fact .state)" OK
	is "$count certificates: each is there" "$(fact '[.counts.total, .sources[0].certificates, (.certificates | length)] | unique | join(" ")')" "$count"
	is "$count certificates: pages" "$(pages)" "${round#* }"
	is "$count certificates: the pages come one after the other" "$(nsx_log sim "[.[] | select(.target | startswith(\"$path\")) | .target | contains(\"cursor=\")] | map(tostring) | join(\" \")")" \
		"$(case ${round#* } in 1) echo false ;; 2) echo false true ;; 3) echo false true true ;; esac)"
done
sums "2500 certificates"
is "the same as the simulator has" "$(fact '[.certificates[].sha256] | sort | join(" ")' | sha256sum)" "$(nsx_state sim '[.certificates[].sha256] | sort | join(" ")' | sha256sum)"
check -f "$T/sim.conf" -w 500 -c 101
state "near their end" CRITICAL
one_line "near their end"
like "what had no room is counted" "$out" '\.\.\. and [0-9]+ more'

nsx_scenario sim "$(many 1200 | jq -c '. + {null_cursor: true}')"
nsx_mark sim
check -f "$T/sim.conf" -o json
is "a null cursor is the end" "$(fact '"\(.state) \(.counts.total)"') $(pages)" "OK 1200 2"
nsx_scenario sim "$(many 1200)"
nsx_faults sim "$(fault '"do":"cursor","value":"empty"' 2)"
check -f "$T/sim.conf" -o json
is "an empty cursor is the end" "$(fact '"\(.state) \(.counts.total)"')" "OK 1200"

nsx_faults sim "$(fault '"do":"cursor","value":"repeat"' 1 0)"
nsx_mark sim
check -f "$T/sim.conf" -o json
sums "a cursor that repeats"
is "a cursor that repeats: UNKNOWN" "$(fact .state)" UNKNOWN
like "a cursor that repeats: said" "$(source_text)" 'certificates, page 2 .*cursor.* again'
is "a cursor that repeats: what was read stays" "$(fact '.certificates | length')" 1000
ok "a cursor that repeats: it is noticed at once" [ "$(pages)" -le 3 ]

nsx_scenario sim "$(many 40)"
nsx_faults sim "$(fault '"do":"cursor","value":"endless"' 1 0)"
nsx_mark sim
began=$SECONDS
check -f "$T/sim.conf" -o json -t 3
sums "a cursor without end"
is "a cursor without end: UNKNOWN" "$(fact .state)" UNKNOWN
like "a cursor without end: said" "$(source_text)" '(more than [0-9]+ pages|from page [0-9]+ on)'
is "a cursor without end: what was read stays" "$(fact '.certificates | length')" 40
ok "a cursor without end: the deadline holds" [ $((SECONDS - began)) -le 5 ]

nsx_scenario sim "$(many 1200)"
# A 500 that the product does not explain: one that it does is asked again for a while.
broken='"do":"status","value":{"status":500,"body":"{}"}'
for how in "$broken" '"do":"reset"' '"do":"lose"' '"do":"garbage"' '"do":"truncate"' \
	'"do":"html"' '"do":"body","value":"{}"' '"do":"body","value":"{\"results\":7}"'; do
	nsx_faults sim "$(fault "$how" 2 0)"
	check -f "$T/sim.conf" -o json
	is "page 2 with $how: UNKNOWN" "$(fact .state) $code" "UNKNOWN 3"
	is "page 2 with $how: the first page stays" "$(fact '.certificates | length')" 1000
	like "page 2 with $how: the page is named" "$(source_text)" '^certificates, page 2 \('"$path"'\): .'
	is "page 2 with $how: the sums add up" "$(fact '.counts | "\(.total) \(.ok) \(.unknown)"')" "1001 1000 1"
done
nsx_faults sim "$(fault "$broken" 2 0)"
check -f "$T/sim.conf" -w 850 -c 800
state "a lost page hides no CRITICAL" CRITICAL
nsx_faults sim "$(fault "$broken" 2 0)"
check -f "$T/sim.conf" -w 850
state "nor does a WARNING hide a lost page" UNKNOWN
like "the page is on the first line" "$text" 'page 2'
nsx_faults sim '[]'
check -f "$T/sim.conf"
state "and without a fault it is well again" OK
nsx_faults sim "$(fault '"do":"status","value":429' 2)"
nsx_mark sim
check -f "$T/sim.conf" -o json
is "a page asked again after 429" "$(fact '"\(.state) \(.counts.total)"') $(pages)" "OK 1200 3"
nsx_faults sim "$(fault '"do":"body","value":"{\"results\":[],\"result_count\":1200}"' 1)"
check -f "$T/sim.conf"
state "fewer than announced" UNKNOWN
nsx_faults sim "$(fault '"do":"body","value":"{\"results\":[],\"result_count\":0}"' 1)"
check -f "$T/sim.conf"
state "an empty trust store" UNKNOWN
like "an empty trust store: said" "$text" 'empty'
