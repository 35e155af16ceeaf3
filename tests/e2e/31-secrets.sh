#!/bin/bash
# Goal of this test: a credentials file that others could read or change is refused with the command to
# run, and costs its own target only; and no secret leaves the process: not by output at any level, its
# arguments, its environment, the state directory, or a core file.
. "$(dirname "$0")/lib.sh"
need jq curl openssl setpriv

sim_start om opsman_sim
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/key" -out "$T/leaf.pem" -days 100 \
	-subj /CN=leaf -addext basicConstraints=critical,CA:FALSE 2> "$T/openssl.log"
cat > "$T/conf" <<E
[opsman om]
url = $om_url
credentials = $T/login
ca_file = $om_ca
[files local]
path = $T/leaf.pem
E
chmod 644 "$T/conf"
poll() { check -f "$T/conf" --state-dir "$T/none" -t 10 "$@"; }
tokens() { curl -sS --cacert "$om_ca" "$om_url/_sim/log" | jq '[.[] | select(.target == "/uaa/oauth/token")] | length'; }
fresh() { rm -rf "$T/login"; credentials "$T/login" client_id=monitor client_secret=simulator-only; }

# refused NAME WORDS: as it stands now the file is refused, and the other target is judged.
refused() {
	local before
	before=$(tokens)
	poll
	state "$1" UNKNOWN
	like "$1: named, with what to do" "$out" "$2"
	is "$1: nothing was sent" "$(tokens)" "$before"
	poll -o json
	is "$1: the other target is judged" "$(jq -c '[.sources[] | select(.name == "local") | .state], [.certificates[] | select(.subject == "CN=leaf") | .state]' <<< "$out" | tr -d '\n')" '["OK"]["OK"]'
	is "$1: so is the listener's certificate; sums" "$(jq -c '[.counts.total, .counts.ok, .counts.unknown]' <<< "$out")" "[3,2,1]"
	unlike "$1: no secret is told" "$out" 'simulator-only'
}

fresh
poll
state "a file of the right kind" OK
fresh && chmod 604 "$T/login"
refused "read by everybody" "$T/login can be read by every user, run: chmod 0600 $T/login"
chmod 0600 "$T/login"
poll
state "after that chmod" OK
fresh && chmod 644 "$T/login"
refused "read by group and everybody" "run: chmod 0640 $T/login"
fresh && chmod 660 "$T/login"
refused "changed by its group" "can be changed by others, run: chmod 0640 $T/login"
fresh && chmod 666 "$T/login"
refused "read and changed by everybody" "run: chmod 06[04]0 $T/login"
for mode in 0640 0600 0400 0440; do
	fresh && chmod $mode "$T/login"
	poll
	state "mode $mode" OK
done
fresh && mv "$T/login" "$T/real" && ln -s "$T/real" "$T/login"
refused "a symbolic link" "$T/login is a symbolic link, name the file itself"
rm "$T/login" && mkdir "$T/login"
refused "a directory" "$T/login is not a regular file"
rmdir "$T/login" && mkfifo -m 600 "$T/login"
began=$SECONDS
refused "a FIFO" "$T/login is not a regular file"
ok "a FIFO is not waited for" [ $((SECONDS - began)) -le 4 ]
rm "$T/login"
refused "no file" "cannot open $T/login: No such file"
credentials "$T/login"
refused "nothing in it" "$T/login"
credentials "$T/login" user=monitor pass=simulator-only
refused "other keys" "$T/login"
credentials "$T/login" client_id=monitor
refused "half of a pair" "$T/login.*client_secret"
credentials "$T/login" client_id=monitor client_secret=
refused "an empty secret" "$T/login.*client_secret"
credentials "$T/login" client_id=monitor client_secret=simulator-only username=admin
refused "two logins" "$T/login"
credentials "$T/login" client_id=monitor client_id=monitor client_secret=simulator-only
refused "a key twice" "$T/login.*client_id"
printf 'client_id=monitor\nclient_secret=simulator\0-only\n' > "$T/login"
refused "a NUL byte" "$T/login holds a NUL byte"
head -c 200000 /dev/zero | tr '\0' x > "$T/login"
refused "too large" "$T/login is larger than"
credentials "$T/login" '# a comment' '' ' client_id = monitor ' 'client_secret = simulator-only'
poll
state "comments, empty lines and blanks" OK
if [ "$(id -u)" = 0 ]; then
	fresh && chown 65534 "$T/login"
	refused "of another user" "belongs to another user \(uid 65534\), who could change it, run: chown 0 $T/login"
	chown 0 "$T/login"
	poll
	state "after that chown" OK
else
	# Without root no file can be given away; one of root's may be used where it can be read.
	ok "root's own files are no other user's" [ "$(stat -c %u /etc/passwd)" = 0 ]
fi

# --- nothing leaves ---
secret=Tr0ub4dor-and-3
other=correct-horse-7
sim_post "$om_url" "$om_ca" /_sim/scenario "{ \"clients\": [{ \"name\": \"monitor\", \"secret\": \"$secret\" }],
	\"users\": [{ \"name\": \"us\", \"secret\": \"$other\" }] }" > "$T/entered"
mkdir "$T/state"
leaks=$(printf '%s\n' "$secret" "$other" "$(printf 'monitor:%s' "$secret" | base64)" "$(printf 'us:%s' "$other" | base64)" 'eyJ[A-Za-z0-9_-]{10}' | paste -sd'|')
for login in "client_id=monitor client_secret=$secret" "username=us password=$other" "client_id=monitor client_secret=$secret-wrong"; do
	# shellcheck disable=SC2086 # two words are meant
	credentials "$T/login" $login
	for format in text json prometheus html; do
		poll --state-dir "$T/state" -vvv -o $format --max-output 100000
		unlike "no secret in $format, -vvv, ${login%%=*}" "$out$(cat "$T/stderr")" "$leaks"
	done
done
poll -vvv --max-output 100000
like "-vvv did tell of the requests" "$out$(cat "$T/stderr")" '/uaa/oauth/token'
unlike "no secret in the state directory" "$(find "$T/state" -type f -exec cat {} + ; find "$T/state")" "$leaks"
is "what is in the state directory is the owner's alone" "$(find "$T/state" -mindepth 1 -perm /077 | wc -l)" 0

credentials "$T/login" "client_id=monitor" "client_secret=$secret"
sim_post "$om_url" "$om_ca" /_sim/faults '[{ "match": "POST /uaa/*", "do": "delay", "value": 3000 }]' > "$T/entered"
(ulimit -c unlimited 2> "$T/ulimit"; exec "$CHECK_CERTS" -f "$T/conf" --state-dir "$T/none" -t 10 > "$T/late") &
running=$!
waiting() { [ "$(curl -sS --cacert "$om_ca" "$om_url/_sim/state" | jq .in_flight)" = 1 ]; }
wait_for 5 waiting
is "the secret is in use right now" "$?" 0
unlike "no secret in the arguments" "$(tr '\0' '\n' < "/proc/$running/cmdline")" "$leaks"
unlike "nor in the environment" "$(tr '\0' '\n' < "/proc/$running/environ")" "$leaks"
like "a core file has no room" "$(cat "/proc/$running/limits")" '^Max core file size +0 +0 '
mkdir "$T/core"
disown "$running"   # its end is no news
kill -SEGV "$running"
ok "a crash" end_of "$running" 5
is "leaves no core file" "$(find . "$T/core" -maxdepth 1 -name 'core*' -newer "$T/entered" -type f | wc -l)" 0

# A core handler that is a pipe is not bound by that limit.  The kernel gives the entries of a process
# that must not be dumped to root, whoever runs it.
chmod 711 "$T"
cp "$CHECK_CERTS" "$T/plugin" && chmod 755 "$T/plugin"
sim_post "$om_url" "$om_ca" /_sim/faults '[{ "match": "HANDSHAKE *", "do": "delay", "value": 2000 }]' > "$T/entered"
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
"${as_nobody[@]}" "$T/plugin" -H "${om_url#https://}" --state-dir "$T/none" -t 10 > "$T/late" &
running=$!
not_root() { [ "$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$running/status")" != 0 ] && grep -q plugin "/proc/$running/comm"; }
ok "it runs as an ordinary user" wait_for 5 not_root
ok "and must not be dumped" wait_for 5 eval "[ \$(stat -c %u /proc/$running/environ) = 0 ]"
wait "$running"
is "and does its work" "$?" 0
