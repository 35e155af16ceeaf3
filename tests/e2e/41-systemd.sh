#!/bin/bash
# Goal of this test: the units in contrib/systemd are what systemd takes, start the program that was
# built, and leave its process little to do harm with.
. "$(dirname "$0")/lib.sh"
need systemd-analyze

units=$top/contrib/systemd
mkdir "$T/units"
for unit in "$units"/*; do
	sed "s|^ExecStart=[^ ]*|ExecStart=${REMEDIATE_CERTS:-$builddir/remediate_certs}|" "$unit" > "$T/units/${unit##*/}"
done

verify() { systemd-analyze verify --man=no "$T"/units/* 2>&1; }
said=$(verify)
is "systemd-analyze verify: exit status" "$?" 0
is "and no word of complaint" "$said" ""

sed -i 's/^Type=oneshot/Kind=oneshot/' "$T/units/check_certs-remediate.service"
like "a mistake is seen" "$(verify)" "Unknown key.*Kind"

exposure() {
	systemd-analyze security --offline=true "$units/check_certs-remediate.service" 2>/dev/null |
		sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\).*/\1/p'
}
like "exposure of the service, of 10" "$(exposure)" '^[01]\.[0-9]$'

like "the service runs the worker" "$(cat "$units/check_certs-remediate.service")" '^ExecStart=/[^ ]*/remediate_certs run$'
like "as a user of its own" "$(cat "$units/check_certs-remediate.service")" '^User=check_certs$'
like "waiting is no failure" "$(cat "$units/check_certs-remediate.service")" '^SuccessExitStatus=1$'
like "the path unit watches the spool of the state directory" "$(cat "$units/check_certs-remediate.path")" '^DirectoryNotEmpty=/var/lib/check_certs/spool$'
like "the timer comes again" "$(cat "$units/check_certs-remediate.timer")" '^OnUnitInactiveSec='
