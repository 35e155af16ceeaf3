#!/bin/bash
# Goal of this test: under a real Nagios 4 the root CA of an Ops Manager comes within its limit, the check goes
# CRITICAL, the daemon calls the handler, a person approves, and the rotation goes through its three Apply
# Changes, with the daemon stopped and started in the middle; the check goes OK.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq curl python3 nagios4
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"
# shellcheck source=tests/e2e/rotator.sh
. "$e2e/rotator.sh"

rig() { "$top/tests/rig/nagios-rig" "$@"; }
cleanups+=("'$top/tests/rig/nagios-rig' stop '$T/d'")
rotator_drive "\$SERVICESTATE\$ \$SERVICESTATETYPE\$"
