#!/bin/bash
# Goal of this test: under a real Icinga 2 a certificate nears its end, the check goes CRITICAL and HARD, the
# daemon calls the handler (which hangs, and is killed), and the certificate is replaced all the same;
# the check goes OK, unattended in mode auto, after a person's word in mode approve.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq curl python3 icinga2
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"
# shellcheck source=tests/e2e/mender.sh
. "$e2e/mender.sh"

rig() { "$top/tests/rig/icinga-rig" "$@"; }
cleanups+=("'$top/tests/rig/icinga-rig' stop '$T/d'")
handler_start sim "$(mender_world 300)"
handler_conf sim start=detached
mender_scripts 60
rig start "$T/d" --check "$T/check" --handler "$T/handler \$service.state\$ \$service.state_type\$ \$service.check_attempt\$" --interval 1 --attempts 2 --handler-timeout 3 > "$T/rig.out" 2>&1 ||
	{ note "$(cat "$T/rig.out")"; exit 1; }
mender_drive
mender_approve
ok "the daemon ends" rig stop "$T/d"
