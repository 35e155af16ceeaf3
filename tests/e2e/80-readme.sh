#!/bin/bash
# Goal of this test: what the README prints is what the program does: its sample output, its
# configuration file, its commands, its Icinga object.
. "$(dirname "$0")/lib.sh"
need jq curl openssl

# block LANGUAGE N: the N-th fenced block of that language.
block() {
	awk -v lang="$1" -v want="$2" '
		/^```/ { fence = !fence; inside = fence && $0 == "```" lang && ++n == want; next }
		inside' "$top/README.md"
}
# Moments, spans and digests differ from run to run; the rest may not.
shape() {
	sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z/MOMENT/g; s/\(([0-9]+d)?( ?[0-9]+h)?\)/(SPAN)/g; s/in 3d [0-9]+h/in SPAN/;
		s/\b[0-9a-f]{8}\b/DIGEST/g; s/[|].*//; s/ +$//'
}

sim_start nsx nsx_sim --scenario "$top/contrib/demo.d/nsx-expiring.json"
sim_start opsman opsman_sim --scenario "$top/contrib/demo.d/opsman-expiring.json"
mkdir "$T/etc"
credentials "$T/etc/prod" username=audit password=simulator-only
credentials "$T/etc/tas" client_id=monitor client_secret=simulator-only
# The README's places and names, as they are here.
here() {
	sed -e "s|https://nsx.example|$nsx_url|g; s|https://opsman.example|$opsman_url|g" \
		-e "s|portal.example:443|${nsx_url#https://}|g; s|portal.example|${nsx_url#https://}|g" \
		-e "s|/etc/check_certs/credentials.d|$T/etc|g; s|/etc/check_certs/prod-ca.pem|$nsx_ca|g" \
		-e "s|/etc/check_certs/tas-ca.pem|$opsman_ca|g"
}
block ini 1 | here > "$T/conf"
ok "the README has a configuration file" grep -q '^\[nsx prod\]' "$T/conf"
check -f "$T/conf" --check-config
is "it has no mistake" "$code" 0

check -f "$T/conf" --state-dir "$T/state" -T prod,tas
is "the sample output is what is printed" "$(shape <<< "$out")" "$(block "" 1 | shape)"

ran=0
while read -r line; do
	line=${line%%  #*}
	words=$(here <<< "${line#check_certs}")
	case $line in *-H* | *--file* | *--nsx*) config='' ;; *) config="-f $T/conf" ;; esac
	# shellcheck disable=SC2086 # the words and quotes of the README
	eval check --state-dir "$T/state" $config "$words"
	ok "the README's '$line' runs (status $code)" test "$code" -le 2
	unlike "and is understood" "$first" 'option|usage'
	ran=$((ran + 1))
done < <(grep -E '^check_certs ?' "$top/README.md" | grep -v '^check_certs(')
ok "the README's commands were found" test $ran -ge 8

# The handler's section, beside the one above.
credentials "$T/etc/prod-admin" username=admin password=simulator-only
mkdir "$T/handler"
{ block ini 1; block ini 2; } | here > "$T/both"
check -f "$T/both" --check-config
is "the handler's section has no mistake" "$code" 0
ran=0
while read -r line; do
	line=${line%%  #*}
	# shellcheck disable=SC2086 # the words of the README
	said=$("${REMEDIATE_CERTS:-$builddir/remediate_certs}" ${line#remediate_certs} -f "$T/both" --state-dir "$T/handler" 2>&1)
	code=$?
	ok "the README's '$line' runs (status $code)" test "$code" -le 3
	unlike "and is understood" "$said" '[Oo]ption|[Uu]sage'
	ran=$((ran + 1))
done < <(grep -E '^remediate_certs ' "$top/README.md")
is "the README's commands of the handler were found" $ran 3

if command -v icinga2 > /dev/null; then
	{ echo "const PluginDir = \"$(dirname "$CHECK_CERTS")\""; awk '/^object CheckCommand/ { inside = 1 } inside { print } /^}/ { inside = 0 }' "$top/README.md"; } |
		sed "s|\"-T\" =|\"-f\" = \"$T/conf\"\n    \"-T\" =|" > "$T/command.conf"
	cleanups+=("'$top/tests/rig/icinga-rig' stop '$T/d'")
	ok "the README's Icinga object is loaded" "$top/tests/rig/icinga-rig" start "$T/d" --cmd-file "$T/command.conf" \
		--check @certs --vars '{"certs_target": "prod"}' --attempts 1
	ok "and runs the check" "$top/tests/rig/icinga-rig" wait "$T/d" --state CRITICAL --timeout 30
fi
