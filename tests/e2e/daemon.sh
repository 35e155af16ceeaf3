# shellcheck shell=bash
# daemon.sh - the part that the Nagios and the Icinga test share: one NSX simulator with a hostile
# certificate name, a check command that reads the time for --at from a file, and the drive through
# the states.  Needs lib.sh and a function rig.

daemon_setup() {
	jq . > "$T/scenario.json" <<-'E'
	{ "version": "4.1.2.0.0.22589037",
	  "nodes": [ { "name": "nsx-01", "address": "127.0.0.1" } ], "default_certificates": false,
	  "certificates": [
	    { "display_name": "api|pipe; 'quote' <b>tag</b> [OK] \n| x=1", "cn": "nsx|01; <b>[OK]</b> \"q\"\n'x'=9;1;2",
	      "days_left": 100, "hours_left": 12, "used_by": [ { "node": "nsx-01", "service_types": [ "API" ] } ] },
	    { "display_name": "spare", "cn": "spare.example", "days_left": 400, "hours_left": 12,
	      "used_by": [ { "node": "nsx-01", "service_types": [ "APH_TN" ] } ] } ] }
	E
	sim_start nsx nsx_sim --scenario "$T/scenario.json"
	credentials "$T/login" username=audit password=simulator-only
	cat > "$T/conf" <<-E
	[nsx prod]
	url = $nsx_url
	ca_file = $nsx_ca
	credentials = $T/login
	probe = no
	E
	echo +0d > "$T/at"
	cat > "$T/check" <<-E
	#!/bin/sh
	exec "$CHECK_CERTS" -f "$T/conf" --state-dir "$T/none" -t 10 --at "\$(cat "$T/at")"
	E
	chmod +x "$T/check"
	check_itself
	state "before any daemon" OK
}

# The same run as the daemon makes, for comparison.
check_itself() { check -f "$T/conf" --state-dir "$T/none" -t 10 --at "$(cat "$T/at")"; }

# Times differ from run to run; nothing else may.
without_times() { sed -E 's/ *(api_time|time)=[0-9.]+s?[^ ]*//g;s/ +$//;s/^ +//'; }

held() { rig status "$T/d" --json > "$T/held.json"; jq -r "$1" "$T/held.json"; }

# holds STATE: the daemon reaches STATE and holds what the program prints.
holds() {
	local perf_held
	ok "the daemon reaches $1" rig wait "$T/d" --state "$1" --timeout 60
	check_itself
	state "the program itself" "$1"
	is "$1: the text is held as meant" "$(held .output | without_times)" "$(without_times <<< "$text")"
	perf_held=$(held '.perfdata | if type == "array" then map(if type == "string" then . else tostring end) | join(" ") else . end')
	is "$1: the performance data are held as meant" "$(without_times <<< "$perf_held")" "$(without_times <<< "$perf")"
	is "$1: the long text is held as meant" "$(held .long_output | sed '/^$/d')" "$(sed 1d <<< "$out" | sed '/^$/d')"
}

daemon_drive() {
	holds OK
	echo +75d > "$T/at"
	holds WARNING
	unlike "the name of the certificate is cleaned" "$out" '<b>|[[(]OK[])]'
	echo +96d > "$T/at"
	holds CRITICAL
	sim_post "$nsx_url" "$nsx_ca" /_sim/faults '[{"match":"GET /api/v1/trust-management/certificates","times":100000,"do":"status","value":500}]' > /dev/null
	echo +0d > "$T/at"
	holds UNKNOWN
	sim_post "$nsx_url" "$nsx_ca" /_sim/faults '[]' > /dev/null
	holds OK
	ok "the daemon ends" rig stop "$T/d"
}
