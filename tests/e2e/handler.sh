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
#   run_is NAME WORD             the last run's state, as history tells
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
runs() { handle history -o json; jq -r "$1" <<< "$said"; }
