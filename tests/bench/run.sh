#!/bin/bash
# run.sh - the benchmarks, as ratios of two commands in one run (make bench).
#
# BENCH_QUICK=yes: few repetitions and small inputs, to see that everything still runs; the figures
# mean little then.  BENCH_RUNS: repetitions (odd).
# shellcheck disable=SC2154 # sim sets NAME_url and NAME_ca
set -eu
export LC_ALL=C
builddir=${builddir:-$PWD}
CHECK_CERTS=${CHECK_CERTS:-$builddir/check_certs}
bench=$builddir/tests/bench
sims=$builddir/tests/sim
if [ -n "${BENCH_QUICK:-}" ]; then runs=1 count=500 targets=20; else runs=${BENCH_RUNS:-9} count=10000 targets=200; fi
T=$(mktemp -d "${TMPDIR:-/tmp}/ccbench.XXXXXX")
pids=()
finish() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$T"
}
trap finish EXIT

sim() {   # NAME SCENARIO: $NAME_url and $NAME_ca
	"$sims/nsx_sim" --scenario "$2" --ready-file "$T/$1.ready" &
	pids+=($!)
	for _ in $(seq 600); do [ ! -s "$T/$1.ready" ] || break; sleep 0.05; done
	printf -v "$1_url" %s "$(jq -r .url "$T/$1.ready")"
	printf -v "$1_ca" %s "$(jq -r .ca_file "$T/$1.ready")"
}
get() { curl -sS --fail --noproxy '*' --cacert "$1" -u audit:simulator-only "$2"; }
target() {   # FILE NAME URL CA: append an [nsx] section
	printf '[nsx %s]\nurl = %s\nca_file = %s\ncredentials = %s\nprobe = no\n' "$2" "$3" "$4" "$T/login" >> "$1"
}
# A check that ends with WARNING is a good run here; only a crash or exit 3 is not.
run() { "$bench/measure" "$@"; }

umask 077
printf 'username=audit\npassword=simulator-only\n' > "$T/login"

echo "# 1. reading $count certificates from one PEM file, against PEM_read_bio_X509 and notAfter (limit 0.15)"
"$bench/make_bundle" "$count" "$T/bundle.pem"
run "$runs" "file of $count" -- "$CHECK_CERTS" --file "$T/bundle.pem" --max-output 4096 -- "$bench/base_read" "$T/bundle.pem"
"$bench/bench_read" "$T/bundle.pem"

echo "# 2. $count certificates over 10 pages, against a libcurl download of the same pages and the reading above (limit 1.5)"
printf '{"version":"4.1.2.0.0","nodes":[{"name":"nsx-01","address":"127.0.0.1"}],"many":{"count":%d,"days_from":100,"days_to":800}}' "$count" > "$T/many.json"
sim many "$T/many.json"
list="$many_url/api/v1/trust-management/certificates?details=true&page_size=$((count / 10))"
urls=("$list")
largest=0
get "$many_ca" "$list" > "$T/page"
jq -r '.results[].pem_encoded' "$T/page" > "$T/many.pem"
while cursor=$(jq -r '.cursor // "" | @uri' "$T/page") && [ -n "$cursor" ] && [ "${cursor#0000}" = "$cursor" ]; do
	size=$(stat -c %s "$T/page")
	[ "$size" -le "$largest" ] || largest=$size
	urls+=("$list&cursor=$cursor")
	get "$many_ca" "$list&cursor=$cursor" > "$T/page"
	jq -r '.results[].pem_encoded' "$T/page" >> "$T/many.pem"
done
target "$T/many.conf" many "$many_url" "$many_ca"
cat > "$T/both" <<END
#!/bin/sh
"$bench/base_get" "$many_ca" audit:simulator-only $(printf "'%s' " "${urls[@]}") && "$CHECK_CERTS" --file "$T/many.pem"
END
chmod +x "$T/both"
run "$runs" "$count in ${#urls[@]} pages" -- "$CHECK_CERTS" -f "$T/many.conf" -t 60 --state-dir "$T/none" -- "$T/both"
echo "largest page: $((largest / 1024)) KiB; peak memory limit: $((6 * largest / 1048576 + 32)) MiB"

echo "# 3. $targets targets that answer after 200 ms each, against one of them (wall limit 3)"
echo '{"version":"4.1.2.0.0","nodes":[{"name":"nsx-01","address":"127.0.0.1"}],"default_certificates":false,"certificates":[{"display_name":"a","cn":"a","days_left":400,"used_by":[{"node":"nsx-01","service_types":["API"]}]}]}' > "$T/one.json"
sim slow "$T/one.json"
curl -sS --fail --noproxy '*' --cacert "$slow_ca" -d '[{"match":"GET *","times":0,"do":"delay","value":200}]' "$slow_url/_sim/faults" > /dev/null
target "$T/slow1.conf" t0 "$slow_url" "$slow_ca"
for i in $(seq "$targets"); do target "$T/slow.conf" "t$i" "$slow_url" "$slow_ca"; done
run "$(((runs + 1) / 2))" "$targets slow targets" -- "$CHECK_CERTS" -f "$T/slow.conf" -t 60 --state-dir "$T/none" -- "$CHECK_CERTS" -f "$T/slow1.conf" --state-dir "$T/none"

echo "# 4. one target, one page, verified, against one GET with libcurl (wall limit 1.15, 14 MiB)"
sim one "$T/one.json"
target "$T/one.conf" one "$one_url" "$one_ca"
run "$((runs * 3))" "one target" -- "$CHECK_CERTS" -f "$T/one.conf" --state-dir "$T/none" -- \
	"$bench/base_get" "$one_ca" audit:simulator-only "$one_url/api/v1/trust-management/certificates?details=true&page_size=1000"
if [ -x /usr/lib/nagios/plugins/check_http ]; then
	echo "# 5. one listener, and one target, against check_http -C (wall limit 1.8)"
	hostport=${one_url#https://}
	run "$((runs * 3))" "one listener" -- "$CHECK_CERTS" -H "$hostport" --state-dir "$T/none" -- \
		/usr/lib/nagios/plugins/check_http -S -C 30,7 -H "${hostport%:*}" -p "${hostport##*:}"
	run "$((runs * 3))" "one target / check_http" -- "$CHECK_CERTS" -f "$T/one.conf" --state-dir "$T/none" -- \
		/usr/lib/nagios/plugins/check_http -S -C 30,7 -H "${hostport%:*}" -p "${hostport##*:}"
fi
