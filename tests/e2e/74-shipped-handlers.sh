#!/bin/bash
# Goal of this test: the definitions in contrib/nagios and contrib/icinga2 are loaded by the real daemons as
# they are shipped (but for the place of the program), call the handler when a service goes HARD, and the
# word in the spool holds what the daemon said.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq python3 nagios4 icinga2

credentials "$T/login" username=audit password=simulator-only
printf '[nsx sim]\nurl = https://127.0.0.1:9\ncredentials = %s\n[remediate sim]\nworker_host = %s\nstart = none\n' \
	"$T/login" "$(hostname)" > "$T/conf"
mkdir "$T/state" "$T/bin"
# The place of the program, with our configuration and directory.
cat > "$T/bin/remediate_certs" <<E
#!/bin/sh
exec "${REMEDIATE_CERTS:-$builddir/remediate_certs}" "\$@" -f "$T/conf" --state-dir "$T/state"
E
chmod +x "$T/bin/remediate_certs"

words() { find "$T/state/spool" -type f -exec cat {} + 2> /dev/null; }
has_word() { words | grep -q CRITICAL; }

# told DAEMON RIG: what the daemon's critical service left in the spool.
told() {
	ok "$1: the service is HARD CRITICAL" "$2" wait "$T/$1" --state CRITICAL --type HARD --timeout 60
	ok "$1 called the handler" wait_for 30 has_word
	is "$1: the word" "$(words | jq -r 'select(.state == "CRITICAL") | "\(.word) \(.target) \(.state) \(.state_type) \(.service)"' | tail -n 1)" \
		"event sim CRITICAL HARD cert"
	ok "$1 ends" "$2" stop "$T/$1"
	find "$T/state/spool" -type f -delete
}

nagios=$top/tests/rig/nagios-rig icinga=$top/tests/rig/icinga-rig
cleanups+=("'$nagios' stop '$T/nagios'" "'$icinga' stop '$T/icinga'")
printf '#!/bin/sh\necho "CERTS CRITICAL - x"; exit 2\n' > "$T/check"
chmod +x "$T/check"

command=$(sed -n '/command_name *certs-remediate/,/}/s/^ *command_line *//p' "$top/contrib/nagios/remediate_certs.cfg")
command=${command//"\$USER1\$"/$T/bin}
command=${command//"\$_SERVICECERTS\$"/sim}
ok "contrib/nagios has the command" test -n "$command"
ok "Nagios takes it" "$nagios" start "$T/nagios" --check "$T/check" --handler "$command" --interval 1 --attempts 1
told nagios "$nagios"

{ echo "const PluginContribDir = \"$T/bin\""; cat "$top/contrib/icinga2/remediate_certs.conf"; } > "$T/icinga.conf"
ok "Icinga 2 takes contrib/icinga2" "$icinga" start "$T/icinga" --check "$T/check" --cmd-file "$T/icinga.conf" \
	--handler @certs-remediate --vars '{"certs_target": "sim"}' --interval 1 --attempts 1
told icinga "$icinga"
