#!/bin/bash
# Goal of this test: what a packager and a monitoring system rely on before any check is configured:
# help, version, usage errors and missing configuration, all on standard output with exit status 3.
. "$(dirname "$0")/lib.sh"

check --help
is "--help exits with 3" "$code" 3
like "--help says so" "$out" 'Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN'
is "--help fits 80 columns" "$(awk 'length > 80' <<< "$out")" ""
check --version
is "--version exits with 3" "$code" 3
like "--version is one line with a number" "$out" '^check_certs [0-9]+\.[0-9]+\.[0-9]+$'

for args in --no-such-option "-t 0" "-t abc" "-w" "-w 10:5" "-c abc" "-w 5 -c 10" "-o xml" "--at yesterday" \
	"--at +90x" "--min-certs -1" "--perfdata often" "--max-output 10" "--unreachable-state perhaps" "-p 70000" \
	"stray" "-4 -6" "--nsx http://plain.example" "--nsx https://u:p@host.example" "--pin-sha256 zz"; do
	# shellcheck disable=SC2086 # the words are meant
	check -H 127.0.0.1 $args
	is "refused: $args" "$code" 3
	like "said in plugin form: $args" "$first" '^CERTS UNKNOWN - .'
	is "nothing on standard error: $args" "$(cat "$T/stderr")" ""
done
check -f "$T/none.conf"
state "a missing configuration file" UNKNOWN
like "it is named" "$first" "none\.conf"
check -H
state "an option without its argument" UNKNOWN
