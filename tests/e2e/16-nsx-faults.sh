#!/bin/bash
# Goal of this test: every call of an NSX poll fails in every way.  check_certs ends within its
# deadline, is never OK with something unread, says which target it is about, counts everything, and
# needs no memory that an attacker can choose.  What does not matter for the outcome is survived.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"
need python3

deadline=2
# Name, fault, and the outcome: 3 for all calls, or 0, or "optional": 0 where the call is not needed.
faults='500 {"do":"status","value":{"status":500,"body":"{\"error_code\":1,\"error_message\":\"broken\"}"}} 3
500-empty {"do":"status","value":{"status":500,"body":""}} 3
403 {"do":"status","value":403} 3
401 {"do":"status","value":401} 3
404 {"do":"status","value":404} optional
302 {"do":"status","value":{"status":302,"headers":{"Location":"https://127.41.0.11/other"}}} 3
429-for-long {"do":"status","value":{"status":429,"headers":{"Retry-After":"3600"}}} 3
429-once {"times":1,"do":"status","value":{"status":429,"headers":{"Retry-After":"1"}}} 0
503-for-ever {"do":"status","value":503} 3
503-once {"times":1,"do":"status","value":503} 0
html {"do":"html","value":200} 3
html-502 {"do":"html","value":502} 3
garbage {"do":"garbage"} 3
garbage-1M {"do":"garbage","value":1000000} 3
truncate {"do":"truncate"} 3
truncate-10 {"do":"truncate","value":10} 3
lose {"do":"lose"} 3
reset {"do":"reset"} 3
reset-late {"do":"reset","value":20} 3
short-length {"do":"length","value":-9} 3
long-length {"do":"length","value":9} 3
content-type {"do":"content-type","value":"text/html"} 0
chunked {"do":"chunked"} 0
deep {"do":"deep","value":10000} 3
empty {"do":"body","value":""} 3
null {"do":"body","value":"null"} 3
array {"do":"body","value":"[]"} 3
raw {"do":"raw","value":"SSH-2.0-OpenSSH_9.2\r\n"} 3
endless-header {"do":"endless-header","value":4000000} 3
slow {"do":"slow","value":1} 3
late {"do":"delay","value":60000} 3'
calls='version /api/v1/node/version
certificates /api/v1/trust-management/certificates
cluster /api/v1/cluster
vip /api/v1/cluster/api-virtual-ip
profiles /api/v1/trust-management/certificate-profiles
policy /policy/api/v1/infra/certificates
principals /api/v1/trust-management/principal-identities
session /api/session/create'

# What ought to come of a fault (its name and the outcome above) at a call.
wanted() {
	case "$3:$1:$2" in
	# Creating a session answers with headers alone: what is done to its body does not matter.
	session:garbage:* | session:truncate*:* | session:reset-late:* | session:short-length:* | session:slow:*) echo 0 ;;
	session:*once:*) echo 3 ;;
	*:optional) case $3 in vip | profiles | policy | principals) echo 0 ;; *) echo 3 ;; esac ;;
	*) echo "$2" ;;
	esac
}

# One line for each fault at the calls given: "STATUS MILLISECONDS WANTED CALL FAULT FACTS".
matrix() {   # SIM CALL...
	local sim=$1 call path name fault outcome code began limit
	shift
	for call; do
		path=$(sed -n "s/^$call //p" <<< "$calls")
		credentials "$T/$sim.cred" username=audit password=simulator-only "$([ "$call" = session ] && echo login=session)"
		while read -r name fault outcome; do
			nsx_faults "$sim" "[$(jq -c --arg p "$path" '{times: 0} + . + {match: "* \($p)"}' <<< "$fault")]"
			began=${EPOCHREALTIME/./}
			# What is asked again needs a moment.
			case $name in *-once) limit=5 ;; *) limit=$deadline ;; esac
			"$CHECK_CERTS" -f "$T/$sim.conf" -t $limit -o json > "$T/$sim.out" 2> "$T/$sim.err"
			code=$?
			printf '%s %s %s %s %s %s\n' $code $(((${EPOCHREALTIME/./} - began) / 1000)) "$(wanted "$name" "$outcome" "$call")" "$call" "$name" \
				"$(jq -r "$facts" "$T/$sim.out" 2>&1 | tr '\n' ' ')"
		done <<< "$faults"
	done > "$T/$sim.matrix"
}
# shellcheck disable=SC2016 # jq's words
facts='[(.counts | .total == .ok + .warning + .critical + .unknown + .ignored),
	(.counts.total == (.certificates | length) + ([.sources[] | select(.failed)] | length)),
	({OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3}[.state]), (.certificates | length),
	(.summary | test("^s[1-4]: .*(/api/|not read before the deadline: .)")), .summary] | map(tostring) | join(" ")'

for sim in s1 s2 s3 s4; do
	nsx_start $sim '{"version":"4.2"}'
	nsx_conf $sim probe=no
done
check -f "$T/s1.conf" -o json
state_before=$(fact .state)
all=$(fact '.certificates | length')
is "without a fault" "$state_before" OK
ok "with certificates" [ "$all" -gt 5 ]
# Most of it is waiting, so four at a time.
workers=()
while read -r sim of_it; do
	# shellcheck disable=SC2086 # words
	matrix "$sim" $of_it &
	workers+=($!)
done <<< 's1 version certificates
s2 cluster vip
s3 profiles policy
s4 principals session'
wait "${workers[@]}"

while read -r code ms want call name whole each agrees certs names summary; do
	what="$call: $name"
	if [ "$code" = "$want" ]; then report "$what: exit status $want" 0; else report "$what: exit status $want" 1; note "got $code: $summary"; fi
	ok "$what: in time" [ "$ms" -le $((deadline * 1000 + 2000)) ]
	is "$what: the sums add up, and the state agrees" "$whole $each $agrees" "true true $code"
	case $code in
	0) is "$what: nothing is missing" "$certs" "$all" ;;
	*) if [ "$names" = true ]; then report "$what: target and place are named" 0; else report "$what: target and place are named" 1; note "$summary"; fi ;;
	esac
	case $call:$code in
	version:* | certificates:* | session:* | *:0) ;;
	*) is "$what: the trust store stays" "$certs" "$all" ;;
	esac
done < <(cat "$T"/s?.matrix)
is "every call met every fault" "$(cat "$T"/s?.matrix | wc -l)" $(($(wc -l <<< "$faults") * $(wc -l <<< "$calls")))

# A body of 100 MB is not read to its end, let alone kept.
credentials "$T/s1.cred" username=audit password=simulator-only
while read -r call path; do
	case $call in session) continue ;; esac
	nsx_faults s1 "[{\"match\":\"GET $path\",\"do\":\"big\",\"value\":104857600,\"times\":0}]"
	out=$(python3 - "$CHECK_CERTS" -f "$T/s1.conf" -t 20 <<-'P'
		import resource, subprocess, sys
		done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
		print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.stdout.decode().split("\n")[0])
	P
	)
	like "$call with 100 MB: UNKNOWN, and said" "$out" "^3 [0-9]+ CERTS UNKNOWN - s1: .*(large|long|more than|bytes|MiB|MB)"
	ok "$call with 100 MB: at most 200 MB of memory" [ "$(cut -d ' ' -f 2 <<< "$out")" -le 204800 ]
done <<< "$calls"
