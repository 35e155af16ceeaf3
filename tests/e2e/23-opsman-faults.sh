#!/bin/bash
# Goal of this test: each call to Ops Manager fails in each way that networks and servers know: a list
# that was not read is never OK, the first line says what happened, the deadline holds, the sums add up,
# and one list that fails does not hide the other.
. "$(dirname "$0")/lib.sh"
need jq curl

credentials "$T/login" client_id=monitor client_secret=simulator-only
# manager NAME: a simulator of its own, and $T/NAME.conf for it.
manager() {
	local url=${1}_url ca=${1}_ca
	sim_start "$1" opsman_sim
	cat > "$T/$1.conf" <<-E
	[opsman om]
	url = ${!url}
	credentials = $T/login
	ca_file = ${!ca}
	E
}
faults() {   # NAME JSON
	local url=${1}_url ca=${1}_ca
	sim_post "${!url}" "${!ca}" /_sim/faults "$2" > "$T/entered" || note "refused: $2"
}
counted() { sed -E 's/^ *certs_total=([0-9]+) certs_ok=([0-9]+) certs_warning=([0-9]+) certs_critical=([0-9]+) certs_unknown=([0-9]+) .*/\1 \2 \5/' <<< "$1"; }

# A UI certificate, root and NATS CA, the row of that root CA, and two more rows.
declare -A path=([info]="GET /api/v0/info" [login]="POST /uaa/oauth/token" [cas]="GET /api/v0/certificate_authorities"
	[rows]="GET /api/v0/deployed/certificates")
declare -A name=([info]=info [login]=login [cas]="certificate authorities" [rows]="deployed certificates")
declare -A partly=([info]="2 1 1" [login]="2 1 1" [cas]="5 4 1" [rows]="4 3 1")
whole="5 5 0"

# judge CALL KIND WORDS: of the last check: UNKNOWN, what is left, and why.
judge() {
	state "$1, $2" UNKNOWN
	is "$1, $2: total, ok, unknown" "$(counted "$perf")" "${partly[$1]}"
	like "$1, $2: said" "$text" "om: ${name[$1]}: .*$3"
}
# in_full CALL KIND: of the last check: all was read in full.
in_full() {
	state "$1, $2" OK
	is "$1, $2: all is judged" "$(counted "$perf")" "$whole"
}
run() {   # CALL FAULT VALUE: the call fails like that each time.
	faults om "[{ \"match\": \"${path[$1]}\", \"times\": 0, \"do\": \"$2\"${3:+, \"value\": $3} }]"
	check -f "$T/om.conf" --state-dir "$T/none" -t 8 -v
}

manager om
check -f "$T/om.conf" --state-dir "$T/none"
in_full "no call" "no fault"

# --- what comes back at once ---
# Without a version everything can still be read: that is a note.  A connection that breaks is another
# thing: the next call would not fare better.
while IFS='/' read -r kind info fault value words; do
	for call in login cas rows; do
		run $call "$fault" "$value"
		judge $call "$kind" "$words"
		unlike "$call, $kind: no list is left out without a word" "$text" 'fine'
	done
	run info "$fault" "$value"
	case $info in
	note) in_full info "$kind"; like "info, $kind: -v tells" "$out" '^OK om: version not known: .' ;;
	same) in_full info "$kind" ;;
	*) judge info "$kind" "$words" ;;
	esac
done <<-'E'
	500/note/status/500/HTTP 500
	404/note/status/404/HTTP 404
	a sign-in page/same/html/200/(HTML instead of JSON|HTTP 200)
	garbage/note/garbage/300/at byte [0-9]+
	half an answer/fails/truncate/15/cut short
	no answer/fails/lose//closed the connection without an answer
	a reset/fails/reset/10/reset the connection
	deep JSON/note/deep/10000/nested too deeply
	nothing/note/body/""/the answer is empty
	null/note/body/"null"/(want an array|want a string), have nothing
	an array/note/body/"[]"/(want an array|want a string), have nothing
	wrong types/note/body/"{\"certificates\":7,\"certificate_authorities\":{},\"access_token\":1,\"info\":[]}"/want a(n array|n object| string), have
E
# The body is what counts: real ones were seen with odd types.
for call in info login cas rows; do
	run $call content-type '"application/octet-stream"'
	in_full $call "another content type"
done

# --- what takes time: a manager for each call ---
for call in info login cas rows; do manager "slow_$call"; done
# together T: all four at once, with a deadline of T; $T/CALL.code, .out and .took.
together() {
	local call jobs=()
	for call in info login cas rows; do
		(
			began=$(date +%s%N)
			"$CHECK_CERTS" -f "$T/slow_$call.conf" --state-dir "$T/none" -t "$1" -v > "$T/$call.out"
			echo $? > "$T/$call.code"
			echo $((($(date +%s%N) - began) / 1000000)) > "$T/$call.took"
		) &
		jobs+=($!)
	done
	wait "${jobs[@]}"
}
load() {   # CALL: as if check had just run it
	out=$(cat "$T/$1.out") code=$(cat "$T/$1.code")
	first=${out%%$'\n'*} text=${out%%|*} perf=${first#*|}
}
# Once is not each time: a bad moment is waited for.
for call in info login cas rows; do
	faults "slow_$call" "[{ \"match\": \"${path[$call]}\", \"do\": \"status\", \"value\": 503 }]"
done
together 8
for call in info cas rows; do
	load $call
	in_full $call "503 once"
done
load login
judge login "503 once: a password is not sent again" 'HTTP 503'
for call in info login cas rows; do
	faults "slow_$call" "[{ \"match\": \"${path[$call]}\", \"times\": 0, \"do\": \"status\", \"value\": 502 }]"
done
together 10
for call in login cas rows; do
	load $call
	judge $call "502 for ever" '(starting or upgrading|may still be starting)'
done
load info
in_full info "502 for ever, though it says that it is ready"

for fault in '"slow", "value": 3' '"delay", "value": 20000' '"slow-header", "value": 3'; do
	for call in info login cas rows; do
		faults "slow_$call" "[{ \"match\": \"${path[$call]}\", \"times\": 0, \"do\": $fault }]"
	done
	together 2
	for call in info login cas rows; do
		load $call
		state "$call, $fault" UNKNOWN
		ok "$call, $fault: the deadline holds" [ "$(cat "$T/$call.took")" -lt 2600 ]
		like "$call, $fault: said" "$text" "om: ${name[$call]}: .*(time|deadline|slow|no answer)"
		like "$call, $fault: sums add up" "$(counted "$perf" | awk '{ print $1 == $2 + $3 }')" '^1$'
	done
	load rows
	like "rows, $fault: the CAs that were read are judged" "$out" 'ROOT_CA .*expires'
done
