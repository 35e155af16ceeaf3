#!/bin/bash
# Goal of this test: what each Ops Manager version tells is judged in full: both date forms, NATS CA or
# none, fields that are null, rows that come twice, a rotation that was begun and left; each class with
# its limits and its remedy; and whatever could not be read is named and never OK.
. "$(dirname "$0")/lib.sh"
need jq curl

scenarios=$top/tests/sim/scenarios
credentials "$T/login" client_id=monitor client_secret=simulator-only
sim_start om opsman_sim
cat > "$T/conf" <<E
[opsman om]
url = $om_url
credentials = $T/login
ca_file = $om_ca
E

# om SCENARIO ARG...: the simulator becomes that; poll it twice: $out is the JSON, $text_out the text of -v.
om() {
	local scenario=$1
	shift
	sim_post "$om_url" "$om_ca" /_sim/scenario "$(cat "$scenario")" > "$T/entered" || note "refused: $scenario"
	again "$@"
}
again() {
	check -f "$T/conf" --state-dir "$T/none" -v "$@"
	text_out=$out first_text=$first code_text=$code
	check -f "$T/conf" --state-dir "$T/none" -o json "$@"
}
q() { jq -c "$1" <<< "$out"; }
# service NAME JQ: of the certificates with a use of that name.
service() { q "[.certificates[] | select(any(.sightings[].uses[]?; .service == \"$1\"))] | $2"; }
sums() { is "$1: sums add up" "$(q '.counts | .ok + .warning + .critical + .unknown + .ignored == .total')" true; }

# --- the versions, healthy ---
while read -r version told total services; do
	om "$scenarios/opsman-$version.json"
	is "$version: state" "$code $(q .state)" '0 "OK"'
	is "$version: text and JSON agree" "$code_text ${first_text%% - *}" "0 CERTS OK"
	sums "$version"
	is "$version: all are there, all are ok" "$(q '[.counts.total, .counts.ok]')" "[$total,$total]"
	is "$version: the version" "$(q '.sources[0].version')" "\"$told\""
	is "$version: four calls" "$(q '.sources[0].requests')" 4
	is "$version: the uses" "$(jq -r '[.certificates[].sightings[].uses[].service] | unique | join(" ")' <<< "$out")" "$services"
	is "$version: nothing to remark" "$(q '[.sources[].findings[], .certificates[].findings[]]')" "[]"
	is "$version: no remedy for what is well" "$(q '[.certificates[].remedy.procedure] | unique')" "[null]"
	is "$version: calls never overlap" "$(curl -sS --cacert "$om_ca" "$om_url/_sim/state" | jq .overlapping_calls)" 0
	is "$version: each line of -v names one certificate" "$(grep -c '^OK ' <<< "$text_out")" "$total"
	printf '%s\n' "$out" > "$T/$version.json"
done <<-E
	1.10 1.10.0 4 CONFIGURABLE_LEAF LEAF OM_UI ROOT_CA
	2.5 2.5-build.152 5 CREDHUB_CA LEAF NATS_CA OM_UI ROOT_CA
	2.10 2.10.40-build.1 7 CONFIGURABLE_LEAF CREDHUB_CA LEAF NATS_CA OM_UI ROOT_CA SERVICES_LEAF
	3.0 3.0.20+LTS-T 5 CREDHUB_CA LEAF NATS_CA OM_UI ROOT_CA
E
out=$(cat "$T/1.10.json")
is "1.10: dates without a time do not count against the PEM" "$(service ROOT_CA '.[0].findings')" "[]"
is "1.10: the CA ends when its PEM says so, not at midnight" "$(service ROOT_CA '.[0].sha256 | length')" 64
out=$(cat "$T/2.5.json")
is "2.5: an issuer that a CredHub row tells is kept" "$(service CREDHUB_CA '.[0].issuer')" '"/CN=bosh-dns-ca"'
like "2.5: so is its start" "$(service CREDHUB_CA '.[0].not_before')" '^"20..-..-..T..:..:..Z"$'
out=$(cat "$T/2.10.json")
is "2.10: what is null stays null" "$(service CREDHUB_CA '.[0] | [.sha256, .subject, .issuer, .serial, .not_before]')" "[null,null,null,null,null]"
is "2.10: the row that stands there twice is counted once" "$(service CREDHUB_CA length)" 1
is "2.10: root CA of the list and of the row are one certificate" "$(service ROOT_CA length)" 1
is "2.10: seen twice" "$(service ROOT_CA '[.[0].sightings[].id] | sort')" '[".properties.root_ca.f7bc18f34f2a7a9403c3","f7bc18f34f2a7a9403c3"]'
is "2.10: a leaf with is_ca set is none" "$(service SERVICES_LEAF '.[0].is_ca')" false
is "2.10: the NATS CA is another certificate than the root CA" \
	"$(q '[.certificates[] | select(any(.sightings[].uses[]?; .service == "NATS_CA" or .service == "ROOT_CA")) | .sha256] | unique | length')" 2
is "2.10: the UI's own certificate came by handshake" "$(service OM_UI '.[0].sightings[0] | [.via, .kind]')" '["tls","opsman"]'

# --- CAs by the CA limits: root and NATS CA end in 1200 days, the leaf in 500 ---
om "$scenarios/opsman-2.10.json" --at +1120d
is "80 days before its end a CA is WARNING" "$(service ROOT_CA '.[0] | [.state, .findings[].id]')" '["WARNING","expiring"]'
is "so is the NATS CA" "$(service NATS_CA '.[0] | [.state, .findings[].id]')" '["WARNING","expiring"]'
is "what has ended is expired" "$(service LEAF '.[0] | [.state, .findings[].id]')" '["CRITICAL","expired"]'
again --at +1175d
is "25 days before its end a CA is CRITICAL" "$(service NATS_CA '.[0].state')" '"CRITICAL"'
again --at +1175d --ca-warning 20 --ca-critical 10
is "--ca-warning moves the CA limits" "$(service NATS_CA '.[0].state')" '"OK"'
again --at +1175d -w 1 -c 1
is "-w does not" "$(service NATS_CA '.[0].state')" '"CRITICAL"'
again --at +475d
is "25 days before its end a leaf is WARNING" "$(service LEAF '.[0].state')" '"WARNING"'

# --- remedies, class by class ---
again --at +1300d
remedy() { service "$1" '.[0].remedy | "\(.procedure) \(.by)"'; }
is "remedy of the root CA" "$(remedy ROOT_CA)" '"opsman-ca-rotation remediate_certs"'
is "remedy of the NATS CA" "$(remedy NATS_CA)" '"opsman-ca-rotation remediate_certs"'
is "remedy of a CredHub CA from 2.9 on" "$(remedy CREDHUB_CA)" '"opsman-ca-rotation remediate_certs"'
is "remedy of a leaf" "$(remedy LEAF)" '"opsman-regenerate remediate_certs"'
is "remedy of a configurable leaf" "$(remedy CONFIGURABLE_LEAF)" '"manual person"'
like "a person is told where" "$(service CONFIGURABLE_LEAF '.[0].remedy.detail')" "form field of its tile"
is "remedy of the services leaf" "$(remedy SERVICES_LEAF)" '"manual person"'
is "remedy of the UI's certificate" "$(remedy OM_UI)" '"manual person"'
like "the server's own name for the procedure is shown" "$(service LEAF '.[0].remedy.detail')" 'Non-configurable Leaf Procedure'
om "$scenarios/opsman-2.5.json" --at +1300d
is "remedy of a CredHub CA before 2.9" "$(remedy CREDHUB_CA)" '"manual person"'

# --- a rotation that was begun and left ---
om "$scenarios/opsman-expiring.json"
is "expiring: state" "$code" 2
is "expiring: counts" "$(q '[.counts.total, .counts.ok, .counts.warning, .counts.critical, .counts.unknown]')" "[7,3,2,2,0]"
sums "expiring"
like "expiring: the first line has the worst" "$first_text" '^CERTS CRITICAL - om (ROOT|NATS)_CA expires in 1[12]d'
unfinished() { q '[.certificates[] | select(any(.findings[]; .id == "rotation-unfinished"))] | '"$1"; }
is "the inactive newer CA is named" "$(unfinished '[.[].sightings[0].id]')" '["aa11bb22cc33dd44ee55"]'
is "its state and remedy" "$(unfinished '[.[0].state, .[0].remedy.procedure]')" '["WARNING","opsman-ca-rotation"]'
jq '.cas[1].created_days_ago = 3' "$scenarios/opsman-expiring.json" > "$T/fresh.json"
om "$T/fresh.json"
is "a rotation of three days was not left" "$(unfinished length)" 0
jq '.cas[0].active = false' "$scenarios/opsman-expiring.json" > "$T/none-active.json"
om "$T/none-active.json"
like "no CA is active: said" "$(q '.sources[0].findings')" '0 of 2 are active'
is "no CA is active: the source is not OK" "$(q '.sources[0].state != "OK"')" true

# --- whatever could not be read ---
# broken NAME CHANGE WORDS: with that change to 2.10 the run is UNKNOWN and says WORDS.
broken() {
	jq "$2" "$scenarios/opsman-2.10.json" > "$T/broken.json"
	om "$T/broken.json"
	is "$1: UNKNOWN" "$code $(q .state)" '3 "UNKNOWN"'
	is "$1: counted" "$(q '.counts.unknown >= 1')" true
	sums "$1"
	like "$1: said" "$text_out" "$3"
}
broken "a row without valid_until" '.certificates[1] |= (del(.certificate) | .row.valid_until = null)' 'UNKNOWN .*director_ssl.*no valid_until'
is "the other certificates stay judged" "$(q .counts.ok)" 6
broken "a row whose date is none" '.certificates[1] |= (del(.certificate) | .row.valid_until = "soon")' 'UNKNOWN .*valid_until is not a date: soon'
broken "an empty list" '.certificates = []' 'list is empty'
is "the CAs are judged nevertheless" "$(service ROOT_CA '.[0].state')" '"OK"'
broken "a CA without cert_pem" '.cas[0].pem = ""' 'cert_pem is missing'
broken "a CA with a broken cert_pem" '.cas[0].pem = "-----BEGIN CERTIFICATE-----\nMIIBroken\n-----END CERTIFICATE-----\n"' 'cert_pem'
broken "no CA at all" '.cas = [] | del(.certificates[].certificate.issuer)' 'list is empty, and every Ops Manager has a CA'

# Not every one has a NATS CA to show: that is said, and is no failure.
jq '.cas[0].nats = null' "$scenarios/opsman-2.10.json" > "$T/no-nats.json"
om "$T/no-nats.json"
is "no NATS CA beside the active one: a note" "$code $(q '[.sources[].findings[] | select(.message | test("NATS|nats")) | .state]')" '0 ["OK"]'
unlike "and nothing but notes" "$(q '[.sources[].findings[].state]')" 'WARNING|UNKNOWN|CRITICAL'
like "that -v tells" "$text_out" 'no nats_cert_pem beside the active CA'

jq '.cas[0] |= (.days_left = -2 | .not_before = "2020-01-01T00:00:00Z" | del(.valid_days) | .nats.days_left = -2 |
	.nats.not_before = "2020-01-01T00:00:00Z")' "$scenarios/opsman-2.10.json" > "$T/dead.json"
om "$T/dead.json"
is "the root CA has expired, the list is empty: CRITICAL" "$code" 2
is "both CAs are expired" "$(q '[.certificates[] | select(any(.findings[]; .id == "expired"))] | length')" 2
like "the empty list is told too" "$text_out" 'UNKNOWN om: .*list is empty'
is "and counted as unknown" "$(q '.counts.unknown')" 1
