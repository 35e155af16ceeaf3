# shellcheck shell=bash
# nsx.sh - what the tests against nsx_sim share.  Source it after lib.sh.
#
#   nsx_start NAME JSON          a simulator with this scenario; sets NAME_url, NAME_ca, NAME_pid, and
#                                $T/NAME.cred for its read-only account
#   nsx_scenario NAME JSON       the running simulator takes another scenario
#   nsx_faults NAME JSON         its faults from now on ([] for none)
#   nsx_state NAME FILTER        jq over what it believes
#   nsx_mark NAME                forget the requests so far
#   nsx_log NAME FILTER          jq over the array of requests since then
#   nsx_conf NAME KEY=VALUE...   write $T/NAME.conf with one target of that name
#   poll NAME ARG...             check --nsx with its CA and account
#   fact FILTER                  jq -r over the JSON of the last check
#   sums NAME                    of the last check (-o json): everything is counted, and once
#   one_line NAME                of the last check (text): what Nagios and Icinga can read
need jq curl

nsx_call() {   # NAME PATH CURL_ARG...; a listener that restarts is waited for
	local url=${1}_url path=$2 status
	shift 2
	for _ in $(seq 50); do
		curl -sS --fail --insecure --max-time 20 "$@" "${!url}$path" 2> "$T/curl.stderr"
		status=$?
		case $status in 7 | 35 | 56) sleep 0.1 ;; *) break ;; esac
	done
	[ $status = 0 ] || cat "$T/curl.stderr" >&2
	return $status
}
nsx_start() {
	printf '%s\n' "$2" > "$T/$1.scenario"
	sim_start "$1" nsx_sim --scenario "$T/$1.scenario"
	credentials "$T/$1.cred" username=audit password=simulator-only
	printf -v "${1}_seen" 0
}
nsx_scenario() { nsx_call "$1" /_sim/scenario -X POST -d "$2" > "$T/$1.said" || note "scenario: $(cat "$T/$1.said")"; }
nsx_faults() { nsx_call "$1" /_sim/faults -X POST -d "$2" > "$T/$1.said" || note "faults: $2"; }
nsx_state() { nsx_call "$1" /_sim/state | jq -r "$2"; }
nsx_mark() {
	local seen
	seen=$(nsx_call "$1" /_sim/log | jq length)
	printf -v "${1}_seen" %s "$seen"
}
nsx_log() {
	local seen=${1}_seen
	nsx_call "$1" "/_sim/log?since=${!seen}" | jq -r "$2"
}
nsx_conf() {
	local name=$1 url=${1}_url ca=${1}_ca
	shift
	{
		printf '[nsx %s]\nurl = %s\ncredentials = %s\n' "$name" "${!url}" "$T/$name.cred"
		case " $*" in *" ca_file"* | *" pin_sha256"*) ;; *) printf 'ca_file = %s\n' "${!ca}" ;; esac
		[ $# = 0 ] || printf '%s\n' "$@"
	} > "$T/$name.conf"
}
poll() {
	local url=${1}_url ca=${1}_ca name=$1
	shift
	check --nsx "${!url}" --credentials "$T/$name.cred" --ca-file "${!ca}" "$@"
}
fact() { jq -r "$1" <<< "$out" 2>&1; }
sums() {
	is "$1: the sums add up" "$(fact '.counts | .total == .ok + .warning + .critical + .unknown + .ignored')" true
	is "$1: everything is counted" "$(fact '.counts.total == (.certificates | length) + ([.sources[] | select(.failed)] | length)')" true
	is "$1: exit status and state agree" "$code" "$(fact '{OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3}[.state]')"
}
one_line() {
	like "$1: the first line" "$first" '^CERTS (OK|WARNING|CRITICAL|UNKNOWN) - .'
	ok "$1: at most 4096 bytes" [ "$(wc -c <<< "$out")" -le 4096 ]
	ok "$1: valid UTF-8" iconv -f UTF-8 -t UTF-8 -o /dev/null <<< "$out"
	ok "$1: one bar at most, on the first line" [ "$(tr -cd '|' <<< "$out" | wc -c)" = "$(tr -cd '|' <<< "$first" | wc -c)" -a "$(tr -cd '|' <<< "$first" | wc -c)" -le 1 ]
	is "$1: no control characters" "$(tr -d '\n' <<< "$out" | LC_ALL=C tr -cd '\000-\037\177' | wc -c)" 0
	unlike "$1: no semicolon in the text" "$text" ';'
}
