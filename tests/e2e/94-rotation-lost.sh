#!/bin/bash
# Goal of this test: what gets lost on the way of a rotation.  An answer that never came (after generate, POST
# installations, activate, regenerate, delete), with the work done or not; a token that ends in the middle of an
# Apply; an Ops Manager that restarts, once locked, in the middle of one: nothing is done twice that was done,
# nothing is left out, nobody is cut off, and what only a person can do is said.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"

om_start

# --- the answer, with the work done ---
while IFS='|' read -r name match nth; do
	om_world
	om_conf
	faults "[{\"match\":\"$match\",\"nth\":$nth,\"do\":\"lose\"}]"
	work
	is "lost after $name: done" "$code $(run_state)" "0 done"
	# nothing shows a regenerate before its Apply: it is repeated, which makes the leafs once more
	[ "$name" != regenerate ] || all_once=${all_changes/regenerate/regenerate( regenerate)?}
	like "lost after $name: nothing twice" "$(changes)" "^${all_once:-$all_changes}\$"
	all_once=''
	is_rotated "lost after $name"
	faults '[]'
done <<-END
generate|POST $om_cas/generate|1
the first POST installations|POST /api/v0/installations|1
activate|POST $om_cas/*/activate|1
regenerate|POST $om_cas/active/regenerate|1
the second POST installations|POST /api/v0/installations|2
delete|DELETE $om_cas/*|1
the last POST installations|POST /api/v0/installations|3
END

# --- the request: nothing was done, and it is done again ---
while IFS='|' read -r name match; do
	om_world
	om_conf
	faults "[{\"match\":\"$match\",\"do\":\"raw\",\"value\":\"\"}]"
	work
	is "$name got lost on its way: done all the same" "$code $(changes)" "0 $all_changes"
	is_rotated "$name got lost"
	faults '[]'
done <<-END
generate|POST $om_cas/generate
POST installations|POST /api/v0/installations
delete|DELETE $om_cas/*
END

# --- tokens, restarts ---
busy() { [ "$(sees .busy)" = true ]; }
# in_mid_apply NAME JSON: what happens while the first Apply runs and the worker waits for it.
in_mid_apply() {
	om_world 'apply_ms:1500'
	om_conf poll_interval=1s
	"$REMEDIATE_CERTS" run --target tas -f "$conf" --state-dir "$T/state" > "$T/worker.out" 2>&1 &
	worker=$!
	pids+=("$worker")
	ok "$1: it applies" wait_for 10 busy
	event "$2"
}
in_mid_apply "token" '{"do":"end-tokens"}'
ok "token ends in mid-apply: a new one, and on" wait_for 30 rotated
wait "$worker"
is "token: nothing twice" "$? $(changes)" "0 $all_changes"

cannot_be_read() { grep -qE '^(waiting|held) ' <<< "$(run_state) $(run_message)"; }
in_mid_apply "restart" '{"do":"lock"}'
ok "locked: it waits" wait_for 10 cannot_be_read
as_person PUT /api/v0/unlock '{"passphrase":"simulator-passphrase"}'
is "somebody unlocks it" "$code" 200
ok "restarted and unlocked: on to the end" wait_for 40 rotated
wait "$worker"
is "restart: nothing twice" "$? $(changes)" "0 $all_changes"

in_mid_apply "crash" '{"do":"lock","value":{"run":"failed"}}'
as_person PUT /api/v0/unlock '{"passphrase":"simulator-passphrase"}'
wait "$worker"
is "the restart ended the Apply: a person is asked" "$? $(run_state)" "1 blocked"
handle retry "$(facts .run.id)"
work
is "retried: done" "$code" 0
is_rotated "an Apply that a restart ended"
