#!/bin/bash
# Goal of this test: the worker is killed (SIGKILL) at point 1, 2, 3 ... of a run, a point being before
# and after each journal commit and each request, until a run gets through; whatever the point, a
# later `run` ends as if nothing had happened: the same certificate in use and served, the old one
# still there, nothing imported twice, and no second change in the manager's log.
#
# SWEEP=NAME limits it to one procedure, SWEEP_FROM=K begins at a later point.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"
FAILING=$builddir/tests/remediate_certs_fail
[ -x "$FAILING" ] || { note "$FAILING is not built"; exit 1; }

leaf_of='"eku":["serverAuth"],"ku":["digitalSignature","keyEncipherment"]'
ca='"issuers":[{"name":"ca","cn":"Example CA","ca":true,"days_left":3000,"key":"ec:P-256"}]'
one_node='"nodes":[{"name":"nsx-01","address":"127.55.0.11"}],"default_certificates":false'
quick='"apply_away_ms":50,"apply_settle_ms":50,"batch_operation_ms":50,"host_settle_ms":50'

# described NAME DAYS USED_BY: one row of the trust store for the node.
described() {
	printf '{"display_name":"%s","cn":"nsx-01.example","san":["nsx-01.example","127.55.0.11"],"issuer":"ca","key":"ec:P-256",%s,"days_left":%d,"valid_days":825,"used_by":%s}' \
		"$1" "$leaf_of" "$2" "$3"
}
used='[{"node":"nsx-01","service_types":["API"]}]'

# What each procedure starts from, the keys of its mandate, and what may have changed in the end.
world_apply() { printf '{"version":"4.1.2",%s,%s,%s,"certificates":[%s,%s]}' "$one_node" "$ca" "$quick" "$(described old 3 "$used")" "$(described new 700 '[]')"; }
keys_apply=(procedures=nsx-apply)
ends_apply() { [ "$(changed sim | grep -c apply_certificate) $(changed sim | wc -l) $(uses sim new)" = "1 1 API@nsx-01" ]; }

# start_over WORLD: the manager and the state as they were before the first run.
start_over() {
	nsx_scenario sim "$(world_"$1")"
	nsx_mark sim
	rm -rf "$T/state"
	mkdir "$T/state"
}

# killed_at K: a run that ends at point K; fails when it got through.
killed_at() {
	CHECK_CERTS_FAIL_AT=$1 CHECK_CERTS_FAIL_LOG=$T/points "$FAILING" run -f "$conf" --state-dir "$T/state" \
		--target sim > "$T/killed.out" 2>&1
	[ $? = 137 ]
}

# sweep PROCEDURE: every point.
sweep() {
	local k bad=0 keys=keys_$1[@] through=''
	handler_conf sim poll_interval=0s keep_old=7d "${!keys}"
	for ((k = ${SWEEP_FROM:-1}; k < 1000; k++)); do
		start_over "$1"
		: > "$T/points"
		if ! killed_at "$k"; then through=yes; fi
		work sim
		if [ "$code" != 0 ] || ! ends_"$1"; then
			bad=$((bad + 1))
			note "killed at point $k ($(tail -n 1 "$T/points")): run then ended with $code: $line"
			note "changes: $(changed sim | tr '\n' ';')"
		fi
		[ -z "$through" ] || break
		[ $bad -lt 5 ] || break
	done
	is "$1: every point of $((k - 1)) ends well" "$bad" 0
	is "$1: the sweep reached the end" "$through" yes
	ok "$1: there were points enough" [ "$k" -gt 20 ]
}

handler_start sim "$(world_apply)"
for procedure in ${SWEEP:-apply}; do
	sweep "$procedure"
done
