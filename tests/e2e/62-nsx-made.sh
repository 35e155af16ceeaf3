#!/bin/bash
# Goal of this test: the new certificate is made on the way: self-signed by NSX on each version that can,
# or by the issuer program, which gets the request and nothing else, and whose answer is not believed.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

imports() { changed sim | grep -c action=import; }
handler_start sim "$(world 4.1.2 2 "$(cert old 3 nsx-02:API)")"

# --- self-signed by NSX ------------------------------------------------------------------------------

handler_conf sim poll_interval=0s replacement=self-signed key_type=rsa:2048 days=400
for version in 3.2.0 4.1.2 4.2.0; do
	afresh sim "$(world $version 2 "$(cert old 3 nsx-02:API)")"
	work sim
	is "$version: done" "$code" 0
	is "$version: made once, applied once" "$(changed sim | grep -c 'action=self_sign') $(changed sim | grep -c apply_certificate)" "1 1"
	like "$version: by the call of this version" "$(changed sim)" "$([ $version = 4.2.0 ] && echo 'trust-management/csrs$' || echo 'trust-management/csrs-extended')"
	openssl s_client -connect "127.51.0.12:${sim_url##*:}" < /dev/null 2> /dev/null > "$T/shaken"
	is "$version: it signed itself" "$(openssl x509 -in "$T/shaken" -noout -subject | cut -d= -f2-)" "$(openssl x509 -in "$T/shaken" -noout -issuer | cut -d= -f2-)"
	like "$version: for the names of the old one" "$(openssl x509 -in "$T/shaken" -noout -ext subjectAltName)" 'nsx\.example.*127\.51\.0\.12'
	like "$version: for as long as was wished" "$(changed sim)" 'days_valid=400'
	is "$version: nobody uses the old one" "$(uses sim old)" ""
done

# We reach the API by it: it is made only where a pin tells us to trust it.
afresh sim "$(world 4.1.2 2 "$(cert old 3 'nsx-01:API cluster:MGMT_CLUSTER')")"
handle plan --target sim
is "our own way, trusted by CA: refused" "$code" 1
like "our own way, trusted by CA: why" "$said" 'trust sim by pin_sha256 first'
handler_conf sim poll_interval=0s replacement=self-signed pin_sha256="$(leaf sim old)"
handle plan --target sim
like "our own way, trusted by pin: the plan tells of the pin" "$said" 'put the fingerprint of the new'
work sim
is "our own way, trusted by pin: done" "$code $(uses sim old)" "0 "
check -f "$conf" --state-dir "$T/state"
state "our own way, trusted by pin: check_certs takes the new pin from what is published" OK
check -f "$conf" --state-dir "$T/none"
unlike "our own way, trusted by pin: and not without it" "$first" '^CERTS OK'

# --- by a program ---------------------------------------------------------------------------------------

own_ca
# issuer BODY...: the program
issuer() {
	printf '%s\n' '#!/bin/sh' "$@" > "$T/issue"
	chmod 700 "$T/issue"
}
signs="openssl x509 -req -in $T/csr -CA $T/sub.crt -CAkey $T/sub.key -CAcreateserial -days 300 -copy_extensions copyall 2> /dev/null"
start() {
	afresh sim "$(world 4.1.2 2 "$(cert old 3 nsx-02:API)")"
	trust_own sim
	handler_conf sim poll_interval=0s ca_file="$T/sim.both.pem" replacement="command:$T/issue" key_type=ec:P-256
}

# The simulator's clock may be behind by a part of a second, and it rejects what is not valid yet.
issuer "env > $T/env" "ls /proc/self/fd > $T/fds" "tr '\\0' ' ' < /proc/\$\$/cmdline > $T/argv" "cat > $T/csr" "$signs" "sleep 1.1" "cat $T/sub.crt $T/root.crt"
start
SECRET_OF_OURS=hush work sim
is "a program: done" "$code" 0
is "a program: imported once, applied once" "$(imports) $(changed sim | wc -l)" "1 2"
is "a program: its chain is presented" "$(openssl s_client -showcerts -connect "127.51.0.12:${sim_url##*:}" < /dev/null 2> /dev/null | grep -c 'BEGIN CERT')" 3
is "a program: its environment" "$(sed 's/=.*//' "$T/env" | grep -vE '^(PWD|OLDPWD|SHLVL|_)$' | sort | tr '\n' ' ')" "CHECK_CERTS_TARGET LANG PATH "
unlike "a program: no descriptor of ours" "$(tr '\n' ' ' < "$T/fds")" '[4-9]|[0-9]{2}'
is "a program: nothing in its arguments" "$(cat "$T/argv")" "/bin/sh $T/issue "
like "a program: the request is for the names of the old one" "$(openssl req -in "$T/csr" -noout -text)" 'DNS:nsx\.example'
unlike "a program: it is given no key" "$(cat "$T/csr" "$T/env")" 'PRIVATE KEY'

# refuses NAME REGEX BODY...: nothing is sent to NSX.
refuses() {
	local name=$1 words=$2
	shift 2
	issuer "$@"
	start
	work sim
	is "$name: nothing was sent" "$code $(changed sim)" "2 "
	like "$name: why" "$(cat "$T/handler.stderr"; handle history; echo "$said")" "$words"
}
refuses "a program that answers nothing" 'answered nothing' 'cat > /dev/null'
refuses "a program that fails, with its words" 'status 7.*no quota' 'cat > /dev/null' 'echo "no quota left" >&2' 'exit 7'
refuses "a program that answers noise" 'PEM' 'cat > /dev/null' 'head -c 3000 /dev/urandom'
refuses "a program that answers without end" 'more than' 'cat > /dev/null' 'exec cat /dev/zero'
own_leaf stranger
refuses "a program that answers with another's certificate" 'key' 'cat > /dev/null' "cat $T/stranger.pem"
refuses "a program that leaves out the chain" 'chain|root|order|issuer' "cat > $T/csr" "$signs"
refuses "a program that puts the root first" 'CA|key|order' "cat > $T/csr" "cat $T/root.crt" "$signs" "cat $T/sub.crt"
printf 'basicConstraints=critical,CA:TRUE\nsubjectAltName=%s\n' "$own_names" > "$T/ca.ext"
refuses "a program that makes a CA of it" 'CA' "cat > $T/csr" "${signs% -copy*} -extfile $T/ca.ext 2> /dev/null" "cat $T/sub.crt $T/root.crt"
printf 'basicConstraints=critical,CA:FALSE\nsubjectAltName=DNS:other.example\n' > "$T/other.ext"
refuses "a program that changes the names" 'cover|name' "cat > $T/csr" "${signs% -copy*} -extfile $T/other.ext 2> /dev/null" "cat $T/sub.crt $T/root.crt"
issuer 'cat > /dev/null'
chmod 777 "$T/issue"
start
work sim
is "a program that others can change: not run" "$code $(changed sim)" "2 "
like "a program that others can change: why" "$(cat "$T/handler.stderr")" 'chmod go-w'
