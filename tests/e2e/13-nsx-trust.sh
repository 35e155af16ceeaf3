#!/bin/bash
# Goal of this test: no credential travels to a manager that is not the right one, each reason has its
# sentence, and the check does not go blind when the API's own certificate has expired.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"
need openssl

api() {   # MEMBERS: a manager whose API and VIP serve this certificate
	local uses node
	uses='{"node":"cluster","service_types":["MGMT_CLUSTER"]}'
	for node in 1 2 3; do uses="$uses,{\"node\":\"nsx-0$node\",\"service_types\":[\"API\"]}"; done
	printf '{"version":"4.2","issuers":[{"name":"root","cn":"Our root","ca":true,"days_left":3000}],
		"certificates":[{"display_name":"front",%s,"used_by":[%s]}]}' "$1" "$uses"
}
signed='"issuer":"root","chain":"no-root"'
pin() { nsx_state sim '.certificates[] | select(.display_name == "front") | .sha256'; }
connections() { nsx_state sim '[.listeners[].accepted] | add'; }
run() { nsx_mark sim; check -f "$T/sim.conf" "$@"; }
withheld() { is "$1: no request was made" "$(nsx_log sim length)" 0; }

nsx_start sim "$(api "$signed,\"days_left\":300")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/k" -out "$T/wrong.pem" -days 300 \
	-subj "/CN=Our root" -addext basicConstraints=critical,CA:TRUE 2> /dev/null
nsx_conf sim
run
state "the right CA" OK
nsx_conf sim ca_file="$T/wrong.pem"
run
state "another CA of the same name" UNKNOWN
like "another CA of the same name: said" "$text" "127\.41\.0\.10:[0-9]+: .*(CA|issuer|trust)"
withheld "another CA of the same name"
# One directory with hashed names, as the system's is: it counts only where no ca_file is given.
mkdir "$T/certs"
cp "$sim_ca" "$T/certs/ours.pem"
openssl rehash "$T/certs" 2> /dev/null || c_rehash "$T/certs" > /dev/null
SSL_CERT_DIR=$T/certs SSL_CERT_FILE=$sim_ca run
state "ca_file and nothing besides" UNKNOWN
withheld "ca_file and nothing besides"
nsx_mark sim
check --nsx "$sim_url" --credentials "$T/sim.cred"
state "no CA at all" UNKNOWN
withheld "no CA at all"
like "no CA at all: what to do" "$out" 'ca_file|ca-file'
nsx_conf sim ca_file="$T/none.pem"
run
state "a CA file that is not there" UNKNOWN
like "a CA file that is not there: named" "$out" 'none\.pem'
withheld "a CA file that is not there"
echo "not a certificate" > "$T/empty.pem"
nsx_conf sim ca_file="$T/empty.pem"
run
state "a CA file without a certificate" UNKNOWN
withheld "a CA file without a certificate"

# The same address by a name that is not in the certificate.
nsx_start other "$(jq -c '. + {nodes: [{name: "nsx-01", address: "127.0.0.1"}, {name: "nsx-02"}, {name: "nsx-03"}]}' \
	<<< "$(api "$signed,\"days_left\":300,\"cn\":\"nsx.example\",\"san\":[\"nsx.example\"]")")"
nsx_conf other probe=no
sed -i 's,//127\.0\.0\.1:,//localhost:,' "$T/other.conf"
check -4 -f "$T/other.conf"
state "a wrong host name" UNKNOWN
like "a wrong host name: both are said" "$out" 'not for localhost but for nsx\.example'
is "a wrong host name: no request was made" "$(nsx_log other length)" 0
other_pin=$(nsx_state other '.certificates[] | select(.display_name == "front") | .sha256')
nsx_conf other probe=no pin_sha256="$other_pin"
check -f "$T/other.conf"
state "a pin replaces the check of the name" WARNING
like "a pin replaces the check of the name: which is told all the same" "$out" 'do not cover nsx-01 '
sim_stop other

nsx_conf sim pin_sha256="$(pin)"
run
state "the right pin and no CA" OK
nsx_conf sim pin_sha256="$(pin | tr 0-9a-f 1-9a-f0)"
run
state "the wrong pin" UNKNOWN
like "the wrong pin: said" "$out" "pin"
withheld "the wrong pin"
nsx_conf sim ca_file="$sim_ca" pin_sha256="$(pin | tr 0-9a-f 1-9a-f0)"
run
state "the wrong pin beside the right CA" UNKNOWN
withheld "the wrong pin beside the right CA"
nsx_conf sim pin_sha256="$(pin | tr 0-9a-f 1-9a-f0)" pin_sha256="$(pin)"
run
state "one of two pins" OK
check --nsx "$sim_url" --credentials "$T/sim.cred" --pin-sha256 "$(pin)"
state "--pin-sha256" OK

nsx_scenario sim "$(api "$signed,\"days_left\":-3")"
nsx_conf sim
run -o json
is "expired, no pin: CRITICAL" "$(fact .state)" CRITICAL
withheld "expired, no pin"
sums "expired, no pin"
is "expired, no pin: by name" "$(fact '.certificates[] | select(.sightings[0].via == "tls") | "\(.state) \(.findings[0].id) \(.sha256)"' | head -n 1)" "CRITICAL expired $(pin)"
like "expired, no pin: the source says which pin" "$(fact '.sources[0].findings[].message')" "withheld .*pin_sha256 = $(pin)"
is "expired, no pin: the source is not read" "$(fact '.sources[0].state')" UNKNOWN
run
like "expired, no pin: the first line" "$text" "sim.* expired [34]d.* ago"
like "expired, no pin: the pin is in the text" "$out" "pin_sha256 = $(pin)"
nsx_conf sim pin_sha256="$(pin)"
run -o json
is "expired, with its pin: CRITICAL" "$(fact .state)" CRITICAL
is "expired, with its pin: polled as usual" "$(fact '"\(.sources[0].state) \(.counts.critical) \([.certificates[] | select(any(.sightings[]; .via == "api"))] | length)"')" "OK 1 $(nsx_state sim '[.certificates[].sha256] | unique | length')"
is "expired, with its pin: by name" "$(fact '.certificates[] | select(.state == "CRITICAL") | "\(.sightings[0].name) \(.findings[0].id)"')" "front expired"
nsx_conf sim ca_file="$T/wrong.pem"
run
state "expired and of another CA" UNKNOWN
withheld "expired and of another CA"
unlike "expired and of another CA: no pin is offered" "$out" "pin_sha256 = $(pin)"
ok "connections were made all the while" [ "$(connections)" -gt 0 ]
