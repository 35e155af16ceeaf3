#!/bin/bash
# Goal of this test: a real Nagios 4 runs the check through OK, WARNING, CRITICAL, UNKNOWN and OK
# again, as the time of the judgement and the manager's faults change, and holds exactly the text and
# performance data that were meant, with a hostile certificate name among them.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq curl python3 nagios4
# shellcheck source=tests/e2e/daemon.sh
. "$e2e/daemon.sh"

rig() { "$top/tests/rig/nagios-rig" "$@"; }
cleanups+=("'$top/tests/rig/nagios-rig' stop '$T/d'")
daemon_setup
rig start "$T/d" --check "$T/check" --interval 1 --attempts 1 > "$T/rig.out" 2>&1 ||
	{ note "$(cat "$T/rig.out")"; exit 1; }
# Nagios turns every ';' of a first line into ':'; ours has none, so nothing may change.
daemon_drive
