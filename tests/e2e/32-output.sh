#!/bin/bash
# Goal of this test: what is printed survives whatever reads it: the byte budget, one pipe in the first line
# only, performance data by the book, points in every locale, JSON of the promised shape, names that attack
# any of these; and what could not be written is never OK.
. "$(dirname "$0")/lib.sh"
need openssl jq python3

make() {   # NAME DAYS SUBJECT
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/key" -out "$T/$1.pem" -utf8 \
		-days "$2" -subj "$3" -addext basicConstraints=critical,CA:FALSE 2> "$T/openssl.log"
}
make well 100 /CN=well.example
make soon 20 /CN=soon.example
sleep 1.1   # from now on there are less than 20 days left
c() { check --state-dir "$T/none" "$@"; }

# --- standard output that cannot be written ---
"$CHECK_CERTS" --file "$T/well.pem" >&- 2> "$T/stderr"
is "closed: exit status" "$?" 3
"$CHECK_CERTS" --file "$T/well.pem" > /dev/full 2> "$T/stderr"
is "full: exit status" "$?" 3
"$CHECK_CERTS" --help > /dev/full 2> "$T/stderr"
is "full, --help" "$?" 3
"$CHECK_CERTS" --file "$T/well.pem" <&- 2>&- > "$T/written"
is "the other descriptors are not needed" "$? $(head -c 10 "$T/written")" "0 CERTS OK -"
"$CHECK_CERTS" --file "$T/well.pem" --file "$T/soon.pem" | true
is "a reader that has gone is not waited for" "$(("${PIPESTATUS[0]}" == 1 || "${PIPESTATUS[0]}" == 3))" 1

# --- 3000 certificates: the same key, serial by serial ---
openssl req -new -key "$T/key" -subj /CN=many -out "$T/csr" 2> "$T/openssl.log"
python3 - "$T/soon.pem" "$T/many.pem" <<'P'
import base64, sys
# A certificate with another serial number is another one; its signature is nobody's business here.
der = bytearray(base64.b64decode("".join(open(sys.argv[1]).read().split("\n")[1:-2])))
at = der.index(b"\x02\x14") + 2     # the serial: 20 bytes
with open(sys.argv[2], "w") as out:
    for i in range(3000):
        der[at + 1:at + 5] = i.to_bytes(4, "big")
        text = base64.encodebytes(bytes(der)).decode()
        out.write("-----BEGIN CERTIFICATE-----\n" + text + "-----END CERTIFICATE-----\n")
P
c --file "$T/many.pem"
state "3000 that expire" WARNING
# out lost its last newline in $(...)
size() { "$CHECK_CERTS" --state-dir "$T/none" "$@" | wc -c; }
ok "within 4096 bytes" [ "$(size --file "$T/many.pem")" -le 4096 ]
ok "but not wasted" [ "$(size --file "$T/many.pem")" -ge 3700 ]
like "the last line counts the rest" "${out##*$'\n'}" '^\.\.\. and [0-9]+ more'
shown=$(grep -c '^WARNING ' <<< "$out")
is "what is shown and what is not are 3000" $((shown + $(sed -n 's/^\.\.\. and \([0-9]*\) more.*/\1/p' <<< "$out"))) 3000
is "cut at line ends" "$(grep -c '^WARNING .*expires 20..-..-..T..:..:..Z (19d)' <<< "$out")" "$shown"
like "the counts are all there" "$perf" 'certs_total=3000 certs_ok=0 certs_warning=3000 '
for bytes in 512 1000 20000; do
	ok "--max-output $bytes" [ "$(size --file "$T/many.pem" --max-output $bytes)" -le $bytes ]
done
c --file "$T/many.pem" -v --max-output 1048576
is "with room and -v every one has its line" "$(grep -c '^WARNING ' <<< "$out")" 3000
c --file "$T/many.pem" --list --max-output 1048576
is "--list has a line for each" "$(grep -c soon.example <<< "$out")" 3000
c --file "$T/many.pem" --perfdata each
ok "--perfdata each stays within the budget" [ "$(size --file "$T/many.pem" --perfdata each)" -le 4096 ]
like "--perfdata each: the totals stay" "$perf" 'certs_total=3000 '
c --file "$T/well.pem" --file "$T/soon.pem"
unlike "at level 0 what is well has no line" "$out" '^OK '
c --file "$T/well.pem" --file "$T/soon.pem" -v
is "-v has a line for each" "$(grep -cE '^(OK|WARNING) ' <<< "$out")" 2
c --file "$T/well.pem" --file "$T/soon.pem" --list
is "--list too, whatever its state" "$code $(grep -c example <<< "$out")" "1 2"

# --- a reader that takes its time gets everything ---
"$CHECK_CERTS" --state-dir "$T/none" --file "$T/many.pem" -v --max-output 1048576 | (sleep 1; cat) > "$T/slow"
is "a slow reader gets all" "$(grep -c '^WARNING ' "$T/slow")" 3000
"$CHECK_CERTS" --state-dir "$T/none" --file "$T/many.pem" -o json | python3 -c '
import sys, time
while True:
    data = sys.stdin.buffer.read1(3000)
    if not data: break
    sys.stdout.buffer.write(data); time.sleep(0.0005)' > "$T/slow.json"
is "JSON too" "$(jq '.certificates | length' "$T/slow.json")" 3000

# --- performance data by the book ---
# item = label=number[unit][;warn[;crit[;min[;max]]]], plain numbers, no empty field before a filled one
number='-?[0-9]+(\.[0-9]+)?'
item="^[a-z][a-z0-9_]{0,18}=$number(s|%)?((;$number){1,4})?\$"
perf_is_good() {   # NAME
	local items
	read -ra items <<< "$perf"
	is "$1: each item is well-formed" "$(printf '%s\n' "${items[@]}" | grep -vE "$item")" ""
	is "$1: labels are unique" "$(printf '%s\n' "${items[@]%%=*}" | sort | uniq -d)" ""
	ok "$1: the totals are there" grep -q '^ *certs_total=[0-9]* certs_ok=' <<< "$perf"
}
c --file "$T/well.pem" --file "$T/soon.pem"
perf_is_good "plain"
like "limits are plain numbers" "$perf" 'min_days_left=19;30;7( |$)'
like "the share has its unit" "$perf" 'min_life_left=9[0-9]\.[0-9]{2}%( |$)'
c --file "$T/well.pem" --file "$T/soon.pem" --perfdata each
perf_is_good "each"
id=$(openssl x509 -in "$T/soon.pem" -outform DER | sha256sum | cut -c1-8)
like "each: one value by fingerprint" "$perf" " c_$id=19;30;7( |$)"
is "each: one for each" "$(grep -o ' c_[0-9a-f]*=' <<< "$perf" | wc -l)" 2
c --file "$T/soon.pem" --perfdata none
is "none: no pipe" "$(grep -c '|' <<< "$out")" 0
for limits in "-w 30% -c 10%" "-w 12h -c 1h" "-w 40,30% -c 5,1%" "-w 40 -c 1%" "-w @0:30 -c @0:7" "--at +30d"; do
	# shellcheck disable=SC2086 # the words are meant
	c --file "$T/soon.pem" --perfdata each $limits
	perf_is_good "$limits"
done
c --file "$T/soon.pem" --at +25d
like "an expired one has a negative number" "$perf" 'min_days_left=-6;'
c --file "$T/none.pem"
perf_is_good "nothing read"

# --- every locale ---
# One with commas is made where its source is installed; the plugin must not care either way.
if [ -e /usr/share/i18n/locales/de_DE ] && mkdir "$T/locales" && localedef -i de_DE -f UTF-8 "$T/locales/de_DE.UTF-8" 2> "$T/localedef"; then
	export LOCPATH=$T/locales
	is "there is a locale with commas" "$(env LC_ALL=de_DE.UTF-8 locale decimal_point)" ,
fi
for l in de_DE.UTF-8 C.UTF-8 no_SUCH; do
	out=$(env LC_ALL=$l LC_NUMERIC=$l LANG=$l "$CHECK_CERTS" --state-dir "$T/none" --file "$T/soon.pem" --perfdata each)
	first=${out%%$'\n'*} perf=${first#*|}
	perf_is_good "LC_ALL=$l"
	like "LC_ALL=$l: points" "$perf" 'min_life_left=9[0-9]\.[0-9]{2}%;*'
	out=$(env LC_ALL=$l LC_NUMERIC=$l LANG=$l "$CHECK_CERTS" --state-dir "$T/none" --file "$T/soon.pem" -o json)
	is "LC_ALL=$l: JSON numbers" "$(jq -r '.sources[0].seconds | type' <<< "$out")" number
done
unset LOCPATH

# --- names that attack ---
attack() {   # NAME SUBJECT
	rm -f "$T/evil.pem"
	make evil 20 "/CN=${2//\//\\/}"
	ok "$1: the certificate is there" test -s "$T/evil.pem"
	c --file "$T/evil.pem" -v
	state "$1" WARNING
	is "$1: two lines" "$(wc -l <<< "$out")" 2
	is "$1: one pipe, in the first line" "$(tr -cd '|' <<< "$out" | wc -c) $(grep -c '|' <<< "$first")" "1 1"
	perf_is_good "$1"
	unlike "$1: nothing that a monitoring changes" "$text$(sed 1d <<< "$out")" '<[a-z/]|\[OK\]'
	unlike "$1: no semicolon in the first text" "$text" ';'
	is "$1: no control characters, valid UTF-8" "$(LC_ALL=C tr -d '\n' <<< "$out" | LC_ALL=C grep -c '[[:cntrl:]]') $(iconv -f utf-8 -t utf-8 <<< "$out" > "$T/utf8"; echo $?)" "0 0"
	c --file "$T/evil.pem" -o json
	is "$1: JSON is valid and has a name" "$(jq -r '.certificates[0].subject | startswith("CN=") and length > 4' <<< "$out")" true
}
attack "a pipe" 'a|b=1;2;3|c'
attack "a newline" $'a\nOK all is fine | x=1'
attack "a carriage return and an escape" $'a\r\e[31mred'
attack "quotes, backslash" "it's \"q\" \\\\ \`id\` \$(id)"
attack "tags" '<script>alert(1)</script> [OK] <b>'
attack "semicolons and equals" 'a;b;c=d::e'
attack "emoji, bidi, zero width" $'x\u202Eevil\u200B\U0001F600'
attack "64 characters" "$(printf 'ä%.0s' {1..64})"
attack "perfdata of its own" "x' certs_total=0 'y"

# --- JSON: the shape that was promised, keys always there ---
c --file "$T/well.pem" --file "$T/soon.pem" --file "$T/none.pem" -o json
keys() { is "JSON: keys of $1" "$(jq -r "[$2 | keys_unsorted - ($3)] | flatten | join(\" \")" <<< "$out")|$(jq -r "[$2 | ($3) - keys_unsorted] | flatten | join(\" \")" <<< "$out")" "|"; }
has() { is "JSON: keys of $1" "$(jq -r "[$2 | ($3) - keys_unsorted] | flatten | join(\" \")" <<< "$out")" ""; }
has "the object" . '["schema","state","evaluated_at","summary","counts","sources","certificates"]'
keys "counts" .counts '["total","ok","warning","critical","unknown","ignored"]'
has "a source" '.sources[]' '["name","kind","state","version","certificates","requests","seconds","findings","unreadable_by_design"]'
has "a certificate" '.certificates[]' '["sha256","subject","issuer","serial","names","not_before","not_after","seconds_left","days_left","is_ca","key","signature","state","findings","sightings","remedy"]'
has "a finding" '.certificates[].findings[]' '["id","state","message"]'
has "a file's sighting" '.certificates[].sightings[]' '["source","kind","via","path","index"]'
has "a remedy" '.certificates[].remedy' '["procedure","by","detail"]'
is "JSON: schema and state" "$(jq -r '"\(.schema) \(.state)"' <<< "$out") $code" "check_certs/1 UNKNOWN 3"
is "JSON: sums" "$(jq -c '.counts | [.total, .ok, .warning, .unknown]' <<< "$out")" "[3,1,1,1]"
is "JSON: times are UTC with a Z" "$(jq -r '[.evaluated_at, .certificates[].not_before, .certificates[].not_after] | map(select(test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$") | not)) | length' <<< "$out")" 0
is "JSON: the same finger print as OpenSSL's" "$(jq -r '.certificates[0].sha256' <<< "$out" | cut -c1-8)" "$id"
is "JSON: subject, key, signature" "$(jq -c '.certificates[0] | [.subject, .key, .signature, .is_ca, .days_left]' <<< "$out")" '["CN=soon.example","EC P-256","ecdsa-with-SHA256",false,19]'
ok "JSON ends with one newline" [ "$("$CHECK_CERTS" --file "$T/well.pem" -o json | tail -c 2 | od -An -c | tr -d ' ')" = '}\n' ]
