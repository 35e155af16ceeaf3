#!/bin/bash
# Goal of this test: the simulators behave on the wire as their README says, for clients that know nothing
# of them (curl, openssl s_client): logins, lock-out, paging, per-address certificates, every fault with
# the symptom that a client sees, control, clean exit.
# shellcheck disable=SC2154 # sim_start sets NAME_url, NAME_ca, NAME_pid
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../e2e/lib.sh"
need curl jq openssl "$sims/nsx_sim" "$sims/wire_sim"

scenarios=$top/tests/sim/scenarios
trust=/api/v1/trust-management

# get ARG...: a request of a well-behaved client; sets $body, $code (HTTP) and $left (curl's exit status).
get() {
	code=$(curl -sS --noproxy '*' --cacert "$nsx_ca" -o "$T/body" -D "$T/head" -w '%{http_code}' "$@" 2>"$T/curl.stderr")
	left=$?
	body=$(tr -d '\0' < "$T/body" 2>/dev/null)
}
as() { local user=$1; shift; get -u "$user:simulator-only" "$@"; }
said() { jq -r "$1" <<< "$body" 2>/dev/null; }
header() { tr -d '\r' < "$T/head" | sed -n "s/^$1: //Ip" | head -n 1; }
state_of() { curl -sS --noproxy '*' -k "$nsx_url/_sim/state" | jq -r "$1"; }
faults() { sim_post "$nsx_url" "$nsx_ca" /_sim/faults "$1" > "$T/posted"; }
clock() { sim_post "$nsx_url" "$nsx_ca" /_sim/clock "$1" > "$T/posted"; }
enter() { sim_post "$nsx_url" "$nsx_ca" /_sim/scenario "$1" > "$T/posted"; }
# What an address presents, as SHA-256.
presented() {
	openssl s_client -connect "$1" < /dev/null 2>/dev/null | openssl x509 -outform DER 2>/dev/null |
		sha256sum | cut -d' ' -f1
}

test_start() {
	local begin end
	begin=$(date +%s%N)
	sim_start nsx nsx_sim --scenario "$scenarios/nsx-4.2.json"
	end=$(date +%s%N)
	note "ready after $(((end - begin) / 1000000)) ms"
	port=${nsx_url##*:}
	like "the ready file names the VIP" "$nsx_url" '^https://127\.43\.2\.10:[0-9]+$'
	is "its pid is the process" "$(ps -o comm= -p "$nsx_pid")" nsx_sim
}

test_logins() {
	local xsrf cookie
	as admin "$nsx_url/api/v1/node/version"
	is "Basic: logged in" "$code $(said .product_version)" "200 4.2.1.0.0.20040201"
	get "$nsx_url/api/v1/node/version"
	is "nobody: refused in the documented form" "$code $(said .error_code)" "403 403"
	get -d 'j_username=audit&j_password=simulator%2donly' "$nsx_url/api/session/create"
	is "session: created, with an empty body" "$code,$body" "200,"
	xsrf=$(header x-xsrf-token)
	cookie=$(header set-cookie)
	like "session: the cookie" "$cookie" '^JSESSIONID=[0-9A-F]{32}; Path=/; Secure; HttpOnly'
	cookie=${cookie%%;*}
	get -b "$cookie" -H "X-XSRF-TOKEN: $xsrf" "$nsx_url/api/v1/node/version"
	is "session: cookie and token" "$code" 200
	get -b "$cookie" "$nsx_url/api/v1/node/version"
	is "session: a GET without the token" "$code $(said .error_code)" "403 98"
	get -b "$cookie" -H "X-XSRF-TOKEN: $xsrf" "https://127.43.2.12:$port/api/v1/node/version"
	is "session: unknown on another manager" "$code $(said .error_code)" "403 98"
	get -b "$cookie" -H "X-XSRF-TOKEN: $xsrf" "https://127.43.2.11:$port/api/v1/node/version"
	is "session: known on the VIP's holder" "$code" 200
	clock '{"advance_s":1801}'
	get -b "$cookie" -H "X-XSRF-TOKEN: $xsrf" "$nsx_url/api/v1/node/version"
	is "session: over after 1800 s without use" "$code" 403
}

test_lockout() {
	local i
	for i in 1 2 3 4 5; do
		get -u audit:wrong "$nsx_url/api/v1/node/version"
		is "wrong password $i" "$code $(said .error_code)" "403 403"
	done
	as audit "$nsx_url/api/v1/node/version"
	is "locked: the right password is refused in the same words" "$code $(said .error_message)" \
		"403 The credentials were incorrect or the account specified has been locked."
	is "locked: the state says so" "$(state_of '.users[] | select(.name == "audit").locked')" true
	as admin "$nsx_url/api/v1/node/version"
	is "locked: others are not" "$code" 200
	clock '{"advance_s":901}'
	as audit "$nsx_url/api/v1/node/version"
	is "locked: not for ever" "$code" 200
}

test_client_certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/c.key" -out "$T/c.pem" -days 2 -subj /CN=stranger 2>/dev/null
	get --cert "$T/c.pem" --key "$T/c.key" "$nsx_url/api/v1/node/version"
	is "certificate: a stranger" "$code $(said .error_code)" "500 99"
	as audit --cert "$T/c.pem" --key "$T/c.key" "$nsx_url/api/v1/node/version"
	is "certificate: credentials win" "$code" 200
}

test_rights_and_methods() {
	as audit -X DELETE "$nsx_url$trust/certificates/x"
	is "audit may not write" "$code" 403
	as admin -X POST -d '{}' "$nsx_url$trust/principal-identities?action=update_certificate"
	is "what is not built says so" "$code $(said .httpStatus)" "501 NOT_IMPLEMENTED"
	as admin -X PUT "$nsx_url$trust/certificates"
	is "a method that the path does not have" "$code" 405
	as admin -I "$nsx_url$trust/certificates"
	is "HEAD neither" "$code" 405
	as admin "$nsx_url/api/v1/no/such/thing"
	is "unknown path" "$code $(said .error_code)" "404 600"
	as admin "$nsx_url$trust/certificates/00000000-0000-4000-8000-000000000000"
	is "unknown id" "$code $(said .httpStatus)" "404 NOT_FOUND"
	as admin -X GET -H 'content-type: application/json' -d '{}' "$nsx_url/api/v1/node/version"
	is "a {} body on GET is fine" "$code" 200
}

# pages SIZE: all ids in order, by following the cursors
pages() {
	local cursor=''
	while :; do
		as audit -G --data-urlencode "page_size=$1" --data-urlencode "cursor=$cursor" "$nsx_url$trust/certificates"
		said '.results[].id'
		cursor=$(said '.cursor // ""')
		case $cursor in '' | 0000*) return ;; esac
	done
}

test_paging() {
	local all
	as audit "$nsx_url$trust/certificates?page_size=1000"
	all=$(said '.results[].id')
	is "one page: counted" "$(said .result_count)" "$(grep -c . <<< "$all")"
	for size in 1 3 7 11; do
		is "pages of $size: the same objects in the same order" "$(pages $size)" "$all"
	done
	as audit -G --data-urlencode "cursor=$(as audit "$nsx_url$trust/certificates?page_size=2"; said .cursor)" "$nsx_url$trust/certificates"
	is "result_count is on the first page only" "$(said 'has("result_count")')" false
	as audit "$nsx_url$trust/certificates?page_size=1001"
	is "more than 1000 are refused" "$code" 400
	as audit "$nsx_url$trust/certificates?cursor=nonsense"
	is "a cursor of somebody else" "$code" 400
	is "details: not unless asked for" "$(said '[.results[]? | has("details")] | any')" false
	as audit "$nsx_url$trust/certificates?details=true"
	is "details: agree with the PEM" "$(said '.results[0].details[0].sha_256_thumbprint')" \
		"$(said '.results[0].pem_encoded' | openssl x509 -outform DER | sha256sum | cut -d' ' -f1)"
	is "details: the end, in milliseconds" "$(($(said '.results[0].details[0].not_after') / 1000))" \
		"$(date -d "$(said '.results[0].pem_encoded' | openssl x509 -noout -enddate | cut -d= -f2)" +%s)"
}

test_calls() {
	local path
	for path in /api/v1/node /api/v1/cluster /api/v1/cluster/nodes /api/v1/cluster/status \
		/api/v1/cluster/api-virtual-ip /api/v1/cluster/api-certificate /api/v1/cluster/api-service \
		/api/v1/cluster/e61c7537-3090-4149-b2b6-19915c20504f $trust $trust/certificate-profiles \
		/api/v1/cluster/e61c7537-3090-4149-b2b6-19915c20504f/node/version \
		$trust/certificate-profile/API $trust/principal-identities $trust/stale-certificates \
		$trust/certificates/batch-results $trust/crls $trust/csrs "/api/v1/alarms?feature_name=certificates" \
		/policy/api/v1/infra/certificates /policy/api/v1/infra/security-global-config \
		/api/v1/reverse-proxy/node/health /api/v1/node/aaa/auth-policy /api/v1/transport-nodes \
		/api/v1/transport-nodes/status /api/v1/sites /api/v1/sites/self; do
		as audit "$nsx_url$path"
		is "GET $path: JSON" "$code $(jq -r type <<< "$body")" "200 object"
	done
	as audit "$nsx_url/policy/api/v1/infra/sites/listener_certificate?address=127.43.2.11&port=$port"
	is "NSX looks at its own listener" "$(said '.result + " " + .thumbprint')" "SUCCESS $(presented "127.43.2.11:$port")"
	as audit "$nsx_url/policy/api/v1/infra/sites/listener_certificate?address=127.0.0.1&port=1"
	is "NSX looks where nobody listens" "$(said .result)" CONNECTION_REFUSED
	as audit "$nsx_url/api/v1/cluster"
	is "the cluster names its listeners" "$(said '[.nodes[].api_listen_addr | "\(.ip_address):\(.port)"] | join(" ")')" \
		"127.43.2.11:$port 127.43.2.12:$port 127.43.2.13:$port"
}

test_versions() {
	enter "$(cat "$scenarios/nsx-3.2.json")"
	port=${nsx_url##*:}
	nsx_url=https://127.43.0.10:$port
	as audit "$nsx_url$trust/certificates?details=true"
	is "3.2: fields of later versions are absent" "$(said '[.results[] | has("has_private_key"), has("category"), has("leaf_certificate_sha_256_thumbprint")] | any')" false
	as audit "$nsx_url$trust/stale-certificates"
	is "3.2: a call of 4.2 is unknown" "$code" 404
	for node in 10 11 12 13; do presented "127.43.0.$node:$port"; done > "$T/presented"
	is "3.2: VIP and three nodes present a certificate each" "$(sort -u "$T/presented" | grep -c .)" 4
	is "what they present is what the state says" "$(cat "$T/presented")" "$(state_of '.listeners[] | select(.open).sha256')"
	enter "$(cat "$scenarios/nsx-4.1.json")"
	nsx_url=https://127.43.1.10:$port
	as audit "$nsx_url$trust/certificates"
	is "4.1: a CA-signed certificate shows its chain" \
		"$(said '.results[] | select(.display_name == "api-nsx-01").pem_encoded' | grep -c BEGIN)" 3
	as audit "$nsx_url/policy/api/v1/infra/certificates"
	is "4.1: the policy list" "$(said '[.results[].display_name] | sort | join(" ")')" "lb-only-in-policy lb-portal"
	ok "4.1: the new CA file verifies a CA-signed listener" curl -sS --noproxy '*' --cacert "$nsx_ca" -o /dev/null "https://127.43.1.11:$port/"
	enter "$(cat "$scenarios/nsx-gm.json")"
	nsx_url=https://127.43.4.10:$port
	as audit "$nsx_url/global-manager/api/v1/global-infra/sites"
	is "Global Manager: its sites" "$(said '[.results[].display_name] | join(" ")')" "lyon paris"
	enter "$(cat "$scenarios/nsx-9.0.json")"
	nsx_url=https://127.43.3.10:$port
	get "$nsx_url/api/v1/certificate-management/certificate-bundle"
	is "9.0: the bundle without login" "$code $body" "200 {}"
}

test_expiring() {
	local validated
	enter "$(cat "$scenarios/nsx-expiring.json")"
	nsx_url=https://127.43.5.10:$port
	not_ok "a node that is down refuses connections" curl -sS --noproxy '*' -k "https://127.43.5.13:$port/"
	is "a node that serves what it should not" "$(presented "127.43.5.12:$port")" \
		"$(state_of '.listeners[] | select(.address == "127.43.5.12").sha256')"
	as audit "$nsx_url/api/v1/alarms?feature_name=certificates&status=OPEN"
	is "alarms follow from the certificates" "$(said '[.results[].event_type] | sort | join(" ")')" \
		"certificate_expiration_approaching certificate_expired certificate_is_about_to_expire"
	as audit "$nsx_url$trust/certificates?details=true"
	is "a PEM on one line has three lines" "$(said '.results[] | select(.display_name == "one-line").pem_encoded' | grep -c .)" 3
	is "a PEM with CR LF" "$(said '.results[] | select(.display_name == "crlf").pem_encoded' | grep -c $'\r$')" \
		"$(said '.results[] | select(.display_name == "crlf").pem_encoded' | grep -c .)"
	is "without PEM and details" "$(said '.results[] | select(.display_name == "no-pem-no-details") | has("pem_encoded") or has("details")')" false
	is "wrong details are ten years off" "$(said '.results[] | select(.display_name == "wrong-details").details[0].not_after / 86400000 > 3650')" true
	is "copies are objects of their own" "$(said '[.results[] | select(.display_name == "expired-and-unused").id] | unique | length')" 2
	for name in leaf-that-is-a-ca:REJECTED expired-in-use:REJECTED aph-nsx-01:OK broken:ERROR; do
		as audit "$nsx_url$trust/certificates/$(state_of ".certificates[] | select(.display_name == \"${name%:*}\").id")?action=validate"
		validated=$(said .status)
		is "validate: ${name%:*}" "$code $validated" "200 ${name#*:}"
	done
	not_ok "a bad scenario is refused" enter '{"version":"4.2","nonsense":1}'
	as audit "$nsx_url/api/v1/node/version"
	is "and leaves the old one in force" "$(said .product_version)" 4.1.2.0.0.20040102
}

# symptom NAME FAULT LEFT [CODE]: one request under this fault; curl's exit status and the HTTP status
symptom() {
	faults "[$2]"
	as audit --max-time 1 "$nsx_url/api/v1/cluster"
	is "fault: $1" "$left${4:+ $code}" "$3${4:+ $4}"
	faults '[]'
}

test_faults() {
	local m='"match":"GET /api/v1/cluster"' begin
	symptom "status" "{$m,\"do\":\"status\",\"value\":503}" 0 503
	symptom "status in the product's form" "{$m,\"do\":\"status\",\"value\":{\"status\":429,\"headers\":{\"Retry-After\":\"7\"}}}" 0 429
	is "its error code and header" "$(said .error_code) $(header retry-after)" "102 7"
	symptom "html" "{$m,\"do\":\"html\"}" 0 200
	like "html: a page" "$body" '<html>'
	symptom "body" "{$m,\"do\":\"body\",\"value\":\"[1\"}" 0 200
	is "body: as given" "$body" '[1'
	symptom "truncate" "{$m,\"do\":\"truncate\"}" 18
	symptom "length, too much" "{$m,\"do\":\"length\",\"value\":10}" 18
	symptom "length, too little" "{$m,\"do\":\"length\",\"value\":-10}" 0
	not_ok "length, too little: the JSON is cut" jq . <<< "$body"
	symptom "reset" "{$m,\"do\":\"reset\"}" 56
	symptom "reset in the body" "{$m,\"do\":\"reset\",\"value\":100}" 56 200
	symptom "lose" "{$m,\"do\":\"lose\"}" 52
	symptom "delay" "{$m,\"do\":\"delay\",\"value\":1500}" 28
	symptom "slow" "{$m,\"do\":\"slow\",\"value\":20}" 28
	symptom "slow header" "{$m,\"do\":\"slow-header\",\"value\":20}" 28
	symptom "endless header" "{$m,\"do\":\"endless-header\"}" 56
	symptom "garbage" "{$m,\"do\":\"garbage\"}" 0 200
	not_ok "garbage: no JSON" jq . "$T/body"
	symptom "content-type" "{$m,\"do\":\"content-type\",\"value\":\"text/plain\"}" 0 200
	is "content-type: as given" "$(header content-type)" text/plain
	symptom "header" "{$m,\"do\":\"header\",\"value\":{\"X-Odd\":\"yes\"}}" 0 200
	is "header: there" "$(header x-odd)" yes
	symptom "chunked" "{$m,\"do\":\"chunked\"}" 0 200
	is "chunked: said so, and whole" "$(header transfer-encoding) $(said .cluster_id | wc -c)" "chunked 37"
	symptom "raw" "{$m,\"do\":\"raw\",\"value\":\"HTTP/9.9 banana\\r\\n\\r\\n\"}" 1
	symptom "big" "{$m,\"do\":\"big\",\"value\":10000000}" 0 200
	is "big: JSON of that size" "$(jq -r type "$T/body") $(stat -c %s "$T/body")" "object 10000000"
	symptom "deep" "{$m,\"do\":\"deep\",\"value\":10000}" 0 200
	is "deep: that deep" "$(stat -c %s "$T/body")" 20000
	symptom "handshake: reset" '{"match":"HANDSHAKE *","do":"reset"}' 35
	symptom "handshake: closed" '{"match":"HANDSHAKE *","do":"close"}' 35
	symptom "handshake: slow" '{"match":"HANDSHAKE *","do":"delay","value":1500}' 28
	symptom "connection: silent" '{"match":"CONNECT *","do":"silent"}' 28
	symptom "connection: plain HTTP" '{"match":"CONNECT *","do":"plain"}' 35
	symptom "connection: closed" '{"match":"CONNECT *","do":"close"}' 35
	faults '[{"match":"CONNECT *","do":"reset"}]'
	as audit "$nsx_url/api/v1/cluster"
	like "fault: connection reset" "$left" '^(7|35|56)$'
	faults '[{"match":"GET /api/v1/cluster","nth":2,"times":2,"do":"status","value":500}]'
	for wanted in 200 500 500 200; do
		as audit "$nsx_url/api/v1/cluster"
		is "nth 2, times 2: $wanted" "$code" $wanted
	done
	faults '[{"match":"GET *?page_size=5","do":"status","value":500}]'
	as audit "$nsx_url$trust/certificates?page_size=5"
	is "a match with a query" "$code" 500
	as audit "$nsx_url$trust/certificates?page_size=6"
	is "and another query" "$code" 200
	faults '[{"match":"GET /api/v1/trust-management/certificates","times":0,"do":"cursor","value":"repeat"}]'
	as audit "$nsx_url$trust/certificates"
	begin=$(said .cursor)
	as audit -G --data-urlencode "cursor=$begin" "$nsx_url$trust/certificates"
	is "cursor: the same again" "$(said .cursor)" "$begin"
	not_ok "an unknown fault is refused" faults '[{"match":"GET *","do":"magic"}]'
	faults '[{"match":"GET /api/v1/cluster","do":"restart","value":700}]'
	as audit "$nsx_url/api/v1/cluster"
	is "restart: the answer arrives" "$code" 200
	as audit "$nsx_url/api/v1/cluster"
	is "restart: then nobody listens" "$left" 7
	ok "restart: and comes back" wait_for 5 curl -sS --noproxy '*' -k -o /dev/null "$nsx_url/"
}

test_log() {
	local before
	before=$(curl -sS --noproxy '*' -k "$nsx_url/_sim/log" | jq 'length')
	as audit "$nsx_url/api/v1/node?x=%20y"
	is "log: the request as it was sent" "$(curl -sS --noproxy '*' -k "$nsx_url/_sim/log?since=$before" |
		jq -r '.[] | "\(.method) \(.target) \(.login) \(.status) \(.changed) \(.note)"')" "GET /api/v1/node?x=%20y basic 200 false audit"
	unlike "log: no secret in it" "$(curl -sS --noproxy '*' -k "$nsx_url/_sim/log")" simulator
	clock '{"advance_s":86400,"date":true}'
	as audit "$nsx_url/api/v1/node"
	ok "clock: the Date header moves when asked to" test $(($(date -d "$(header date)" +%s) - $(date +%s))) -gt 86000
}

test_limits() {
	enter '{"version":"4.2","nodes":[{"address":"127.43.5.11"}],"api_service":{"enforced":true,"client_api_rate_limit":3,"retry_after_s":2}}'
	nsx_url=https://127.43.5.11:$port
	# One connection, nine requests: at least four fall into one second.
	curl -sS --noproxy '*' --cacert "$nsx_ca" -u audit:simulator-only -D "$T/head" -o /dev/null \
		-w '%{http_code}\n' "$nsx_url/api/v1/node?[1-9]" > "$T/codes"
	like "the rate limit: some are served" "$(sort -u "$T/codes" | tr '\n' ' ')" '^200 429 $'
	is "the rate limit: when to come back" "$(tr -d '\r' < "$T/head" | grep -ic '^retry-after: 2$')" "$(grep -c 429 "$T/codes")"
	enter '{"version":"4.2","nodes":[{"address":"127.43.5.11"}]}'
	curl -sS --noproxy '*' --cacert "$nsx_ca" -u audit:simulator-only -o /dev/null -w '%{http_code}\n' \
		"$nsx_url/api/v1/node?[1-9]" > "$T/codes"
	is "no limit unless the scenario wants it" "$(sort -u "$T/codes")" 200
}

test_identity() {
	enter "$(jq -n --rawfile pem "$T/c.pem" '{version:"4.1",nodes:[{address:"127.43.5.11"}],
		certificates:[{display_name:"robot",given:$pem,has_private_key:false,
			used_by:[{node_id:"robot",service_types:["CLIENT_AUTH"]}]}],
		principal_identities:[{name:"robot",certificate:"robot"}]}')"
	nsx_url=https://127.43.5.11:$port
	get --cert "$T/c.pem" --key "$T/c.key" "$nsx_url$trust/principal-identities"
	is "principal identity: logged in by its certificate" "$code" 200
	is "principal identity: listed with its certificate" "$(said '.results[0].certificate_id')" \
		"$(state_of '.certificates[] | select(.display_name == "robot").id')"
	get --cert "$T/c.pem" --key "$T/c.key" -X DELETE "$nsx_url$trust/certificates/x"
	is "principal identity: an auditor may not write" "$code" 403
}

test_wire() {
	local mode
	for mode in ok:0 reset-after-hello:35 plain:35 garbage:35 malformed-certificate:35 false-signature:60 \
		demand-certificate-12:35 demand-certificate-13:56 reset-after-request:56 reset-half-body:56 \
		false-length:18 nonsense:1 endless-header:56 tls11:35 close:35; do
		sim_start wire wire_sim "${mode%:*}"
		curl -sS --noproxy '*' --max-time 3 --cacert "$wire_ca" -o /dev/null "$wire_url/" 2>"$T/curl.stderr"
		is "wire_sim ${mode%:*}" $? "${mode#*:}"
		sim_stop wire
	done
	sim_start wire wire_sim --certificate '{"key":"ec:secp256k1","days_left":-1}' ok
	like "wire_sim: an odd curve" "$(openssl s_client -connect "${wire_url#https://}" -tls1_2 -groups secp256k1:P-256 < /dev/null 2>/dev/null |
		openssl x509 -noout -text)" 'ASN1 OID: secp256k1'
	sim_stop wire
}

test_end() {
	local status
	"$sims/nsx_sim" --ready-file "$T/again.ready" 2>"$T/again.stderr" &
	pids+=($!)
	ok "a second one beside the first" wait_for 5 test -s "$T/again.ready"
	curl -sS --noproxy '*' -k -o /dev/null --max-time 20 -d '[{"match":"GET *","do":"delay","value":600000}]' "$(jq -r .url "$T/again.ready")/_sim/faults"
	curl -sS --noproxy '*' -k -o /dev/null "$(jq -r .url "$T/again.ready")/x" 2>/dev/null &
	sleep 0.3
	kill "$!" "$(jq -r .pid "$T/again.ready")" 2>/dev/null
	wait "${pids[-1]}"
	status=$?
	is "SIGTERM ends it with status 0, a waiting request or not" "$status" 0
	is "nothing on standard error" "$(cat "$T/again.stderr")" ''
	not_ok "its files are gone" ls "$T/again.ready" "$T/again.ready.ca.pem"
	"$sims/nsx_sim" --scenario /nonexistent 2>"$T/again.stderr"
	is "a scenario that is not there: status 3" $? 3
	"$sims/nsx_sim" --nonsense 2>/dev/null
	is "an unknown option: status 3" $? 3
}

test_start
test_logins
test_lockout
test_client_certificate
test_rights_and_methods
test_paging
test_calls
test_versions
test_expiring
test_faults
test_log
test_limits
test_identity
test_wire
test_end
sim_stop nsx
wait "$nsx_pid"
is "the first one ends cleanly as well" $? 0
is "and said nothing on standard error" "$(cat "$T/nsx.stderr")" ''
