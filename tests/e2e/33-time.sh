#!/bin/bash
# Goal of this test: time to the second: a certificate is valid up to and including its last second, a limit
# alarms below itself and not at it, exceptions end with their last day, and years far away are counted as
# what they are.
. "$(dirname "$0")/lib.sh"
need openssl jq curl

# A CA of our own, because only "openssl ca" sets both ends.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/ca.key" -out "$T/ca.pem" -days 3 -subj /CN=ca 2> "$T/openssl.log"
cat > "$T/ca.conf" <<E
[ca]
default_ca = it
[it]
database = $T/index
new_certs_dir = $T
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = leaf
unique_subject = no
[any]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
[authority]
basicConstraints = critical,CA:TRUE
E
: > "$T/index"
make() {   # NAME START END [SECTION]: times as YYYYMMDDHHMMSSZ
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/$1.key" -out "$T/csr" -subj "/CN=$1" 2>> "$T/openssl.log"
	openssl ca -batch -notext -config "$T/ca.conf" -cert "$T/ca.pem" -keyfile "$T/ca.key" -in "$T/csr" -out "$T/$1.pem" \
		-startdate "$2" -enddate "$3" -extensions "${4:-leaf}" 2>> "$T/openssl.log"
	ok "made: $1" test -s "$T/$1.pem"
}
# at NAME TIME ARG...: "STATE finding seconds_left days_left"
at() {
	local file=$1 time=$2
	shift 2
	check --state-dir "$T/none" --file "$T/$file.pem" --at "$time" -o json "$@"
	jq -r '.certificates[0] | "\(.state) \(.findings[0].id // "none") \(.seconds_left) \(.days_left)"' <<< "$out"
}

# --- both ends, and limits ---
make year 20300101000000Z 20310101000000Z
while read -r time wanted; do
	is "valid all 2030, at $time" "$(at year "$time")" "$wanted"
done <<-'E'
	2029-12-31T23:59:59Z WARNING not-yet-valid 31536001 365
	2030-01-01T00:00:00Z OK none 31536000 365
	2030-01-01T00:00:01Z OK none 31535999 364
	2030-12-01T23:59:59Z OK none 2592001 30
	2030-12-02T00:00:00Z OK none 2592000 30
	2030-12-02T00:00:01Z WARNING expiring 2591999 29
	2030-12-25T00:00:00Z WARNING expiring 604800 7
	2030-12-25T00:00:01Z CRITICAL expiring 604799 6
	2030-12-31T23:59:59Z CRITICAL expiring 1 0
	2031-01-01T00:00:00Z CRITICAL expiring 0 0
	2031-01-01T00:00:01Z CRITICAL expired -1 -1
	2031-01-02T00:00:00Z CRITICAL expired -86400 -1
	2031-01-02T00:00:01Z CRITICAL expired -86401 -2
	2030-12-31T23:00:00-01:00 CRITICAL expiring 0 0
	2031-01-01T02:00:01+02:00 CRITICAL expired -1 -1
	2030-06-01 OK none 18489600 214
E
is "expired is CRITICAL whatever the limits" "$(at year 2031-01-01T00:00:01Z -w 0 -c 0)" "CRITICAL expired -1 -1"
is "the last second is not, without limits" "$(at year 2031-01-01T00:00:00Z -w 0 -c 0)" "OK none 0 0"
is "12 hours left, a limit of 12h" "$(at year 2030-12-31T12:00:00Z -w 12h -c 1h)" "OK none 43200 0"
is "a second less" "$(at year 2030-12-31T12:00:01Z -w 12h -c 1h)" "WARNING expiring 43199 0"
is "a quarter left, a limit of 25%" "$(at year 2030-10-01T18:00:00Z -w 25% -c 1%)" "OK none 7884000 91"
is "a second less than a quarter" "$(at year 2030-10-01T18:00:01Z -w 25% -c 1%)" "WARNING expiring 7883999 91"
check --state-dir "$T/none" --file "$T/year.pem" --at 2030-12-30T20:00:00Z
like "the text says hours when it is under three days" "$first" 'expires in 1d 4h'
check --state-dir "$T/none" --file "$T/year.pem" --at 2031-01-04T01:00:00Z
like "and since when it has ended" "$first" 'CRITICAL - .* expired 3d'
like "with the moment" "$out" '2031-01-01T00:00:00Z'

make authority 20300101000000Z 20310101000000Z authority
is "a CA: 90 days" "$(at authority 2030-10-03T00:00:00Z)" "OK none 7776000 90"
is "a CA: a second less" "$(at authority 2030-10-03T00:00:01Z)" "WARNING expiring 7775999 89"
is "a CA: 30 days" "$(at authority 2030-12-02T00:00:00Z)" "WARNING expiring 2592000 30"
is "a CA: a second less than 30 days" "$(at authority 2030-12-02T00:00:01Z)" "CRITICAL expiring 2591999 29"

# --- relative times ---
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/key" -out "$T/now.pem" -days 100 \
	-subj /CN=now -addext basicConstraints=critical,CA:FALSE 2>> "$T/openssl.log"
while read -r time wanted; do
	like "100 days, --at $time" "$(at now "$time")" "^$wanted"
done <<-'E'
	+0d OK none
	+69d OK none
	+71d WARNING expiring
	+11w WARNING expiring
	+94d CRITICAL expiring
	+2300h CRITICAL expiring
	+101d CRITICAL expired
	+10y CRITICAL expired
E
check --state-dir "$T/none" --file "$T/now.pem" --at 2026-06-01T12:34:56Z -o json
is "evaluated_at is that moment" "$(jq -r .evaluated_at <<< "$out")" 2026-06-01T12:34:56Z
for time in 2026-13-01 2026-02-30 2026-06-01T25:00:00Z 2026-06-01T12:00:00 now -5d 20260601 +99999999y ''; do
	check --state-dir "$T/none" --file "$T/now.pem" --at "$time"
	state "--at '$time' is none" UNKNOWN
done

# --- far away ---
make last 20300101000000Z 99991231235959Z
is "the year 9999 is far, and no error" "$(at last 2030-06-01T00:00:00Z | cut -d' ' -f1,2)" "OK none"
is "its days" "$(at last 9999-12-30T23:59:59Z)" "CRITICAL expiring 86400 1"
is "after the end of time there is no time" "$(at last 9999-12-31T23:59:59Z)" "CRITICAL expiring 0 0"
check --state-dir "$T/none" --file "$T/last.pem" -o json
is "its dates are shown" "$(jq -r '.certificates[0].not_after' <<< "$out")" 9999-12-31T23:59:59Z
make first 00010101000000Z 00020101000000Z
is "the year 1 is long ago, and no error" "$(at first 2030-01-01T00:00:00Z | cut -d' ' -f1,2)" "CRITICAL expired"
check --state-dir "$T/none" --file "$T/first.pem" -o json
is "its dates are shown too" "$(jq -r '.certificates[0] | .not_before + " " + .not_after' <<< "$out")" "0001-01-01T00:00:00Z 0002-01-01T00:00:00Z"
make old 19500101000000Z 19691231235959Z
is "before 1970" "$(at old 1970-01-01T00:00:00Z)" "CRITICAL expired -1 -1"
make turn 20491231235959Z 20500101000000Z
is "from the old form of dates to the new one" "$(at turn 2050-01-01T00:00:00Z | cut -d' ' -f1,2)" "CRITICAL expiring"
is "and a second later" "$(at turn 2050-01-01T00:00:01Z | cut -d' ' -f1,2)" "CRITICAL expired"
make beyond 20380119031408Z 20400101000000Z
is "past 2038" "$(at beyond 2038-01-19T03:14:07Z | cut -d' ' -f1,2)" "WARNING not-yet-valid"
make backwards 20310101000000Z 20300101000000Z
is "an end before its beginning is never OK" "$(at backwards 2030-06-01T00:00:00Z | cut -d' ' -f1)" CRITICAL

# --- exceptions: until is a day, all of it ---
cat > "$T/conf" <<E
[files f]
path = $T/year.pem
[ignore known]
match = name:year
reason = CHG-1
until = 2031-02-28
E
chmod 600 "$T/conf"
ignored() { check -f "$T/conf" --state-dir "$T/none" --at "$1" -o json; jq -c '[.state, .counts.ignored, .counts.critical]' <<< "$out"; }
is "an exception holds" "$(ignored 2031-01-05)" '["OK",1,0]'
is "through the last second of its last day" "$(ignored 2031-02-28T23:59:59Z)" '["OK",1,0]'
is "and not a second longer" "$(ignored 2031-03-01T00:00:00Z)" '["CRITICAL",0,1]'
check -f "$T/conf" --state-dir "$T/none" --at 2031-01-05 -v
like "what is ignored is told with its reason" "$out" 'IGNORED .*known: CHG-1'
check -f "$T/conf" --state-dir "$T/none" --at 2031-03-01T00:00:00Z -o json
is "one whose end has passed adds up" "$(jq '.counts | .ok + .warning + .critical + .unknown + .ignored == .total' <<< "$out")" true

# --- the server's clock ---
sim_start om opsman_sim
credentials "$T/login" client_id=monitor client_secret=simulator-only
om() { check --state-dir "$T/none" --opsman "$om_url" --ca-file "$om_ca" --credentials "$T/login" -o json "$@"; }
skew() { jq -c '[.sources[0].findings[] | select(.id == "clock-skew") | .state]' <<< "$out"; }
om
is "the same time: no clock-skew" "$(skew)" '[]'
sim_post "$om_url" "$om_ca" /_sim/clock '{ "advance_s": 600, "date": true }' > "$T/entered"
om
is "ten minutes: a note" "$code $(skew)" '0 ["OK"]'
om --at +0d
is "--at mutes it" "$code $(skew)" '0 []'
sim_post "$om_url" "$om_ca" /_sim/clock '{ "advance_s": 90000, "date": true }' > "$T/entered"
om
is "over a day: a warning" "$code $(skew)" '1 ["WARNING"]'
om --at +0d
is "--at mutes that too" "$code $(skew)" '0 []'
