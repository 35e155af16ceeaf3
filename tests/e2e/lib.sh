# shellcheck shell=bash
# lib.sh - what every end-to-end test shares.  Source it first:
#
#   #!/bin/bash
#   # Goal of this test: ...
#   . "$(dirname "$0")/lib.sh"
#
# It makes a private directory ($T), ends every process it started by process id, removes $T, and
# prints the TAP plan at exit.  From the build it needs $CHECK_CERTS and $builddir; both have defaults
# for a run by hand from a build directory.
#
#   need PROGRAM...                 skip the whole test, saying what is missing
#   ok NAME COMMAND...              passes when COMMAND exits 0
#   not_ok NAME COMMAND...          passes when it does not
#   is NAME GOT WANTED              equal strings
#   like NAME TEXT REGEX            extended regular expression, anywhere in TEXT
#   unlike NAME TEXT REGEX
#   check ARG...                    run check_certs; sets $out, $first (line 1), $text (line 1 before |),
#                                   $perf (after |) and $code
#   state NAME WORD                 of the last check: exit code and first line both say OK, WARNING, ...
#   sim_start NAME PROGRAM ARG...   start a simulator; sets NAME_url, NAME_ca, NAME_pid
#   sim_stop NAME
#   sim_post URL CA PATH JSON       a call of a simulator's control interface
#   wait_for SECONDS COMMAND...     until COMMAND succeeds
#   background COMMAND...           start it; its pid is in $! and is ended at exit
#   credentials FILE KEY=VALUE...   write a secret file with the right mode
set -u
export LC_ALL=C
unset "${!http_proxy@}" "${!https_proxy@}" SSLKEYLOGFILE SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE 2>/dev/null

e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for the tests
top=$(cd "$e2e/../.." && pwd)
builddir=${builddir:-$PWD}
CHECK_CERTS=${CHECK_CERTS:-$builddir/check_certs}
sims=$builddir/tests/sim
T=$(mktemp -d "${TMPDIR:-/tmp}/cce2e.XXXXXX") || exit 1
n=0
pids=()
cleanups=()

finish() {
	local status=$? command pid
	trap - EXIT
	for command in ${cleanups[@]+"${cleanups[@]}"}; do
		eval "$command" >/dev/null 2>&1
	done
	for pid in ${pids[@]+"${pids[@]}"}; do
		kill "$pid" 2>/dev/null
	done
	for pid in ${pids[@]+"${pids[@]}"}; do
		end_of "$pid" 5 || kill -9 "$pid" 2>/dev/null
	done
	rm -rf "$T"
	if [ $status != 0 ]; then
		n=$((n + 1))
		echo "not ok $n - the test script itself ended with status $status"
	fi
	echo "1..$n"
	exit 0
}
trap finish EXIT
trap 'exit 130' INT TERM

# end_of PID SECONDS: wait until a process has ended (a zombie has).
end_of() {
	local i
	for ((i = 0; i < $2 * 20; i++)); do
		[ -d "/proc/$1" ] && [ "$(sed 's/.*) //;s/ .*//' "/proc/$1/stat" 2>/dev/null)" != Z ] || return 0
		sleep 0.05
	done
	return 1
}

need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || {
			trap - EXIT
			rm -rf "$T"
			echo "1..0 # SKIP $program is missing"
			exit 0
		}
	done
}

report() {   # NAME STATUS: one TAP line
	n=$((n + 1))
	if [ "$2" = 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}
note() { printf '%s\n' "$*" | sed 's/^/# /'; }
ok() { local name=$1; shift; local said; if said=$("$@" 2>&1); then report "$name" 0; else report "$name" 1; note "$* failed: $said"; fi; }
not_ok() { local name=$1; shift; if "$@" >/dev/null 2>&1; then report "$name" 1; note "$* succeeded"; else report "$name" 0; fi; }
is() { if [ "$2" = "$3" ]; then report "$1" 0; else report "$1" 1; note "got:    $2"; note "wanted: $3"; fi; }
like() { if grep -qE -- "$3" <<< "$2"; then report "$1" 0; else report "$1" 1; note "got:    $2"; note "wanted: /$3/"; fi; }
unlike() { if grep -qE -- "$3" <<< "$2"; then report "$1" 1; note "got: $2"; note "not: /$3/"; else report "$1" 0; fi; }

check() {
	out=$("$CHECK_CERTS" "$@" 2>"$T/stderr")
	code=$?
	# Not ${out%%...}: on megabytes of JSON that takes minutes.
	IFS= read -r -n 8192 first <<< "$out"
	text=${first%%|*}
	perf=${first#"$text"}
	perf=${perf#|}
}

state() {
	local wanted
	case $2 in OK) wanted=0 ;; WARNING) wanted=1 ;; CRITICAL) wanted=2 ;; UNKNOWN) wanted=3 ;; *) wanted=none ;; esac
	is "$1: exit status" "$code" "$wanted"
	like "$1: first line says $2" "$first" "^CERTS $2 - "
}

background() {
	"$@" &
	pids+=($!)
}

wait_for() {
	local i limit=$(($1 * 20))
	shift
	for ((i = 0; i < limit; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	return 1
}

sim_start() {
	local name=$1 program=$2 ready
	shift 2
	ready=$T/$name.ready
	rm -f "$ready"
	"$sims/$program" --ready-file "$ready" "$@" 2>"$T/$name.stderr" &
	pids+=($!)
	if ! wait_for 30 test -s "$ready"; then
		note "$program did not start: $(cat "$T/$name.stderr")"
		exit 1
	fi
	printf -v "${name}_url" %s "$(jq -r .url "$ready")"
	printf -v "${name}_ca" %s "$(jq -r .ca_file "$ready")"
	printf -v "${name}_pid" %s "$(jq -r .pid "$ready")"
}

sim_stop() {
	local pid=${1}_pid
	kill "${!pid}" 2>/dev/null
	end_of "${!pid}" 5
}

sim_post() { curl -sS --fail --cacert "$2" -X POST -H 'Content-Type: application/json' -d "$4" "$1$3"; }

credentials() {
	local file=$1
	shift
	printf '%s\n' "$@" > "$file"
	chmod 600 "$file"
}
