#!/bin/bash
# Goal of this test: the configuration file: every mistake is told at once, as file:line, with exit status
# 3; what may be written is accepted, the sample of the documentation included; the command line beats the
# target, which beats [thresholds]; -T chooses; each class has its limits.
. "$(dirname "$0")/lib.sh"
need openssl jq

conf() { cat > "$T/conf"; chmod 600 "$T/conf"; }
at_line() { grep -cE "^$T/conf:$1: .*$2" <<< "$out"; }

# --- every kind of mistake, all at once ---
conf <<'E'
warning = 5
[thresholds]
warning = 7
critical = 30
ca_warning = many
warning = 8
[nsx prod]
url = http://plain.example
credentials = relative/path
probe = perhaps
no_such_key = 1
[nsx prod]
url = https://again.example
[files prod]
path = /etc/ssl/*.pem
[tls empty]
[tls bad name!]
endpoint = x:1
[tls ports]
endpoint = host:70000
endpoint = host:443
[opsman o]
url = https://user:secret-in-url@opsman.example
pin_sha256 = 12:34
auth_retry = soon
probe = yes
[ignore forever]
match = everything
reason =
[ignore late]
match = name:x
reason = r
until = 2027-02-30
[remediate nobody]
mode = plan
[remediate prod]
mode = auto
procedures = nsx-explode opsman-regenerate
window = sometimes
timezone = Mars/Olympus
rotation_needs = 3d
max_per_day = -1
[flies local]
path = /x
[thresholds
just words
[remediate o]
rollback = maybe
E
check -f "$T/conf" --check-config
is "--check-config of a bad file exits with 3" "$code" 3
while read -r line words; do
	is "line $line is told: $words" "$(at_line "$line" "$words")" 1
done <<-'E'
	1 before the first section
	5 ca_warning.*many
	6 warning was set in line 3 already
	8 url: want https
	9 credentials: want an absolute path
	10 probe: want .*perhaps
	11 has no key "no_such_key"
	12 "nsx prod" is there already, in line 7
	14 "files prod" is there already, in line 7
	16 endpoint
	17 want \[tls NAME\]
	20 endpoint: want HOST
	23 url: want https.*without user
	24 pin_sha256: want the SHA-256
	25 auth_retry: want a duration
	26 has no key "probe"
	27 until
	28 match: .*everything
	29 reason has no value
	33 until: want a day
	34 no section "nsx nobody" or "opsman nobody"
	37 mode auto needs worker_host
	37 mode auto needs replacement
	38 procedures: .*nsx-explode
	39 window: want a window
	40 timezone
	41 rotation_needs is for opsman
	42 max_per_day: want a whole number
	43 there is no kind of section "flies".*files
	45 '\]' is missing
	46 a line is "key = value"
	48 rollback: want one of ask\|auto\|off
E
is "each line of the output is one problem with its place" "$(grep -vcE "^$T/conf:[0-9]+: ." <<< "$out")" 0
is "in the order of the file" "$(cut -d: -f2 <<< "$out" | sort -nc && echo sorted)" sorted
unlike "a password in a URL is not repeated" "$out" 'secret-in-url'
is "nothing on standard error" "$(cat "$T/stderr")" ""
n_problems=$(wc -l <<< "$out")
check -f "$T/conf"
state "the check itself" UNKNOWN
like "it says the first problem, and how many more" "$first" "^CERTS UNKNOWN - $T/conf:1: .* \(and $((n_problems - 1)) more\)"
ok "within 4096 bytes" [ "$(wc -c <<< "$out")" -le 4096 ]
is "no performance data of what was not checked" "$perf" ""

# single WORDS LINES...: a file of these lines is refused with WORDS.
single() {
	local words=$1
	shift
	printf '%s\n' "$@" | conf
	check -f "$T/conf" --check-config
	is "refused, $words" "$code" 3
	like "said, $words" "$out" "$words"
}
single 'no target' '[thresholds]' 'warning = 20'
single ':3: critical .*warning' '[thresholds]' 'warning = 7' 'critical = 30' '[tls x]' 'endpoint = h:1'
single ':4: ca_critical .*ca_warning' '[tls x]' 'endpoint = h:1' 'ca_warning = 7' 'ca_critical = 8'
single 'no target' ''
single 'url' '[nsx x]'
single 'endpoint' '[tls x]'
single 'path' '[files x]'
single 'longer than' "[tls $(printf 'x%.0s' {1..200})]" 'endpoint = h:1'
single 'the line has' '[tls x]' "endpoint = $(printf 'x%.0s' {1..20000})"
single 'not valid UTF-8' '[tls x]' $'endpoint = h\xff:1'
single 'control character' '[tls x]' $'endpoint = h\x01:1'
single 'did you mean "critical"' '[thresholds]' 'critcal = 3' '[tls x]' 'endpoint = h:1'
single 'takes no name' '[thresholds all]' '[tls x]' 'endpoint = h:1'
printf '[tls x]\r\nendpoint = h:1\r\n' | conf
check -f "$T/conf" --check-config
is "line ends of another world are accepted" "$code" 0

# --- the file itself ---
printf '[tls x]\nendpoint = 127.0.0.1:1\n' | conf
chmod 666 "$T/conf"
check -f "$T/conf"
state "a file that everybody may change" UNKNOWN
like "what to run" "$out" "run: chmod go-w $T/conf"
chmod 644 "$T/conf"
check -f "$T/conf" --check-config
is "one that everybody may read" "$code $out" "0 $T/conf: 1 target, no problems"
for what in "$T" /dev/null "$T/nothing"; do
	check -f "$what"
	state "-f $what" UNKNOWN
done
mkfifo "$T/fifo"
check -f "$T/fifo" -t 5
state "a FIFO does not hang it" UNKNOWN
like "it is told" "$out" 'not a regular file'

# --- the sample of the documentation ---
mkdir "$T/etc"
conf <<E
[thresholds]                        ; defaults for all targets; a target section may override each
warning     = 30                    ; days, or 12h 4w 25% "30,25%" or a plugin range (conventions 2.3)
critical    = 7
ca_warning  = 90                    ; CA certificates: a rotation takes days, not minutes
ca_critical = 30

[nsx prod]                          ; [kind name]
url         = https://nsx.example   ; the VIP, or one manager
credentials = $T/etc/credentials.d/prod        ; username=/password=, or client_cert=/client_key=
ca_file     = $T/etc/prod-ca.pem               ; or pin_sha256 = <leaf fingerprint>, repeatable
probe       = yes                   ; handshake with every listener the API names and compare

[opsman tas]
url         = https://opsman.example
credentials = $T/etc/credentials.d/tas         ; client_id=/client_secret= or username=/password=
ca_file     = $T/etc/tas-ca.pem

[tls portal]
endpoint    = portal.example:443    ; repeatable; a live listener, judged like any other certificate

[files local]
path        = $T/etc/*.pem

[ignore old-lb]                     ; an exception has a reason and an end
match       = sha256:ab12cd34       ; or id:…  name:glob  issuer:glob  service:TYPE
reason      = decommissioned with CHG-1234
until       = 2027-01-31

[remediate prod]                    ; no such section: the handler only reports
mode        = plan                  ; plan (default) | approve | auto
worker_host = mon1.example          ; required for approve and auto
procedures  = nsx-apply nsx-batch-replace     ; what may be done here; empty (default) = nothing
credentials = $T/etc/credentials.d/prod-admin  ; a separate, stronger account
replacement = existing              ; section 5.3; required for approve and auto
act_on      = warning               ; warning (default) | critical
window      = Sat,Sun 02:00-06:00   ; when a change may start; timezone = Europe/Berlin; none = any time
approvers   = certs-approvers       ; the group whose members may approve; approval_valid = 14d
max_per_day = 2                     ; cool_down = 1h, breaker_after = 2 failures
E
check -f "$T/conf" --check-config
is "the sample is accepted" "$code $out" "0 $T/conf: 4 targets, no problems"
cat >> "$T/conf" <<'E'
rollback = ask
keep_old = 7d
downtime_hold = 24h
poll_interval = 30s
managed_by = none
global_manager = prod
site = paris
site_credentials = /etc/site
key_type = ec:P-256
subject = CN=nsx.example, O=Example
days = 397
timezone = UTC
approval_valid = 14d
cool_down = 1h
breaker_after = 2
[remediate tas]
approval = unit
apply_pending = no
errands = none
recreate_vms = no
leafs_handled = no
rotation_needs = 7d
rotation_stale = 14d
E
check -f "$T/conf" --check-config
is "and so are the further keys" "$code $out" "0 $T/conf: 4 targets, no problems"

# --- -T ---
make() {   # NAME DAYS [CA]: a self-signed certificate
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/$1.key" -out "$T/$1.pem" \
		-days "$2" -subj "/CN=$1" -addext "basicConstraints=critical,CA:${3:-FALSE}" 2> "$T/openssl.log"
}
make leaf 100
make root 100 TRUE
sleep 1.1   # from now on there are less than 100 days left
conf <<E
[thresholds]
warning = 110
critical = 20
[files plain]
path = $T/leaf.pem
[files own]
path = $T/root.pem
ca_warning = 50
ca_critical = 10
[files strict]
path = $T/leaf.pem
critical = 105
E
sources() { jq -c '[.sources[].name]' <<< "$out"; }
check -f "$T/conf" -T own -o json
is "-T one" "$code $(sources)" '0 ["own"]'
check -f "$T/conf" -T own,plain -o json
is "-T two, in the order of the file" "$(sources)" '["plain","own"]'
for names in nobody own,nobody '' 'own,' ',own'; do
	check -f "$T/conf" -T "$names"
	state "-T '$names'" UNKNOWN
done
check -f "$T/conf" -T own,nobody
like "the wrong name is told, and the right ones" "$first" '"nobody": there is plain, own, strict'

# --- who wins, and the classes ---
verdict() { check -f "$T/conf" -o json "$@"; jq -r '[.state, (.certificates[0].findings[0].id // "none")] | join(" ")' <<< "$out"; }
is "[thresholds] hold where nothing else is said" "$(verdict -T plain)" "WARNING expiring"
is "the target's limit beats them" "$(verdict -T strict)" "CRITICAL expiring"
is "the command line beats the target" "$(verdict -T strict -w 90 -c 10)" "OK none"
is "and [thresholds]" "$(verdict -T plain -w 90 -c 10)" "OK none"
is "a limit of leafs is none for CAs" "$(verdict -T own)" "OK none"
is "a CA has its own" "$(verdict -T own --ca-warning 110 --ca-critical 10)" "WARNING expiring"
is "-w is not for CAs" "$(verdict -T own -w 110 -c 10)" "OK none"
is "one certificate of two targets is judged by the strictest" "$(verdict -T plain,strict)" "CRITICAL expiring"
check -f "$T/conf" -T strict -w 50
state "a command line that turns the limits of a target round" UNKNOWN
like "is told" "$first" 'the wrong way round for strict'
while read -r limit wanted; do
	is "-w $limit with 99 days of 100 left" "$(verdict -T plain -c 1h -w "$limit")" "$wanted"
done <<-'E'
	99 OK none
	100 WARNING expiring
	2400h WARNING expiring
	15w WARNING expiring
	14w OK none
	99% OK none
	100% WARNING expiring
	5,100% WARNING expiring
	100,1% WARNING expiring
	5,1% OK none
	100: WARNING expiring
	99: OK none
	@0:100 WARNING expiring
	@0:98 OK none
	@~:98 OK none
	~:98 WARNING expiring
	~:100 OK none
E
conf <<E
[files a]
path = $T/leaf.pem
warning = 30,25%
[files b]
path = $T/leaf.pem
ca_warning = 90%
ca_critical = @0:5
warning = 4w
critical = 12h
E
check -f "$T/conf"
state "limits of every form in the file" OK
