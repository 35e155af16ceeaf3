#!/bin/bash
# Goal of this test: --extra-opts as the monitoring plugins have it: each form, the search path, the
# command line above the file, errors that end the run, and a file that others may change is not believed.
. "$(dirname "$0")/lib.sh"
need openssl

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/key" -out "$T/leaf.pem" -days 20 \
	-subj /CN=leaf -addext basicConstraints=critical,CA:FALSE 2> "$T/openssl.log"
cat > "$T/own.ini" <<E
# other plugins' sections are theirs, whatever they hold
[check_disk]
this line is not ours
[check_certs]
file = $T/leaf.pem
state-dir=$T/none
[strict]
file = $T/leaf.pem
w = 60d
c = 25   ; days
[lax]
warning=5
critical = 1
[flags]
file = $T/leaf.pem
v =
[list]
file = $T/leaf.pem
list =
[ check_certs ]
w = 10
c = 5
[stray]
file = $T/leaf.pem
nonsense = 1
[loop]
extra-opts = strict
[empty]
[broken]
file $T/leaf.pem
E
chmod 644 "$T/own.ini"
unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH

# --- the forms ---
check "--extra-opts=@$T/own.ini"
state "=@file: the plugin's own section, all its parts" OK
check "--extra-opts=strict@$T/own.ini"
state "=section@file" CRITICAL
check --extra-opts "strict@$T/own.ini"
state "the value as the next argument" CRITICAL
check --extra-opts < "$T/own.ini"
state "no file anywhere is an error" UNKNOWN
like "that says what to do" "$first" 'no file with plugin options|section@file|has no options'
check --extra-opts=strict@- < "$T/own.ini"
state "from standard input" CRITICAL
check "--extra-opts=@$T/own.ini" "--extra-opts=strict@$T/own.ini"
state "repeated: the later file is above the earlier" CRITICAL
check "--extra-opts=flags@$T/own.ini" -w 10 -c 5
like "a flag without a value" "$out" '^OK .*leaf'
check "--extra-opts=list@$T/own.ini"
like "a long flag without a value" "$out" 'leaf'
check "--extra-opts=lax@$T/own.ini" --file "$T/leaf.pem"
state "sections of limits alone" OK

# --- the command line is above the file, wherever it stands ---
check "--extra-opts=strict@$T/own.ini" -c 5
state "behind" WARNING
check -c 5 "--extra-opts=strict@$T/own.ini"
state "before" WARNING
check "--extra-opts=strict@$T/own.ini" -c 5 -w 10
state "both limits" OK
check --extra-opts -w 10 -c 5 --file "$T/leaf.pem"
state "an option behind it is not its value" UNKNOWN

# --- where it looks ---
MP_CONFIG_FILE=$T/own.ini check --extra-opts=strict
state "\$MP_CONFIG_FILE" CRITICAL
mkdir "$T/one" "$T/two"
cp "$T/own.ini" "$T/two/plugins.ini"
NAGIOS_CONFIG_PATH=$T/none:$T/one:$T/two check --extra-opts=strict
state "\$NAGIOS_CONFIG_PATH, the first directory that has one" CRITICAL
printf '[strict]\nfile = %s\nw = 2\nc = 1\n' "$T/leaf.pem" > "$T/two/monitoring-plugins.ini"
NAGIOS_CONFIG_PATH=$T/one:$T/two check --extra-opts=strict
state "monitoring-plugins.ini is before plugins.ini" OK
printf '[strict]\nfile = %s\nw = 30\nc = 1\n' "$T/leaf.pem" > "$T/one/nagios-plugins.ini"
NAGIOS_CONFIG_PATH=$T/one:$T/two check --extra-opts=strict
state "a directory is before the next one" WARNING
NAGIOS_CONFIG_PATH=$T/one MP_CONFIG_FILE=$T/own.ini check --extra-opts=strict
state "\$MP_CONFIG_FILE is before the path" CRITICAL
MP_CONFIG_FILE=$T/none check --extra-opts=strict
state "a file that is named and not there" UNKNOWN
like "is named" "$first" "cannot open $T/none"

# --- what ends the run ---
while read -r section words; do
	check "--extra-opts=$section@$T/own.ini"
	state "section $section" UNKNOWN
	like "section $section: said" "$first" "$words"
done <<-'E'
	missing no options in a section "missing"
	empty no options in a section "empty"
	broken own\.ini:30: want "option = value"
	loop extra-opts cannot stand in a file
	stray nonsense
E
printf 'w = 1\n[check_certs]\nw = 2\n' > "$T/early.ini"
check "--extra-opts=@$T/early.ini"
like "text before the first section" "$first" 'early\.ini:1: text before the first section'
is "ends the run" "$code" 3
printf '[check_certs]\nw = 1\0\n' > "$T/nul.ini"
check "--extra-opts=@$T/nul.ini"
state "a NUL byte" UNKNOWN
{ echo '[check_certs]'; head -c 2000000 /dev/zero | tr '\0' '#'; } > "$T/large.ini"
check "--extra-opts=@$T/large.ini"
state "two megabytes" UNKNOWN
printf '[check_certs]\r\nfile = %s\r\nw = 10\r\nc = 5\r\n' "$T/leaf.pem" > "$T/crlf.ini"
check "--extra-opts=@$T/crlf.ini"
state "line ends of another world" OK

# --- whom it believes ---
chmod 664 "$T/own.ini"
check "--extra-opts=strict@$T/own.ini"
state "a file that its group may change" UNKNOWN
like "what to run" "$first" "run: chmod [go0-9-]+w? $T/own\.ini"
chmod 646 "$T/own.ini"
check "--extra-opts=strict@$T/own.ini"
state "a file that everybody may change" UNKNOWN
chmod 644 "$T/own.ini"
ln -s "$T/own.ini" "$T/link.ini"
check "--extra-opts=strict@$T/link.ini"
state "a symbolic link" UNKNOWN
like "is told" "$first" 'symbolic link'
mkfifo "$T/fifo.ini"
check -t 5 "--extra-opts=strict@$T/fifo.ini"
state "a FIFO does not hang it" UNKNOWN
check "--extra-opts=strict@$T"
state "a directory" UNKNOWN
is "nothing on standard error" "$(cat "$T/stderr")" ""
if [ "$(id -u)" = 0 ]; then
	chown 65534 "$T/own.ini"
	check "--extra-opts=strict@$T/own.ini"
	state "another user's file" UNKNOWN
	like "another user's file: told" "$first" 'belongs to another user'
fi
