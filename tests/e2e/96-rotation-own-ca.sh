#!/bin/bash
# Goal of this test: replacement = pem: rotates to an own CA, uploaded instead of generated, whether the
# product tells the upload or the certificate's beginning as its date; the key is nowhere but in its file and
# in that one request; a certificate that is no CA, a key of another one and an EC key are refused, and
# nothing is changed.
# shellcheck disable=SC2119 # without arguments: as it is by default
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need openssl
# shellcheck source=tests/e2e/opsman.sh
. "$e2e/opsman.sh"

# made NAME KEY_OPTION... -- EXTENSION...: a self-signed certificate with its key.
made() {
	local name=$1 options=() extensions=()
	shift
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	for extension in "$@"; do extensions+=(-addext "$extension"); done
	openssl req -x509 -newkey "${options[@]}" -nodes -subj "/O=Example/CN=Own CA" -days 1500 -keyout "$T/$name.key" -out "$T/$name.pem" \
		"${extensions[@]}" 2> "$T/openssl.stderr"
	chmod 600 "$T/$name.key"
}
ca_extensions=('basicConstraints=critical,CA:TRUE' 'keyUsage=critical,keyCertSign,cRLSign')
made own rsa:2048 -- "${ca_extensions[@]}"
made leaf rsa:2048 -- basicConstraints=critical,CA:FALSE
made ec ec -pkeyopt ec_paramgen_curve:P-256 -- "${ca_extensions[@]}"
own=$(openssl x509 -in "$T/own.pem" -outform DER | sha256sum | cut -d' ' -f1)

om_start
for date in upload not-before; do
	for answer in flat wrapped; do
		om_world "own_created_on:\"$date\", create_answer:\"$answer\""
		om_conf "replacement=pem:$T/own.pem key:$T/own.key"
		handle plan --target tas
		like "$date, $answer: the plan names the upload" "$said" "POST $om_cas( |\$)"
		work
		is "$date, $answer: the run is done" "$code $(run_state)" "0 done"
		is "$date, $answer: by exactly these changes" "$(changes)" "create apply activate regenerate apply delete apply"
		is "$date, $answer: the CA is ours" "$(sees '[.cas[].sha256] | join(" ")')" "$own"
		is_rotated "$date, $answer"
	done
done
handle history
unlike "no key in the history" "$said" 'PRIVATE KEY'
secret=$(sed -n 3p "$T/own.key")
not_ok "no key in the state directory" grep -rqaF -- "$secret" "$T/state"

while IFS='|' read -r name pem key; do
	om_world
	om_conf "replacement=pem:$T/$pem.pem key:$T/$key.key"
	work
	is "$name: nothing is changed" "$(changes)" ""
	handle history
	like "$name: and why" "$said" 'verdict: .'
done <<-END
a certificate that is no CA|leaf|leaf
the key of another one|own|leaf
an EC key|ec|ec
END
