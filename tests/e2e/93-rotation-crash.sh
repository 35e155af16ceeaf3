#!/bin/bash
# Goal of this test: the worker is killed (SIGKILL) at point 1, 2, 3 ... of a whole rotation, a point being
# before and after each journal commit and each request, until one gets through; whatever the point, a later
# `run` ends as if nothing had happened: one new CA, the old one gone, every leaf new, no VM cut off, and the
# same changes in the manager's log as without a crash.
#
# SWEEP_FROM=K begins at a later point, SWEEP_STEP=N takes every Nth only; SWEEP_JOBS workers, each with an
# Ops Manager of its own, share the points.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"
FAILING=$builddir/tests/remediate_certs_fail
[ -x "$FAILING" ] || { note "$FAILING is not built"; exit 1; }

# killed_at K: a run that ends at point K; fails when it got through.
killed_at() {
	CHECK_CERTS_FAIL_AT=$1 CHECK_CERTS_FAIL_LOG=$T/points "$FAILING" run -f "$conf" --state-dir "$T/state" \
		--target tas > "$T/killed.out" 2>&1
	[ $? = 137 ]
}

# one_point K: a note where it does not end well.
one_point() {
	om_world 'apply_ms:20'
	: > "$T/points"
	killed_at "$1" || through=yes
	work
	[ "$code" != 0 ] || [ "$(changes | sed 's/regenerate regenerate/regenerate/')" != "$all_changes" ] || ! rotated || return 0
	bad=$((bad + 1))
	note "killed at point $1 ($(tail -n 1 "$T/points")): run then ended with $code: $line"
	note "changes: $(changes)"
}

# one_worker I: its share of the points, until a run gets through; into $T.bad, $T.last.
one_worker() {
	local k bad=0 through='' step=$((jobs * ${SWEEP_STEP:-1}))
	T=$T/worker$1
	mkdir "$T"
	om_start
	for ((k = ${SWEEP_FROM:-1} + $1 * ${SWEEP_STEP:-1}; k < 1000; k += step)); do
		one_point "$k"
		if [ -n "$through" ] || [ $bad -ge 3 ]; then break; fi
	done
	printf '%s %s %s\n' "$k" "$bad" "${through:-no}" > "$T.end"
	sim_stop om
}

jobs=${SWEEP_JOBS:-2} workers=()
for ((i = 0; i < jobs; i++)); do
	one_worker "$i" &
	workers+=($!)
done
wait "${workers[@]}"
cat "$T"/worker*.end > "$T/ends"
is "every worker came to its end" "$(wc -l < "$T/ends")" "$jobs"
is "every point ends well" "$(awk '{ bad += $2 } END { print bad }' "$T/ends")" 0
is "the sweep reached the end" "$(awk '{ print $3 }' "$T/ends" | sort -u)" yes
ok "there were points enough" [ "$(sort -n "$T/ends" | head -n 1 | cut -d' ' -f1)" -gt 80 ]
