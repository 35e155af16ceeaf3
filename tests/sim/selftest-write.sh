#!/bin/bash
# Goal of this test: what nsx_sim changes and what it refuses to change is what its README says, seen by
# curl and openssl: import, delete, apply, batches, hosts, CSRs, renewal, federation, the calls of 3.x.
# shellcheck disable=SC2154 # sim_start sets NAME_url, NAME_ca, NAME_pid
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
need curl jq openssl "$sims/nsx_sim"

trust=/api/v1/trust-management
gm=/global-manager/api/v1/global-infra
vip=127.43.6.10
uuid1=11111111-1111-4111-8111-111111111111
uuid2=22222222-2222-4222-8222-222222222222
uuid3=33333333-3333-4333-8333-333333333333
# What settles does so when the clock is moved (quiet), not when the machine has the time.
quick='"apply_away_ms":30,"apply_settle_ms":60000,"host_settle_ms":60000,"batch_operation_ms":60000'
nodes='"nodes":[{"name":"n1","address":"127.43.6.11","uuid":"'$uuid1'"},{"name":"n2","address":"127.43.6.12","uuid":"'$uuid2'"},
	{"name":"n3","address":"127.43.6.13","uuid":"'$uuid3'"}]'
with_vip='"vip":{"address":"'$vip'","fqdn":"nsx.sim.example"}'

# --- requests -----------------------------------------------------------------------

# as USER ARG...: sets $body, $code (HTTP) and $left (curl's exit status); a listener that restarts is waited for
as() {
	local user=$1 i
	shift
	for ((i = 0; i < 100; i++)); do
		code=$(curl -sS --noproxy '*' -k -u "$user:simulator-only" -o "$T/body" -w '%{http_code}' "$@" 2>"$T/curl.stderr")
		left=$?
		[ $left = 7 ] || break
		sleep 0.02
	done
	body=$(tr -d '\0' < "$T/body" 2>/dev/null)
	printf '%s\n' "$body" >> "$T/all-answers"
}
# control PATH [JSON]: at a manager that these tests seldom restart
control() {
	local i
	for ((i = 0; i < 100; i++)); do
		curl -sS --noproxy '*' --fail -k ${2+-d "$2"} "$third/_sim/$1" 2>"$T/control.stderr"
		case $? in 7 | 35 | 52 | 56) sleep 0.02 ;; 0) return 0 ;; *) break ;; esac
	done
	note "control $1: $(cat "$T/control.stderr")" >&2
	kill -0 "$nsx_pid" || exit 1
	return 1
}
# post PATH [JSON-FILE]
post() { as admin -X POST -H 'Content-Type: application/json' -d "@${2:-/dev/null}" "$nsx_url$1"; }
json() { printf '%s' "$2" > "$T/$1.json"; }
said() { jq -r "$1" <<< "$body" 2>/dev/null; }
state_of() { control state | jq -r "$1"; }
clock() { control clock "$1" > "$T/posted"; }
faults() { control faults "$1" > "$T/posted"; }
enter() { control scenario "$1" > "$T/posted" || report "the scenario is entered" 1; }
# world VERSION [MORE-JSON]: three nodes with addresses of their own, and a VIP
world() {
	enter "{\"version\":\"$1\",$nodes,$with_vip,$quick${2:+,$2}}"
	nsx_url=$third
}
# What an address presents, as SHA-256.
presented() {
	local i
	for ((i = 0; i < 100; i++)); do
		openssl s_client -connect "$1:$port" < /dev/null 2>/dev/null > "$T/handshake"
		openssl x509 -in "$T/handshake" -outform DER > "$T/presented.der" 2>/dev/null && break
		sleep 0.02
	done
	sha256sum < "$T/presented.der" | cut -d' ' -f1
}
sha_of() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }
quiet() { clock '{"advance_s":61}'; }
# The last request of all: did it change anything?  Sets $changed.  (No jq: it takes longer than the call.)
seen=0
look_at_log() {
	local log
	log=$(control "log?since=$seen")
	changed=${log##*\"changed\":}
	changed=${changed%%,*}
	log=${log##*\"n\":}
	seen=$((${log%%,*} - 1))
}
id_of() { state_of "[.certificates[] | select(.display_name == \"$1\")][0].id"; }
users_of() { state_of "[.certificates[] | select(.id == \"$1\").uses[] | \"\\(.service)@\\(.node_id)\"] | sort | join(\" \")"; }

accepted() { look_at_log; is "$1" "$code $changed" "${2:-200} true"; }
# refused NAME STATUS ERROR_CODE REGEX
refused() {
	local error_code=${body##*\"error_code\":} error_message=${body##*\"error_message\":\"}
	is "$1: refused" "$code ${error_code%%,*}" "$2 $3"
	like "$1: why" "${error_message%\"\}}" "$4"
}

# --- certificates -------------------------------------------------------------------------

# ca NAME [ISSUER]
ca() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/$1.key" -out "$T/req" -subj "/CN=$1" 2>/dev/null
	printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n' > "$T/ext"
	if [ $# = 1 ]; then
		openssl x509 -req -in "$T/req" -signkey "$T/$1.key" -days 900 -extfile "$T/ext" -out "$T/$1.crt" 2>/dev/null
	else
		openssl x509 -req -in "$T/req" -CA "$T/$2.crt" -CAkey "$T/$2.key" -CAcreateserial -days 900 -extfile "$T/ext" -out "$T/$1.crt" 2>/dev/null
	fi
}
# leaf NAME SAN [EXTENSIONS [KEY-OPTIONS...]]: signed by the intermediate; NAME.pem is the whole chain
leaf() {
	local name=$1 san=$2 ext=${3-basicConstraints=critical,CA:FALSE}
	shift $(($# > 3 ? 3 : $#))
	[ $# -gt 0 ] || set -- ec -pkeyopt ec_paramgen_curve:P-256
	openssl req -newkey "$@" -nodes -keyout "$T/$name.key" -out "$T/req" -subj "/CN=$name" 2>/dev/null
	printf '%b\nsubjectAltName=%s\n' "$ext" "$san" > "$T/ext"
	openssl x509 -req -in "$T/req" -CA "$T/sub.crt" -CAkey "$T/sub.key" -CAcreateserial -days 800 -extfile "$T/ext" -out "$T/$name.crt" 2>/dev/null
	cat "$T/$name.crt" "$T/sub.crt" "$T/root.crt" > "$T/$name.pem"
}
# upload NAME [PEM [KEY [MORE-JSON]]]: NAME.json, the body of an import; KEY '-': none
upload() {
	local key=${3:-$T/$1.key} more=${4:-}
	[ "$key" != - ] || key=/dev/null
	jq -n --arg name "$1" --rawfile pem "${2:-$T/$1.pem}" --rawfile key "$key" --argjson more "${more:-{\}}" \
		'{display_name:$name,pem_encoded:$pem} + (if $key == "" then {} else {private_key:$key} end) + $more' > "$T/$1.json"
}
# import NAME...: as upload; $id is the entry of the leaf
import() {
	upload "$@"
	post "$trust/certificates?action=import" "$T/$1.json"
	id=$(said '.results[-1].id')
}

make_certificates() {
	local all='DNS:nsx.sim.example,DNS:n1.sim.example,DNS:n2.sim.example,DNS:n3.sim.example,IP:127.43.6.10'
	ca root
	ca sub root
	leaf shared "$all"
	leaf pkcs1 "$all" 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth' rsa:2048
	openssl rsa -in "$T/pkcs1.key" -traditional -out "$T/pkcs1.key" 2>/dev/null
	leaf elsewhere DNS:other.example
	leaf unlimited "$all" ''
	leaf noencipher "$all" 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature'
	leaf withcrl "$all" 'basicConstraints=CA:FALSE\ncrlDistributionPoints=URI:http://crl.example/x'
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout "$T/own.key" -out "$T/own.pem" -days 300 \
		-subj /CN=n1.sim.example -addext basicConstraints=critical,CA:FALSE 2>/dev/null
	cp "$T/own.pem" "$T/own.crt"
	openssl req -x509 -newkey rsa:1024 -nodes -keyout "$T/weak.key" -out "$T/weak.pem" -days 300 -subj /CN=weak \
		-addext basicConstraints=critical,CA:FALSE 2>/dev/null
	cat "$T/root.crt" "$T/sub.crt" "$T/shared.crt" > "$T/reversed.pem"
	cat "$T/shared.crt" "$T/root.crt" > "$T/gap.pem"
	cat "$T/shared.crt" "$T/sub.crt" > "$T/rootless.pem"
	sed ':a;N;$!ba;s/\n/\\n/g' "$T/shared.pem" > "$T/backslash.pem"
	{ openssl ecparam -name P-256; cat "$T/shared.key"; } > "$T/with-parameters.key"
	openssl pkcs8 -topk8 -in "$T/shared.key" -passout pass:hush -out "$T/encrypted.key" 2>/dev/null
}

# --- import, delete ----------------------------------------------------------------------------

test_import() {
	world 4.1.2
	import shared
	accepted "import: chain with a PKCS#8 EC key" 201
	is "import: one entry, the whole chain in it" "$(said '.results | length') $(said '.results[0].pem_encoded' | grep -c BEGIN)" "1 3"
	is "import: what it says of itself" "$(said '.results[0] | "\(.resource_type) \(.has_private_key) \(.used_by | length) \(.leaf_certificate_sha_256_thumbprint)"')" \
		"certificate_signed true 0 $(sha_of "$T/shared.crt")"
	as audit "$nsx_url$trust/certificates/$id?details=true"
	is "import: read again, a detail per block" "$code $(said '.details | length')" "200 3"
	import pkcs1
	accepted "import: a PKCS#1 RSA key" 201
	import own
	accepted "import: self-signed" 201
	is "import: named so" "$(said '.results[0].resource_type')" certificate_self_signed
	import root "$T/root.crt" -
	accepted "import: a CA alone" 201
	is "import: no private key" "$(said '.results[0] | "\(.resource_type) \(.has_private_key)"')" "certificate_ca false"
	upload rootless "$T/rootless.pem" "$T/shared.key"
	post "$trust/certificates?action=import" "$T/rootless.json"
	accepted "import: without its root, which is in the trust store" 201
	upload shared "$T/shared.pem" "$T/encrypted.key" '{"passphrase":"hush"}'
	post "$trust/certificates?action=import" "$T/shared.json"
	accepted "import: an encrypted key with its passphrase" 201
	import sub "$T/sub.crt" "$T/sub.key" '{"purpose":"signing-ca"}'
	accepted "import: a CA key with its purpose" 201
}

# bad_import NAME ERROR_CODE REGEX PEM KEY [MORE-JSON]
bad_import() {
	upload bad "$4" "$5" "${6:-}"
	post "$trust/certificates?action=import" "$T/bad.json"
	refused "import: $1" 400 "$2" "$3"
}

test_bad_imports() {
	local before
	world 4.1.2
	before=$(state_of '.certificates | length')
	bad_import "another's key" 2004 'does not match' "$T/shared.pem" "$T/own.key"
	bad_import "no key at all in it" 2004 '^Invalid PEM data received for private key' "$T/shared.pem" "$T/root.crt"
	bad_import "EC PARAMETERS in front" 2004 '^Invalid PEM data received for private key' "$T/shared.pem" "$T/with-parameters.key"
	bad_import "an encrypted key" 2004 '^Invalid PEM data received for private key' "$T/shared.pem" "$T/encrypted.key"
	bad_import "no basicConstraints, and the odd words for it" 2004 'private key does not match' "$T/unlimited.pem" "$T/unlimited.key"
	bad_import "root first" 2004 'does not match' "$T/reversed.pem" "$T/shared.key"
	bad_import "root first, without key" 2076 'in order leaf,intermediate,root' "$T/reversed.pem" -
	bad_import "a gap" 2076 'in order leaf,intermediate,root' "$T/gap.pem" "$T/shared.key"
	bad_import "no root" 2076 'in order leaf,intermediate,root' "$T/rootless.pem" "$T/shared.key"
	bad_import "CA:TRUE with its key" 255 signing-ca "$T/root.crt" "$T/root.key"
	bad_import "signing-ca, but no CA" 255 'needs a CA' "$T/shared.pem" "$T/shared.key" '{"purpose":"signing-ca"}'
	bad_import "1024 bits" 255 'not supported' "$T/weak.pem" "$T/weak.key"
	bad_import "a literal backslash-n" 2003 'Invalid PEM' "$T/backslash.pem" "$T/shared.key"
	bad_import "an unknown member" 255 unknown "$T/shared.pem" "$T/shared.key" '{"privatekey":"x"}'
	json bad '{"display_name":"x"}'
	post "$trust/certificates?action=import" "$T/bad.json"
	refused "import: no PEM" 400 255 pem_encoded
	json bad '{nonsense'
	post "$trust/certificates?action=import" "$T/bad.json"
	refused "import: no JSON" 400 255 .
	is "import: nothing came of all that" "$(state_of '.certificates | length')" "$before"
}

test_split() {
	world 4.1.2 '"import_splits_chain":true,"statuses":"sdk"'
	import shared
	accepted "split: as the SDKs answer" 200
	is "split: an entry per block, the leaf last" "$(said '[.results[] | "\(.resource_type) \(.has_private_key)"] | join(", ")')" \
		"certificate_ca false, certificate_ca false, certificate_signed true"
	is "split: one block each" "$(said '[.results[].pem_encoded | split("BEGIN") | length - 1] | add')" 3
	as audit "$nsx_url$trust/certificates/$id?details=true"
	is "split: the leaf has one detail" "$(said '.details | length')" 1
	import shared
	is "split: a CA that is there is not listed twice" "$(said '.results | length') $(state_of '[.certificates[] | select(.resource_type == "certificate_ca")] | length')" "3 2"
	post "$trust/certificates/$id?action=apply_certificate&service_type=API&node_id=$uuid2"
	accepted "split: applied" 204
	quiet
	is "split: the listener shows the chain all the same" "$(openssl s_client -showcerts -connect "127.43.6.12:$port" < /dev/null 2>/dev/null | grep -c 'BEGIN CERT')" 3
}

test_delete() {
	world 4.1.2 '"certificates":[{"display_name":"lb","policy":"both"}]'
	as admin -X DELETE "$nsx_url$trust/certificates/no-such-thing"
	refused "delete: unknown" 404 600 'could not be found'
	as admin -X DELETE "$nsx_url$trust/certificates/$(id_of api-n1)"
	refused "delete: in use" 400 255 'in use'
	as admin -X DELETE "$nsx_url$trust/certificates/$(id_of lb)"
	refused "delete: a service certificate" 400 255 policy
	import own
	as audit -X DELETE "$nsx_url$trust/certificates/$id"
	refused "delete: by an auditor" 403 401 'not authorized'
	as admin -X DELETE "$nsx_url$trust/certificates/$id"
	accepted "delete: unused"
	as admin -X DELETE "$nsx_url$trust/certificates/$id"
	refused "delete: twice" 404 600 'could not be found'
}

# --- apply ---------------------------------------------------------------------------------------

# apply ID SERVICE [NODE]
apply() { post "$trust/certificates/$1?action=apply_certificate&service_type=$2${3:+&node_id=$3}"; }

test_apply() {
	local old before
	world 4.1.2
	old=$(id_of api-n2)
	before=$(presented 127.43.6.11)
	import shared
	apply "$id" API $uuid2
	accepted "apply: API of one node"
	is "apply: no body" "$body" ''
	is "apply: used at once" "$(users_of "$id") | $(users_of "$old")" "API@$uuid2 | "
	is "apply: the cluster is not well for a moment" "$(state_of '"\(.cluster_status) \(.busy)"')" "DEGRADED true"
	quiet
	is "apply: then it is" "$(state_of '"\(.cluster_status) \(.busy)"')" "STABLE false"
	is "apply: the listener presents it" "$(presented 127.43.6.12)" "$(sha_of "$T/shared.crt")"
	is "apply: the other node does not" "$(presented 127.43.6.11)" "$before"
	as audit "$nsx_url$trust/certificates/$old"
	is "apply: the old one is unused" "$(said '.used_by | length')" 0
	apply "$id" API $uuid2
	look_at_log
	is "apply: again, which changes nothing" "$code $changed $(state_of .busy)" "200 false false"
	apply "$id" MGMT_CLUSTER
	accepted "apply: MGMT_CLUSTER"
	is "apply: the VIP presents it" "$(presented $vip)" "$(sha_of "$T/shared.crt")"
	quiet
	apply "$old" API $uuid2
	accepted "apply: back to the old one"
	quiet
	is "apply: which is presented again" "$(presented 127.43.6.12)" "$(state_of ".certificates[] | select(.id == \"$old\").sha256")"
	import pkcs1
	for service in APH APH_TN CCP CBM_CORFU; do
		[ $service = CBM_CORFU ] && import own
		quiet
		apply "$id" $service $uuid3
		accepted "apply: $service"
		is "apply: $service, nobody is cut off" "$(curl -sSk -o /dev/null "https://127.43.6.13:$port/"; echo $?)" 0
	done
}

# bad_apply NAME STATUS REGEX ID SERVICE [NODE]
bad_apply() {
	local name=$1 status=$2 why=$3
	shift 3
	apply "$@"
	refused "apply: $name" "$status" "$([ "$status" = 400 ] && echo 255 || echo "$status")" "$why"
}

test_bad_applies() {
	local shared elsewhere before
	world 4.2 '"certificates":[{"display_name":"lb","policy":"both"},{"display_name":"spent","days_left":-2},
		{"display_name":"bare","has_private_key":false},{"display_name":"acting","ca":true,"has_private_key":true},
		{"display_name":"doubtful","validation":"CRL_NOT_READY"}],"crl_ready_ms":86400000'
	import elsewhere
	elsewhere=$id
	import shared
	shared=$id
	before=$(state_of '[.certificates[].uses]')
	apply no-such-thing API $uuid1
	refused "apply: unknown certificate" 404 600 'could not be found'
	bad_apply "no service type" 400 missing "$shared" ''
	bad_apply "an unknown service type" 400 'no certificate profile' "$shared" NONSENSE $uuid1
	bad_apply "APH_AR, which is a name for people" 400 'no certificate profile' "$shared" APH_AR $uuid1
	bad_apply "CLIENT_AUTH" 400 'no certificate profile' "$shared" CLIENT_AUTH
	bad_apply "a service of another version" 400 'no certificate profile' "$shared" CBM_MP $uuid1
	bad_apply "no node" 400 'node_id is missing' "$shared" API
	bad_apply "a strange node" 400 'names no manager' "$shared" API "$(state_of '.transport_nodes[0].node_id')"
	bad_apply "a node too many" 400 'not wanted' "$shared" MGMT_CLUSTER $uuid1
	bad_apply "no private key" 400 "^Specified certificate_id '.*' does not have a private key$" "$(id_of bare)" API $uuid1
	bad_apply "a CA" 400 'is a CA' "$(id_of acting)" API $uuid1
	bad_apply "an expired one" 400 'has expired' "$(id_of spent)" API $uuid1
	bad_apply "a service certificate" 400 'service certificate' "$(id_of lb)" API $uuid1
	bad_apply "CRL not ready" 400 CRL_NOT_READY "$(id_of doubtful)" API $uuid1
	bad_apply "names that do not fit the node" 400 'Neither CN nor SAN' "$elsewhere" API $uuid1
	bad_apply "names that do not fit the VIP" 400 'Neither CN nor SAN' "$elsewhere" MGMT_CLUSTER
	bad_apply "a certificate of another class" 400 'another class' "$(id_of api-mgmt-cluster)" APH $uuid1
	bad_apply "one that may not be shared" 400 'class|shared' "$(id_of cbm-corfu-n1)" CBM_CLUSTER_MANAGER $uuid1
	import noencipher
	bad_apply "what validate rejects" 400 'key encipherment' "$id" API $uuid1
	as audit "$nsx_url$trust/certificates/$id?action=validate"
	is "apply: validate says the same" "$(said .status)" REJECTED
	as audit -X POST "$nsx_url$trust/certificates/$shared?action=apply_certificate&service_type=MGMT_CLUSTER"
	refused "apply: by an auditor" 403 401 'not authorized'
	as admin "$nsx_url$trust/certificates/$shared?action=apply_certificate&service_type=MGMT_CLUSTER"
	is "apply: GET does not" "$code" 400
	is "apply: nothing came of all that" "$(state_of '[.certificates[].uses]')" "$(jq -c '. + [[]]' <<< "$before" | jq .)"
	import withcrl
	bad_apply "its CRL is not fetched yet" 400 CRL_NOT_READY "$id" API $uuid1
	clock '{"advance_s":90000}'
	apply "$id" API $uuid1
	accepted "apply: its CRL is there"
	bad_apply "a second one while the cluster settles" 409 'in progress' "$shared" MGMT_CLUSTER
	clock '{"advance_s":61}'
	wait_for 5 curl -sSk -o /dev/null "https://$vip:$port/"
	apply "$shared" MGMT_CLUSTER
	accepted "apply: and after that"
	for wanted in '"cluster":{"changes_allowed":false}:not allowed' '"cluster":{"status":"DEGRADED"}:DEGRADED'; do
		world 4.2 "${wanted%:*}"
		import shared
		bad_apply "the cluster does not let it: ${wanted##*:}" 409 "${wanted##*:}" "$id" MGMT_CLUSTER
	done
	world 4.2 "\"certificates\":[{\"display_name\":\"foreign\",\"given\":$(jq -Rs . "$T/shared.pem"),\"has_private_key\":true}]"
	bad_apply "a key that is only claimed" 400 'does not have a private key' "$(id_of foreign)" API $uuid1
	enter "{\"version\":\"4.2\",$nodes,$quick}"
	import shared
	bad_apply "CA-signed for a VIP that is not set" 400 'virtual IP' "$id" MGMT_CLUSTER
	world 4.1
	import elsewhere
	apply "$id" API $uuid1
	accepted "apply: before 4.2 names do not matter"
}

# The connection that asks, the answer that is lost, the session that is gone.
test_connections() {
	local xsrf cookie before basic own
	basic=$(printf admin:simulator-only | base64)
	enter "{\"version\":\"4.2\",$nodes,$with_vip,${quick/:30,/:1500,}}"
	nsx_url=https://$vip:$port
	import shared
	apply "$id" API $uuid1
	is "cut: the answer comes first" "$left $code" "0 200"
	curl -sSk -o /dev/null "https://127.43.6.11:$port/" 2>/dev/null
	is "cut: then nobody listens" $? 7
	curl -sSk -o /dev/null "https://127.43.6.12:$port/" 2>/dev/null
	is "cut: elsewhere somebody does" $? 0
	wait_for 5 curl -sSk -o /dev/null "https://$vip:$port/"
	world 4.2 '"apply_answer":"lost"'
	nsx_url=https://$vip:$port
	import shared
	apply "$id" API $uuid1
	is "lost: no answer" "$left $code" "52 000"
	wait_for 5 curl -sSk -o /dev/null "https://$vip:$port/"
	is "lost: the log knows" "$(control log | jq -r 'map(select(.method == "POST"))[-1] | "\(.status) \(.changed)"')" "0 true"
	quiet
	apply "$id" API $uuid2
	is "lost: not where another node restarts" "$left $code" "0 200"
	quiet
	is "lost: both listeners present it" "$(presented 127.43.6.11) $(presented 127.43.6.12)" "$(sha_of "$T/shared.crt") $(sha_of "$T/shared.crt")"
	# One connection, two requests: the second is a write whose answer is lost.
	faults '[{"match":"POST /api/v1/trust-management/certificates","times":0,"do":"lose"}]'
	before=$(state_of '.certificates | length')
	{
		printf 'GET /api/v1/node HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\n\r\n' "$basic"
		printf 'POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nContent-Length: %s\r\n\r\n' \
			"$trust/certificates?action=import" "$basic" "$(stat -c %s "$T/shared.json")"
		cat "$T/shared.json"
	} > "$T/two-requests"
	openssl s_client -quiet -connect "$vip:$port" < "$T/two-requests" > "$T/one-answer" 2>/dev/null
	is "lose: a kept-alive connection ends without the second answer" "$(grep -c '^HTTP/1.1 200' "$T/one-answer")" 1
	is "lose: one POST, and its work is done" "$(control log | jq -r '[.[] | select(.faults == "lose")] | map("\(.method) \(.changed)") | join(" ")') $(($(state_of '.certificates | length') - before))" "POST true 1"
	faults '[{"match":"DELETE *","do":"reset"},{"match":"POST */certificates?action=import","do":"restart","value":100}]'
	as admin -X DELETE "$nsx_url$trust/certificates/$(state_of '.certificates[-1].id')"
	look_at_log
	is "reset: the work is done" "$left $changed" "56 true"
	import own
	accepted "restart: the work is done" 201
	own=$id
	wait_for 5 curl -sSk -o /dev/null "$nsx_url/"
	faults '[{"match":"POST */certificates?action=import","do":"status","value":503}]'
	import own
	look_at_log
	is "status: the work is not done" "$code $changed" "503 false"
	faults '[]'
	curl -sSk -D "$T/head" -o /dev/null -d 'j_username=admin&j_password=simulator%2donly' "$nsx_url/api/session/create"
	xsrf=$(tr -d '\r' < "$T/head" | sed -n 's/^x-xsrf-token: //Ip')
	cookie=$(tr -d '\r' < "$T/head" | sed -n 's/^set-cookie: \([^;]*\).*/\1/Ip')
	code=$(curl -sSk -b "$cookie" -o "$T/body" -w '%{http_code}' -X DELETE "$nsx_url$trust/certificates/x")
	is "session: a write without the token" "$code $(jq .error_code "$T/body")" "403 98"
	code=$(curl -sSk -b "$cookie" -H "X-XSRF-TOKEN: $xsrf" -o "$T/body" -w '%{http_code}' -X POST \
		"$nsx_url$trust/certificates/$own?action=apply_certificate&service_type=MGMT_CLUSTER")
	is "session: a write with it, whose answer the scenario loses" "$code" 000
	wait_for 5 curl -sSk -o /dev/null "$nsx_url/"
	code=$(curl -sSk -b "$cookie" -H "X-XSRF-TOKEN: $xsrf" -o "$T/body" -w '%{http_code}' "$nsx_url/api/v1/node")
	is "session: gone with the restart" "$code $(jq .error_code "$T/body")" "403 98"
}

# --- batches ------------------------------------------------------------------------------------------

# The listener that is asked may restart while it is: that is what a batch does.
results() {
	local i
	for ((i = 0; i < 50; i++)); do
		as audit "$nsx_url$trust/certificates/batch-results"
		[ "$code" = 000 ] || return 0
		sleep 0.02
	done
}
# pair OLD [NEW]: batch.json
pair() { json batch "{\"certificate_replacements\":[{\"old_certificate_id\":\"$1\"${2:+,\"new_certificate_id\":\"$2\"}}]}"; }
batch() { pair "$@"; post "$trust/certificates/action/batch-replace" "$T/batch.json"; }

test_batch() {
	local old aph
	world 4.2
	results
	is "batch: nothing yet" "$code $(said '.results | length')" "200 0"
	old=$(id_of api-mgmt-cluster)
	import shared
	batch "$old" "$id"
	accepted "batch: API and VIP at once"
	results
	is "batch: an operation per service and node, in order" "$(said '[.results[] | .service_type] | join(" ")') $(said .result_count)" "API API API MGMT_CLUSTER 4"
	is "batch: pending" "$(said '[.results[].status] | unique | join(" ")')" PENDING
	is "batch: what is to be done to what" "$(said '.results[0] | "\(.operation_type) \(.certificate_id) \(.old_certificate_id)"')" "REPLACE $id $old"
	pair "$old" "$id"
	post "$trust/certificates/action/batch-replace" "$T/batch.json"
	refused "batch: a second one" 400 255 'in progress'
	post "$trust/certificates/action/batch-replace?force=true" "$T/batch.json"
	refused "batch: force is not known in 4.2" 400 255 'in progress'
	bad_apply "while a batch runs" 409 'in progress' "$id" APH $uuid1
	as admin -X DELETE "$nsx_url$trust/certificates/batch-results"
	refused "batch: pending results are not cleared" 400 255 'in progress'
	clock '{"advance_s":61}'
	results
	is "batch: one operation done, one under way" "$(said '[.results[].status] | join(" ")')" "OK PENDING PENDING PENDING"
	clock '{"advance_s":180}'
	results
	is "batch: all is well" "$(said '[.results[].status] | unique | join(" ")') $(said '.end_time > .start_time') $(said .pending_estimated_duration)" "OK true 0"
	wait_for 5 curl -sSk -o /dev/null "https://$vip:$port/"
	quiet
	for node in 10 11 12 13; do presented 127.43.6.$node; done > "$T/presented"
	is "batch: all listeners present it" "$(sort -u "$T/presented")" "$(sha_of "$T/shared.crt")"
	is "batch: the old one is unused" "$(users_of "$old")" ''
	as admin -X DELETE "$nsx_url$trust/certificates/batch-results"
	accepted "batch: results are cleared"
	world 4.2
	aph=$(id_of aph-ccp-n1)
	batch "$aph"
	accepted "batch: self-signed without a new id"
	clock '{"advance_s":181}'
	results
	is "batch: a clock that is moved counts" "$(said '[.results[] | "\(.service_type) \(.status)"] | join(" ")')" "APH OK APH_TN OK CCP OK"
	id=$(said '.results[0].certificate_id')
	is "batch: same names, other certificate" "$(state_of "[.certificates[] | select(.display_name == \"aph-ccp-n1\").sha256] | unique | length")" 2
	is "batch: the fresh one has the uses" "$(users_of "$id" | wc -w)" 3
	world 4.2
	import shared
	batch "$(id_of api-mgmt-cluster)" "$id"
	as admin -X DELETE "$nsx_url$trust/certificates/batch-results?force=true"
	accepted "batch: stopped"
	results
	is "batch: what was pending is aborted" "$(said '[.results[].status] | unique | join(" ")')" ABORTED
	world 4.2 '"batch_fails":["MGMT_CLUSTER"]'
	import shared
	batch "$(id_of api-mgmt-cluster)" "$id"
	clock '{"advance_s":241}'
	results
	is "batch: an operation that fails" "$(said '[.results[] | "\(.service_type) \(.status)"] | join(" ")') $(said '.results[3].message != ""')" "API OK API OK API OK MGMT_CLUSTER ERROR true"
	is "batch: what failed keeps what it had" "$(users_of "$(id_of api-mgmt-cluster)" | cut -d@ -f1)" MGMT_CLUSTER
	world 4.2
	faults '[{"match":"POST *batch-replace","do":"batch-error","value":"APH_TN"}]'
	batch "$(id_of aph-ccp-n2)"
	clock '{"advance_s":181}'
	results
	is "batch: one that a fault meets" "$(said '[.results[] | "\(.service_type) \(.status)"] | join(" ")')" "APH OK APH_TN ERROR CCP OK"
	faults '[]'
	world 9.0
	import shared
	batch "$(id_of aph-ccp-n2)"
	accepted "batch: 9.0 answers as the SDKs do" 204
	pair "$(id_of api-mgmt-cluster)" "$id"
	post "$trust/certificates/action/batch-replace?force=true" "$T/batch.json"
	accepted "batch: 9.0 knows force" 204
}

# bad_batch NAME REGEX JSON
bad_batch() {
	json batch "$3"
	post "$trust/certificates/action/batch-replace" "$T/batch.json"
	refused "batch: $1" 400 255 "$2"
}

test_bad_batches() {
	local old before
	world 4.2 '"certificates":[{"display_name":"idle"},{"display_name":"odd","used_by":[{"node_id":"x","service_types":["SYSLOG_SERVER"]}]},
		{"display_name":"bare","has_private_key":false}]'
	old=$(id_of api-mgmt-cluster)
	before=$(state_of '[.certificates, .batch]')
	bad_batch "no list" certificate_replacements '{}'
	bad_batch "an empty list" empty '{"certificate_replacements":[]}'
	bad_batch "no old id" old_certificate_id '{"certificate_replacements":[{}]}'
	bad_batch "an id that is none" 'no certificate id' '{"certificate_replacements":[{"old_certificate_id":"-x"}]}'
	bad_batch "an unknown old one" 'could not be found' '{"certificate_replacements":[{"old_certificate_id":"x"}]}'
	bad_batch "an unknown new one" 'could not be found' "{\"certificate_replacements\":[{\"old_certificate_id\":\"$old\",\"new_certificate_id\":\"x\"}]}"
	bad_batch "the same twice" twice "{\"certificate_replacements\":[{\"old_certificate_id\":\"$old\"},{\"old_certificate_id\":\"$old\"}]}"
	bad_batch "itself" itself "{\"certificate_replacements\":[{\"old_certificate_id\":\"$old\",\"new_certificate_id\":\"$old\"}]}"
	bad_batch "an unused old one" 'not used' "{\"certificate_replacements\":[{\"old_certificate_id\":\"$(id_of idle)\"}]}"
	bad_batch "a use without profile" 'not used' "{\"certificate_replacements\":[{\"old_certificate_id\":\"$(id_of odd)\"}]}"
	bad_batch "a new one without key" 'does not have a private key' "{\"certificate_replacements\":[{\"old_certificate_id\":\"$old\",\"new_certificate_id\":\"$(id_of bare)\"}]}"
	bad_batch "a missing comma" . '{"certificate_replacements":[{"old_certificate_id":"a" "new_certificate_id":"b"}]}'
	is "batch: nothing came of all that" "$(state_of '[.certificates, .batch]')" "$before"
	world 4.2 '"issuers":[{"name":"ca","cn":"CA","ca":true}],"certificates":[{"display_name":"signed","issuer":"ca","used_by":[{"node":"n1","service_types":["API"]}]}]'
	bad_batch "CA-signed without a new id" 'not self-signed' "{\"certificate_replacements\":[{\"old_certificate_id\":\"$(id_of signed)\"}]}"
}

# --- renewal ----------------------------------------------------------------------------------------------

test_renewal() {
	local soon='{"display_name":"corfu","days_left":10,"valid_days":825,"used_by":[{"node":"n1","service_types":["CBM_CORFU"]}]}'
	local hub='{"display_name":"hub","days_left":10,"used_by":[{"node":"n1","service_types":["APH_TN"]}]}'
	local api='{"display_name":"api","days_left":10,"used_by":[{"node":"n1","service_types":["API"]}]}'
	world 4.2.1 "\"certificates\":[$soon,$hub,$api]"
	post $trust/certificates/action/renew-appliance-certificates
	accepted "renew: asked for" 202
	clock '{"advance_s":121}'
	results
	is "renew: internal ones that are due, never the API's" "$(said '[.results[] | "\(.service_type) \(.status)"] | sort | join(" ")')" "APH_TN OK CBM_CORFU OK"
	is "renew: as long as the old one was" "$(state_of '[.certificates[] | select(.display_name == "corfu" and (.uses | length) > 0)][0].not_after - now | . / 86400 | . > 820 and . < 830')" true
	as admin "$nsx_url$trust/certificates/$(said '.results[] | select(.service_type == "CBM_CORFU").certificate_id')"
	is "renew: listed" "$(said '.used_by[0].service_types[0]')" CBM_CORFU
	world 4.2.1 "\"certificates\":[$soon,$hub,$api],\"auto_renew\":true"
	clock '{"advance_s":599}'
	is "auto renewal: not before ten minutes" "$(state_of '.batch | length')" 0
	clock '{"advance_s":2}'
	control state > "$T/begun"
	clock '{"advance_s":61}'
	is "auto renewal: without APH_TN and API" "$(state_of '[.batch[] | "\(.service) \(.status)"] | join(" ")')" "CBM_CORFU OK"
	world 4.2.1 "\"certificates\":[$soon],\"auto_renew\":true,\"activity\":{\"upgrade\":\"IN_PROGRESS\"}"
	control state > "$T/begun"
	clock '{"advance_s":700}'
	is "auto renewal: not during an upgrade" "$(state_of '.batch | length')" 0
	as audit "$nsx_url/policy/api/v1/infra/security-global-config"
	is "renewal: the fields of the schema" "$(said '.automatic_appliance_certificate_renewal_lead_time')" 31
	world 4.2.1 '"security":{"guide_names":true}'
	as audit "$nsx_url/policy/api/v1/infra/security-global-config"
	is "renewal: the fields of the guide" "$(said '"\(.automatic_appliance_certificate_replacement_enabled) \(.automatic_appliance_certificate_replacement_lead_time)"')" "true 31"
}

# --- hosts ------------------------------------------------------------------------------------------------

host() { post "$trust/certificates/action/replace-host-certificate/$1" "$T/$2.json"; }

test_hosts() {
	world 4.1.2 '"transport_nodes":[{"name":"esx","id":"tn-esx","node_id":"node-esx"},{"name":"sick","node_id":"node-sick","later_status":"DOWN"}]'
	upload shared
	upload keyless "$T/shared.pem" -
	upload unlimited
	host node-esx keyless
	refused "host: no key" 400 2004 'private key'
	host tn-esx shared
	refused "host: by an id that is not its node id" 404 600 'could not be found'
	host $uuid1 shared
	refused "host: a manager" 400 255 'not a transport node'
	host node-esx unlimited
	refused "host: no basicConstraints" 400 2004 'private key does not match'
	host node-esx shared
	accepted "host: replaced"
	as audit "$nsx_url/api/v1/transport-nodes/tn-esx/status"
	is "host: away for a moment" "$(said '"\(.status) \(.mgmt_connection_status)"')" "DOWN DOWN"
	host node-sick shared
	refused "host: one at a time" 409 409 'in progress'
	quiet
	is "host: comes back" "$(state_of '.transport_nodes[] | select(.name == "esx").status')" UP
	is "host: what it was given" "$(state_of '.transport_nodes[] | select(.name == "esx") | "\(.sha256) \(.blocks) \(.replaced)"')" "$(sha_of "$T/shared.crt") 3 1"
	is "host: nothing in the trust store" "$(state_of "[.certificates[] | select(.sha256 == \"$(sha_of "$T/shared.crt")\")] | length")" 0
	host node-sick shared
	accepted "host: another"
	clock '{"advance_s":61}'
	as audit "$nsx_url/api/v1/transport-nodes/status"
	is "host: one that stays away" "$(said '"\(.up_count) \(.down_count)"')" "1 1"
}

# --- CSRs ---------------------------------------------------------------------------------------------------

subject='"subject":{"attributes":[{"key":"CN","value":"csr.sim.example"},{"key":"O","value":"Sim"},{"key":"C","value":"DE"}]}'

# bad_csr NAME REGEX JSON [PATH]
bad_csr() {
	json csr "$3"
	post "$trust/${4:-csrs}" "$T/csr.json"
	refused "CSR: $1" 400 255 "$2"
}

test_csrs() {
	local csr
	world 4.1.2
	json csr "{$subject,\"display_name\":\"mine\",\"key_size\":\"2048\",\"algorithm\":\"RSA\",\"extensions\":{\"subject_alt_names\":{\"dns_names\":[\"csr.sim.example\"],\"ip_addresses\":[\"192.0.2.7\"]}}}"
	post $trust/csrs-extended "$T/csr.json"
	accepted "CSR: made" 201
	csr=$(said .id)
	said .pem_encoded > "$T/csr.pem"
	ok "CSR: verifies" openssl req -in "$T/csr.pem" -verify -noout
	like "CSR: subject and names" "$(openssl req -in "$T/csr.pem" -noout -text | tr -s ' \n' ' ')" 'Subject: CN = csr.sim.example, O = Sim, C = DE.*DNS:csr.sim.example, IP Address:192.0.2.7'
	printf 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:csr.sim.example\n' > "$T/ext"
	openssl x509 -req -in "$T/csr.pem" -CA "$T/root.crt" -CAkey "$T/root.key" -CAcreateserial -days 300 -extfile "$T/ext" -out "$T/signed.crt" 2>/dev/null
	cat "$T/signed.crt" "$T/root.crt" > "$T/signed.pem"
	upload signed "$T/signed.pem" -
	post "$trust/csrs/$csr?action=import" "$T/signed.json"
	accepted "CSR: what a CA made of it" 201
	is "CSR: the key was here" "$(said '.results[0].has_private_key')" true
	apply "$(said '.results[0].id')" API $uuid2
	accepted "CSR: and serves"
	quiet
	is "CSR: really" "$(presented 127.43.6.12)" "$(sha_of "$T/signed.crt")"
	upload own "$T/own.pem" -
	post "$trust/csrs/$csr?action=import" "$T/own.json"
	refused "CSR: another's certificate" 400 2004 'does not match'
	post "$trust/csrs/$csr?action=self_sign&days_valid=825"
	accepted "CSR: signed by itself"
	said .pem_encoded > "$T/self.pem"
	ok "CSR: that verifies" openssl verify -CAfile "$T/self.pem" -check_ss_sig "$T/self.pem"
	ok "CSR: for 825 days" openssl x509 -in "$T/self.pem" -noout -checkend $((824 * 86400))
	post "$trust/csrs/$csr?action=self_sign&days_valid=826"
	refused "CSR: 826 days" 400 255 825
	json csr "{$subject,\"days_valid\":100}"
	post "$trust/csrs?action=self_sign" "$T/csr.json"
	accepted "CSR: all in one call"
	is "CSR: which leaves none behind" "$(state_of '.csrs | length')" 1
	json csr "{$subject,\"key_size\":384,\"algorithm\":\"EC\"}"
	post $trust/csrs "$T/csr.json"
	accepted "CSR: EC" 201
	as audit "$nsx_url$trust/csrs"
	is "CSR: listed" "$code $(said .result_count)" "200 2"
	as admin -X DELETE "$nsx_url$trust/csrs/$csr"
	accepted "CSR: deleted"
	as audit "$nsx_url$trust/csrs/$csr"
	is "CSR: gone" "$code" 404
	bad_csr "no subject" subject '{}'
	bad_csr "no CN" CN '{"subject":{"attributes":[{"key":"O","value":"x"}]}}'
	bad_csr "an unknown attribute" 'unknown attribute' '{"subject":{"attributes":[{"key":"CN","value":"x"},{"key":"XX","value":"x"}]}}'
	bad_csr "DSA" 'not supported' "{$subject,\"algorithm\":\"DSA\"}"
	bad_csr "1024 bits" 'not supported' "{$subject,\"key_size\":\"1024\"}"
	bad_csr "extensions before 4.2" extensions "{$subject,\"extensions\":{}}"
	bad_csr "a name that is two" subject_alt_names "{$subject,\"extensions\":{\"subject_alt_names\":{\"dns_names\":[\"a,DNS:b\"]}}}" csrs-extended
	world 4.2
	json csr "{$subject,\"extensions\":{\"subject_alt_names\":{\"dns_names\":[\"a.example\"]}}}"
	post $trust/csrs "$T/csr.json"
	accepted "CSR: 4.2 takes extensions" 201
	world 4.0
	bad_csr "EC before 4.0.1" 'not supported' "{$subject,\"key_size\":256,\"algorithm\":\"EC\"}"
}

# --- versions --------------------------------------------------------------------------------------------------

# unknown VERSION METHOD PATH...: not there in that version
unknown() {
	local version=$1 path
	world "$1"
	shift
	for path in "$@"; do
		as admin -X "${path%% *}" -d '{}' "$nsx_url${path#* }"
		like "$version lacks ${path#* }" "$code" '^(400|404|405)$'
		unlike "$version lacks ${path#* }: no answer of another call" "$(said .error_message)" 'pem_encoded|subject|certificate_replacements'
	done
}

test_versions() {
	local old
	unknown 3.0 "GET $trust/certificate-profiles" "POST $trust/certificates/x?action=apply_certificate&service_type=API" \
		"POST $trust/csrs-extended" "POST $trust/csrs?action=self_sign" "POST $trust/certificates/action/batch-replace" \
		"POST $trust/certificates/action/replace-host-certificate/x"
	unknown 3.2 "POST $trust/csrs?action=self_sign" "POST $trust/certificates/action/replace-host-certificate/x" \
		"POST $trust/certificates/action/batch-replace" "DELETE $trust/certificates/batch-results"
	unknown 4.1 "POST $trust/certificates/action/batch-replace" "POST $trust/certificates/action/renew-appliance-certificates"
	unknown 4.2 "POST $trust/certificates/action/renew-appliance-certificates"
	world 3.0
	old=$(id_of mp-cluster)
	import shared
	post "/api/v1/cluster/api-certificate?action=set_cluster_certificate&certificate_id=$id"
	accepted "3.0: the VIP's certificate"
	is "3.0: says which" "$(said .certificate_id)" "$id"
	wait_for 5 curl -sSk -o /dev/null "https://$vip:$port/"
	quiet
	is "3.0: the VIP presents it" "$(presented $vip) $(users_of "$old")" "$(sha_of "$T/shared.crt") "
	as admin -X POST "https://127.43.6.12:$port/api/v1/node/services/http?action=apply_certificate&certificate_id=$id"
	accepted "3.0: the certificate of the node that is asked"
	quiet
	is "3.0: that node presents it" "$(presented 127.43.6.12)" "$(sha_of "$T/shared.crt")"
	post "/api/v1/cluster/api-certificate?action=clear_cluster_certificate"
	accepted "3.0: back to the node's own"
	is "3.0: the VIP presents its holder's" "$(presented $vip)" "$(presented 127.43.6.11)"
	quiet
	post "/api/v1/cluster/api-certificate?action=set_cluster_certificate"
	refused "3.0: no certificate named" 400 255 missing
	world 3.2 '"certificates":[{"display_name":"vip","used_by":[{"node":"cluster","service_types":["Cluster Certificate","MGMT_CLUSTER"]}]}]'
	old=$(id_of vip)
	import shared
	apply "$id" MGMT_CLUSTER
	accepted "3.2: apply"
	is "3.2: nothing of the old use is left" "$(users_of "$old")" ''
	world 3.1.3
	import pkcs1
	json set "{\"cert_id\":\"$id\",\"service_type\":\"LOCAL_MANAGER\"}"
	post "$trust/certificates?action=set_pi_certificate_for_federation" "$T/set.json"
	accepted "3.1: the identity of the Local Manager"
	quiet
	import own
	json set "{\"cert_id\":\"$id\",\"used_by_id\":\"$uuid3\"}"
	post "$trust/certificates?action=set_appliance_proxy_certificate_for_inter_site_communication" "$T/set.json"
	accepted "3.1: the appliance proxy of a node"
	like "3.1: used so" "$(users_of "$id")" "^APH@$uuid3$"
}

# --- other work, federation ---------------------------------------------------------------------------------------

test_activity() {
	world 4.2
	as audit "$nsx_url/api/v1/upgrade/status-summary"
	is "activity: no upgrade" "$(said .overall_upgrade_status)" NOT_STARTED
	as audit "$nsx_url/api/v1/cluster/backups/status"
	is "activity: no backup, and nothing more about it" "$(jq -c . <<< "$body")" '{"operation_type":"NONE"}'
	as audit "$nsx_url/api/v1/cluster/restore/status"
	is "activity: no restore" "$(said .status.value)" INITIAL
	world 4.2 '"activity":{"upgrade":"IN_PROGRESS","backup":"BACKUP","restore":"RUNNING"}'
	as audit "$nsx_url/api/v1/upgrade/status-summary"
	is "activity: an upgrade" "$(said .overall_upgrade_status)" IN_PROGRESS
	as audit "$nsx_url/api/v1/cluster/backups/status"
	is "activity: a backup" "$(said '.operation_type + .backup_id' | wc -c)" 43
	as audit "$nsx_url/api/v1/cluster/restore/status"
	is "activity: a restore" "$(said .status.value)" RUNNING
}

# site REVISION [THUMBPRINT [PASSWORD]]: site.json
site() {
	json site "{\"display_name\":\"paris\",\"site_type\":\"ONPREM_LM\"${1:+,\"_revision\":$1},\"site_connection_info\":[{\"fqdn\":\"lm.example\",
		\"username\":\"admin\",\"password\":\"${3:-right}\",\"thumbprint\":\"${2:-$thumbprint}\"}]}"
}
to_site() { as admin -X "$1" -H 'Content-Type: application/json' -d "@$T/site.json" "$nsx_url$gm/${2:-sites/paris}"; }

test_federation() {
	local thumbprint lm_url
	sim_start lm nsx_sim --scenario "$top/tests/sim/scenarios/nsx-lm.json"
	lm_url=${lm_url#https://}
	thumbprint=$(openssl s_client -connect "$lm_url" < /dev/null 2>/dev/null | openssl x509 -outform DER | sha256sum | cut -d' ' -f1)
	world 4.1.2 "\"mode\":\"global-manager\",\"global_managers\":[{\"id\":\"one\",\"mode\":\"ACTIVE\"},{\"id\":\"two\",\"mode\":\"STANDBY\"}],
		\"sites\":[{\"name\":\"paris\",\"id\":\"paris\",\"password\":\"right\",\"lm_address\":\"${lm_url%:*}\",\"lm_port\":${lm_url#*:}}]"
	site 4
	to_site PUT
	accepted "site: the thumbprint of its listener"
	is "site: no secret in the answer, the next revision" "$(said '"\(has("site_connection_info")) \(._revision)"')" "false 5"
	is "site: remembered" "$(state_of '.sites[0] | "\(.thumbprint) \(.updates)"')" "$thumbprint 1"
	to_site PUT
	refused "site: the revision of before" 412 412 revision
	site ''
	to_site PUT
	refused "site: PUT without a revision" 412 412 revision
	to_site PATCH
	accepted "site: PATCH without a revision"
	site '' "$(tr 0-9 1-90 <<< "$thumbprint")"
	to_site PATCH
	refused "site: another thumbprint" 400 255 'does not match'
	for wrong in "${thumbprint^^}" "$(sed 's/../&:/g;s/:$//' <<< "$thumbprint")" abc; do
		site '' "$wrong"
		to_site PATCH
		refused "site: a thumbprint that is none" 400 255 '64 lower-case hex'
	done
	site '' '' wrong
	to_site PATCH
	refused "site: a wrong password" 400 255 credentials
	unlike "site: which is not repeated" "$body" wrong
	json site '{"_revision":6}'
	to_site PUT
	refused "site: without connection" 400 255 site_connection_info
	site 6
	as audit -X PUT -d "@$T/site.json" "$nsx_url$gm/sites/paris"
	refused "site: by an auditor" 403 401 'not authorized'
	to_site PUT sites/london
	refused "site: unknown" 404 600 'could not be found'
	as audit "$nsx_url$gm/global-managers"
	is "managers: active and standby" "$(said '[.results[] | "\(.id) \(.mode)"] | join(" ")')" "one ACTIVE two STANDBY"
	jq '{_revision:0,mode:"STANDBY",connection_info:.site_connection_info}' "$T/site.json" > "$T/manager.json"
	cp "$T/manager.json" "$T/site.json"
	to_site PUT global-managers/two
	accepted "managers: the standby's thumbprint"
	is "managers: remembered" "$(state_of '.global_managers[1].thumbprint')" "$thumbprint"
	import pkcs1
	apply "$id" GLOBAL_MANAGER
	accepted "managers: GLOBAL_MANAGER is replaced"
	world 4.1.2 '"mode":"global-manager","global_manager_mode":"STANDBY","sites":[{"name":"paris","id":"paris"}]'
	site 4
	to_site PUT
	refused "site: on a standby" 400 255 active
	world 4.1.2
	to_site PUT
	is "site: not on a Local Manager" "$code" 404
	sim_stop lm
}

# --- in all this -----------------------------------------------------------------------------------------------------

test_gets() {
	local before path
	world 4.2
	import shared
	before=$(control state | jq 'del(.now, .listeners, .in_flight)')
	for path in /api/v1/cluster /api/v1/cluster/status $trust/certificates "$trust/certificates/$id" "$trust/certificates/$id?action=validate" \
		$trust/certificates/batch-results $trust/csrs $trust/certificate-profiles /api/v1/transport-nodes /api/v1/sites \
		"$trust/certificates?action=import" "$trust/certificates/$id?action=apply_certificate&service_type=MGMT_CLUSTER" \
		"$trust/certificates/action/batch-replace" "/api/v1/cluster/api-certificate?action=set_cluster_certificate&certificate_id=$id"; do
		as admin "$nsx_url$path"
	done
	is "GET changes nothing" "$(control state | jq 'del(.now, .listeners, .in_flight)')" "$before"
	is "nor does what was refused" "$(control log | jq '[.[] | select(.status >= 400 and .changed)] | length')" 0
	is "and the log says so" "$(control log | jq '[.[] | select(.method == "GET" and .changed)] | length')" 0
}

# Each on its own: another scenario may not have the addresses of the one before.
test_scenarios() {
	local file ready=$T/example.ready
	for file in "$top"/tests/sim/scenarios/nsx-{3.0,3.1,gm-pair,vcf-9.0}.json; do
		sim_start example nsx_sim --scenario "$file"
		ok "${file##*/} serves" test -s "$ready"
		sim_stop example
	done
}

test_secrets() {
	control state >> "$T/all-answers"
	control log >> "$T/all-answers"
	unlike "no private key in any answer, state or log" "$(cat "$T/all-answers")" 'PRIVATE KEY'
	unlike "no password either" "$(cat "$T/all-answers")" 'simulator-only|hush'
}

make_certificates
json first "{\"version\":\"4.1\",$nodes,$with_vip}"
sim_start nsx nsx_sim --scenario "$T/first.json"
port=${nsx_url##*:}
third=https://127.43.6.13:$port
test_import
test_bad_imports
test_split
test_delete
test_apply
test_bad_applies
test_connections
test_batch
test_bad_batches
test_renewal
test_hosts
test_csrs
test_versions
test_activity
test_federation
test_gets
test_secrets
test_scenarios
sim_stop nsx
wait "$nsx_pid"
is "it ends cleanly" $? 0
is "and said nothing on standard error" "$(cat "$T/nsx.stderr")" ''
