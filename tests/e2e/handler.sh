# shellcheck shell=bash
# handler.sh - what the tests of remediate_certs share.  Source it after lib.sh and nsx.sh.
#
#   handler_start NAME JSON      nsx_sim with this scenario (nsx_start), an account that may write, and
#                                a state directory; then handler_conf NAME
#   handler_conf NAME KEY=VALUE...   $T/NAME.conf: the target, and [remediate NAME] in mode auto with
#                                these keys besides or instead (KEY= takes a default away)
#   handle ARG...                run remediate_certs; sets $said, $line (the first one) and $code
#   work NAME [ARG...]           handle run --target NAME
#   changed NAME                 the requests that changed something, "POST apply_certificate ..." a line
#   served NAME ADDRESS          fingerprint that the listener there presents now
#   object NAME DISPLAY_NAME     its id in the trust store
#   leaf NAME DISPLAY_NAME       fingerprint of its leaf
#   uses NAME DISPLAY_NAME       "API@nsx-02 ..." sorted
#   cert NAME DAYS USES [JSON]   a row for a scenario's certificates; USES "nsx-01:API nsx-02:API,APH
#                                cluster:MGMT_CLUSTER"; JSON: keys besides or instead ('"cn":"x"')
#   world VERSION N_NODES CERTS [JSON]   a scenario: so many nodes, a VIP, a CA named ca, these rows (a
#                                line each; one named web where none is for API or MGMT_CLUSTER), and keys
#                                besides or instead; everything settles quickly
#   afresh NAME WORLD            the simulator takes this scenario, its log and the state begin anew
#   runs FILTER                  jq over the audit trail: {"entries": [{"kind", "run", "step", "text"}]}
REMEDIATE_CERTS=${REMEDIATE_CERTS:-$builddir/remediate_certs}
need openssl

declare -A handler_keys=()

handler_start() {
	nsx_start "$@"
	credentials "$T/$1.admin" username=admin password=simulator-only
	mkdir -p "$T/state"
	handler_conf "$1"
}

handler_conf() {
	local name=$1 url=${1}_url ca=${1}_ca pair key
	shift
	handler_keys=([mode]=auto [worker_host]=$(hostname) [procedures]="nsx-apply nsx-batch-replace"
		[credentials]=$T/$name.admin [replacement]=existing [poll_interval]=1s [cool_down]=0s
		[max_per_day]=100 [keep_old]=7d [start]=none [approvers]=$(id -gn))
	for pair in "$@"; do
		handler_keys[${pair%%=*}]=${pair#*=}
	done
	{
		printf '[nsx %s]\nurl = %s\ncredentials = %s\n' "$name" "${!url}" "$T/$name.cred"
		if [ -n "${handler_keys[pin_sha256]-}" ]; then
			printf 'pin_sha256 = %s\n' "${handler_keys[pin_sha256]}"
		else
			printf 'ca_file = %s\n' "${handler_keys[ca_file]-${!ca}}"
		fi
		unset 'handler_keys[pin_sha256]' 'handler_keys[ca_file]'
		printf '[remediate %s]\n' "$name"
		for key in "${!handler_keys[@]}"; do
			[ -z "${handler_keys[$key]}" ] || printf '%s = %s\n' "$key" "${handler_keys[$key]}"
		done
	} > "$T/$name.conf"
	conf=$T/$name.conf
}

handle() {
	said=$("$REMEDIATE_CERTS" "$1" -f "$conf" --state-dir "$T/state" "${@:2}" 2> "$T/handler.stderr")
	code=$?
	line=${said%%$'\n'*}
}
work() {
	local name=$1
	shift
	handle run --target "$name" "$@"
}

changed() { nsx_log "$1" '.[] | select(.changed and .method != "GET") | "\(.method) \(.target)"'; }
served() { nsx_state "$1" ".listeners[] | select(.address == \"$2\") | .sha256"; }
rows() { nsx_call "$1" '/api/v1/trust-management/certificates?details=true' -u admin:simulator-only; }
object() { rows "$1" | jq -r ".results[] | select(.display_name == \"$2\") | .id"; }
leaf() {
	rows "$1" | jq -r ".results[] | select(.display_name == \"$2\") | .pem_encoded" |
		openssl x509 -outform DER 2> /dev/null | sha256sum | cut -d' ' -f1
}
uses() {
	local nodes
	nodes=$(nsx_call "$1" /api/v1/cluster -u admin:simulator-only |
		jq -c '[.nodes[] | {key: .node_uuid, value: .display_name}] | from_entries')
	rows "$1" | jq -r --argjson nodes "$nodes" "[.results[] | select(.display_name == \"$2\") | .used_by // [] | .[] |
		.node_id as \$n | .service_types[] | if . == \"MGMT_CLUSTER\" then . else \"\\(.)@\\(\$nodes[\$n] // \$n)\" end] | sort | join(\" \")"
}

# Every node and the VIP, so that a certificate fits wherever it is put.
cert_names='"cn":"nsx.example","san":["nsx.example","127.51.0.10","127.51.0.11","127.51.0.12","127.51.0.13"]'
cert() {
	jq -nc --arg name "$1" --argjson days "$2" --arg uses "$3" \
		"{display_name: \$name, $cert_names, issuer: \"ca\", key: \"ec:P-256\", eku: [\"serverAuth\", \"clientAuth\"],
		ku: [\"digitalSignature\", \"keyEncipherment\"], days_left: \$days, valid_days: 825,
		used_by: (\$uses / \" \" | map(select(. != \"\") / \":\" | {node: .[0], service_types: (.[1] / \",\")}))} + {${4-}}"
}
# Every manager and the VIP have to present something.
web_rows() {   # N_NODES CERTS JSON
	local nodes='nsx-01:API nsx-02:API nsx-03:API' uses=''
	grep -q '"API"' <<< "$2" || uses=${nodes:0:$((11 * $1 - 1))}
	grep -q '"MGMT_CLUSTER"' <<< "$2" || [[ ${3-} == *'"vip":null'* ]] || uses+=' cluster:MGMT_CLUSTER'
	[ -z "$uses" ] || cert web 700 "${uses# }"
}
world() {
	jq -sc --arg version "$1" --argjson n "$2" "{version: \$version, default_certificates: false,
		nodes: [range(1; \$n + 1) | {name: \"nsx-0\(.)\", address: \"127.51.0.1\(.)\"}],
		vip: {address: \"127.51.0.10\", fqdn: \"nsx.example\"},
		issuers: [{name: \"ca\", cn: \"Example CA\", ca: true, days_left: 3000, key: \"ec:P-256\"}],
		apply_away_ms: 50, apply_settle_ms: 50, batch_operation_ms: 50, host_settle_ms: 50, certificates: .} + {${4-}}" <<< "$(web_rows "$2" "$3" "${4-}")
$3"
}
afresh() {
	nsx_scenario "$1" "$2"
	nsx_mark "$1"
	rm -rf "$T/state"
	mkdir "$T/state"
}
runs() { handle history -o json; jq -r "$1" <<< "$said"; }

# A CA of our own in $T: own_ca, then own_leaf NAME [SAN [EXTENSIONS [KEY_OPTIONS...]]] makes NAME.crt, NAME.key,
# and NAME.pem, the whole chain; trust_own NAME: a CA file that verifies the target before and after.
own_cert() {   # NAME ISSUER DAYS EXTENSIONS
	printf '%b\n' "$4" > "$T/ext"
	openssl x509 -req -in "$T/req" -CA "$T/$2.crt" -CAkey "$T/$2.key" -CAcreateserial -days "$3" -extfile "$T/ext" \
		-out "$T/$1.crt" 2> /dev/null
}
own_ca() {
	local name
	for name in root sub; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/$name.key" -out "$T/req" -subj "/CN=Own $name" 2> /dev/null
		if [ $name = root ]; then
			printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n' > "$T/ext"
			openssl x509 -req -in "$T/req" -signkey "$T/root.key" -days 900 -extfile "$T/ext" -out "$T/root.crt" 2> /dev/null
		else
			own_cert sub root 900 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign'
		fi
	done
}
own_names='DNS:nsx.example,IP:127.51.0.10,IP:127.51.0.11,IP:127.51.0.12,IP:127.51.0.13'
own_use='keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth'
own_leaf() {
	local name=$1 san=${2-$own_names} ext=${3-basicConstraints=critical,CA:FALSE}
	shift $(($# > 3 ? 3 : $#))
	[ $# -gt 0 ] || set -- ec -pkeyopt ec_paramgen_curve:P-256
	(umask 077; openssl req -newkey "$@" -nodes -keyout "$T/$name.key" -out "$T/req" -subj /CN=nsx.example 2> /dev/null)
	own_cert "$name" sub 800 "$ext\\n$own_use\\nsubjectAltName=$san"
	cat "$T/$name.crt" "$T/sub.crt" "$T/root.crt" > "$T/$name.pem"
}
own_sha() { openssl x509 -in "$T/$1.crt" -outform DER | sha256sum | cut -d' ' -f1; }
trust_own() {
	local ca=${1}_ca
	cat "${!ca}" "$T/root.crt" > "$T/$1.both.pem"
}
