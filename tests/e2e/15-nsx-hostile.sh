#!/bin/bash
# Goal of this test: whatever a trust store says, in names, PEM, dates, ids and uses: the output stays
# one that monitoring can read, each certificate is counted, and nothing passes for good that is not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"
need openssl iconv

store() { jq -n --argjson c "$1" '{version: "4.2", certificates: $c}'; }
cert() { fact ".certificates[] | select(any(.sightings[]; .name == \"$1\")) | $2"; }
run() { check -f "$T/sim.conf" "$@"; }

nsx_start sim '{"version":"4.2"}'
nsx_conf sim probe=no
run -o json
defaults=$(fact .counts.total)

directions=$'\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xc2\x85'

# Names.  Each certificate is near its end, so that its name is printed.
long=$(head -c 10000 /dev/zero | tr '\0' x)
jq -n --arg long "$long" '["pipe | time=0;;; bar", "quote \" and '\'' and \\", "line\nOK - all is well | x=1", "tab\tand\rreturn",
	"escape \u001b[31mred\u0007", "del \u007f nel \u0085 ls \u2028", "bidi \u202eevil\u202c \u2066x\u2069", "<b>bold</b>", "[OK] fine",
	"$(touch /tmp/x) `id` $HOME %s %n", "semicolon; in; name", $long, "", " ", "ümlaut 日本語", "a\u0000b", "CERTS OK - 1 certificate fine"]
	| to_entries | map({id: "n\(.key)", display_name: .value, cn: (.value | if . == "" or . == " " or contains("\u0000") then "plain" else .[0:10000] end),
		hours_left: (50 + .key), used_by: [{node: "nsx-01", service_types: ["CBM_API"]}]})' > "$T/names.json"
names=$(jq length "$T/names.json")
nsx_scenario sim "$(store "$(cat "$T/names.json")")"
for arg in "" -v -vv "--max-output 2000" "--max-output 100000" "--perfdata each"; do
	# shellcheck disable=SC2086 # the words are meant
	run $arg
	state "names $arg" CRITICAL
	[ "$arg" = "--max-output 100000" ] || one_line "names $arg"
	is "names $arg: no word that monitoring makes more of" "$(grep -cE '\[OK\]|<b>|^OK - |^CERTS OK' <<< "$out")" 0
	is "names $arg: no bidi, no line separators" "$(grep -acE "$directions" <<< "$out")" 0
done
run --max-output 100000
is "names: each has a line" "$(grep -c '^CRITICAL ' <<< "$out")" "$names"
run -o json
sums "names"
is "names: none is missing" "$(fact '"\(.counts.total) \(.counts.critical)"')" "$((defaults + names)) $names"
is "names: JSON has them as they are" "$(cert 'pipe | time=0;;; bar' .state) $(cert '<b>bold</b>' .state) $(cert 'ümlaut 日本語' .state)" "CRITICAL CRITICAL CRITICAL"
ok "names: JSON is valid UTF-8" iconv -f UTF-8 -t UTF-8 -o /dev/null <<< "$out"
ok "names: nobody ran them" test ! -e /tmp/x
# Bytes that are no UTF-8: one answer that fits every call.
pem=$(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -days 3 -subj "/CN=raw" 2> /dev/null | awk '{printf "%s\\n", $0}')
{
	printf '{"product_version":"4.2.0","cluster_id":"c","results":[{"id":"u","display_name":"bad '
	printf '\xff\xfe \xc0\xaf \xed\xa0\x80 \xf5\x80\x80\x80 \xc3","pem_encoded":"%s","used_by":[{"node_id":"n\xe9","service_types":["A\xe9PI"]}]}],"result_count":1}' "$pem"
} > "$T/body"
{
	printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' "$(wc -c < "$T/body")"
	cat "$T/body"
} > "$T/script"
sim_start raw wire_sim script "$T/script"
credentials "$T/raw.cred" username=audit password=simulator-only
nsx_conf raw probe=no
check -f "$T/raw.conf"
like "bytes that are no UTF-8: never OK" "$code" '^[23]$'
one_line "bytes that are no UTF-8"
check -f "$T/raw.conf" -o json
sums "bytes that are no UTF-8"
ok "bytes that are no UTF-8: JSON has none" iconv -f UTF-8 -t UTF-8 -o /dev/null <<< "$out"
sim_stop raw

# PEM.
front='{"display_name":"good","cn":"good","days_left":4,"hours_left":12,"used_by":[{"node":"nsx-01","service_types":["CBM_AR"]}]}'
for pem in one-line crlf no-newline garbage; do
	nsx_scenario sim "$(store "[$(jq -c --arg p $pem '. + {pem: $p, details: "wrong"}' <<< "$front")]")"
	run -o json
	sums "PEM $pem"
	is "PEM $pem: read, and it wins over the details" "$(cert good '"\(.state) \(.days_left) \(.subject)"')" "CRITICAL 4 CN=good"
done
for pem in broken empty missing; do
	row=$(jq -c --arg p $pem '. + {display_name: "bad", pem: $p, details: "missing", days_left: 500}' <<< "$front")
	nsx_scenario sim "$(store "[$row,$front]")"
	run -o json
	sums "PEM $pem, no details"
	is "PEM $pem, no details: UNKNOWN by name" "$(cert bad '"\(.state) \(.findings[0].id)"')" "UNKNOWN unreadable"
	is "PEM $pem, no details: hides nothing" "$(cert good .state) $(fact .counts.total)" "CRITICAL $((defaults + 2))"
	nsx_scenario sim "$(store "[$(jq -c '. + {details: "normal"} | del(.details)' <<< "$row")]")"
	run -o json
	is "PEM $pem, with details: judged by them" "$(cert bad '.days_left > 490 and .days_left < 510')" true
	nsx_scenario sim "$(store "[$row]")"
	run
	state "PEM $pem alone" UNKNOWN
	like "PEM $pem alone: on the first line" "$text" 'nsx-01|bad'
done

# Dates, years 1 and 9999, and none.
nsx_scenario sim "$(store '[{"display_name":"old","cn":"old","not_after":"0001-06-01T00:00:00Z","used_by":[{"node":"nsx-01","service_types":["CBM_API"]}]},
	{"display_name":"far","cn":"far","not_after":"9999-12-31T23:59:59Z","used_by":[{"node":"nsx-01","service_types":["CBM_AR"]}]},
	{"display_name":"later","cn":"later","not_before":"2100-01-01T00:00:00Z","not_after":"2110-01-01T00:00:00Z","used_by":[{"node":"nsx-01","service_types":["CBM_MP"]}]}]')"
run -o json
sums "dates"
is "year 1" "$(cert old '"\(.state) \(.findings[0].id) \(.not_after)"')" "CRITICAL expired 0001-06-01T00:00:00Z"
is "year 9999" "$(cert far '"\(.state) \(.not_after)"')" "OK 9999-12-31T23:59:59Z"
is "year 2100" "$(cert later '"\(.state) \(.findings[0].id)"')" "CRITICAL not-yet-valid"
run
one_line "dates"
ends() { jq -cn --argjson d "$1" '[{match: "GET /api/v1/trust-management/certificates", do: "body", times: 0,
	value: ({results: [{id: "x", display_name: "x", used_by: [{node_id: "n", service_types: ["API"]}], details: [$d]}], result_count: 1} | tojson)}]'; }
for end in '{}' '{"not_after":null}' '{"not_after":"soon"}' '{"not_after":1e300}' '{"not_after":{}}' '7' '{"not_before":1}'; do
	nsx_faults sim "$(ends "$end")"
	run -o json
	sums "an end of $end"
	is "an end of $end: UNKNOWN by name" "$(cert x '"\(.state) \(.findings[0].id)"')" "UNKNOWN unreadable"
done
nsx_faults sim "$(ends '{"not_after":-62135596800000,"not_before":-62135596800000}')"
run -o json
is "an end in year 1 by details" "$(cert x '"\(.state) \(.findings[0].id)"')" "CRITICAL expired"
nsx_faults sim "$(ends '{"not_after":9223372036854775807}')"
run -o json
is "an end beyond every calendar is not made up" "$(cert x '.state == "UNKNOWN" or .not_after == null or (.not_after | startswith("9999") or test("^\\+?[0-9]{5}"))')" true
sums "an end beyond every calendar"

# Ids, uses, nodes.
nsx_scenario sim "$(store '[{"id":"same","display_name":"one","cn":"one","days_left":4,"used_by":[{"node":"nsx-01","service_types":["CBM_API"]}]},
	{"id":"same","display_name":"two","cn":"two","days_left":5,"used_by":[{"node":"nsx-02","service_types":["CBM_API"]}]},
	{"display_name":"odd","cn":"odd","days_left":6,"used_by":[{"node_id":"{name: '"'"'x'"'"',node_id: '"'"'y'"'"'}","service_types":["Cluster Certificate","NEW_IN_10.0",""]}]},
	{"display_name":"untyped","cn":"untyped","days_left":6,"used_by":[{"node_id":"z","service_types":[]}]}]')"
run -o json
sums "ids and uses"
is "two with one id" "$(cert one .state) $(cert two .state)" "CRITICAL CRITICAL"
is "services that nobody knows" "$(cert odd '"\(.state) \([.sightings[0].uses[].service] | join(","))"')" "CRITICAL Cluster Certificate,NEW_IN_10.0,"
is "used for nothing that is named: not unused" "$(cert untyped '"\(.state) \([.findings[].id] | join(" "))"')" "CRITICAL expiring"
is "none is missing" "$(fact .counts.total)" $((defaults + 4))
rows() { jq -cn --argjson r "$1" '[{match: "GET /api/v1/trust-management/certificates", do: "body", times: 0, value: ({results: $r} | tojson)}]'; }
for row in null 7 '"x"' '[]' '{}' '{"id":7,"display_name":[],"pem_encoded":{},"used_by":"x"}' '{"id":null,"used_by":[null,7,{"service_types":7}]}'; do
	nsx_faults sim "$(rows "[$row]")"
	run -o json
	sums "a row that is $row"
	is "a row that is $row: UNKNOWN, and counted" "$(fact '"\(.state) \(.certificates | length)"')" "UNKNOWN 1"
	run
	one_line "a row that is $row"
done
