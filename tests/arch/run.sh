#!/bin/bash
# run.sh - the facts of the architecture, one TAP test each.
#
#   tests/arch/run.sh        from anywhere; looks at lib/, plugins/ and remediate/ of its own tree
#
# top_srcdir (or srcdir) names another tree; builddir, where libcheck_certs.a was built;
# CHECK_CERTS, the program; NM and CC, the tools.  A fact is a function that prints what
# contradicts it in the tree it is given, so nothing printed means it holds.  Every fact is also
# shown a tree that breaks it, and a tree that only looks as if it did: a fact that cannot fail,
# or fails for nothing, fails here.
set -u
export LC_ALL=C

top=${top_srcdir:-${srcdir:-}}
[ -d "$top/lib/base" ] || top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
top=$(cd "$top" && pwd) || exit 1
read -ra nm <<< "${NM:-nm}"
work=$(mktemp -d "${TMPDIR:-/tmp}/certs-arch.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# --- a tree without its comments and strings --------------------------------------------------

# strip_file FROM TO: the same lines, with comments and the insides of strings gone.
strip_file() {
	awk '
	function strip(line,   out, i, c, two, quote) {
		for (i = 1; i <= length(line); i++) {
			c = substr(line, i, 1); two = substr(line, i, 2)
			if (comment) {
				if (two == "*/") { comment = 0; i++ }
			} else if (quote != "") {
				if (c == "\\") i++
				else if (c == quote) { quote = ""; out = out c }
			} else if (two == "/*") { comment = 1; i++; out = out " "
			} else if (two == "//") { break
			} else {
				if (c == "\"" || c == "\047") quote = c
				out = out c
			}
		}
		return out
	}
	!comment && /^[ \t]*#[ \t]*include/ { print; next }
	{ print strip($0) }' "$1" > "$2"
}

# strip_tree FROM TO: every source file of the product.
strip_tree() {
	local file
	mkdir -p "$2/lib" "$2/plugins" "$2/remediate"
	(cd "$1" && find lib plugins remediate -name '*.[ch]' 2> /dev/null) | while read -r file; do
		mkdir -p "$2/$(dirname "$file")"
		strip_file "$1/$file" "$2/$file"
	done
}

# --- the facts: TREE -> what contradicts it ---------------------------------------------------------

# only_in TREE PATTERN FILES: lines that match, in any other file than those.
only_in() {
	(cd "$1" && grep -rnE --include='*.[ch]' "$2" lib plugins remediate) | grep -vE "^($3):"
}

# calls NAMES: a pattern for calls of these functions.
calls() {
	printf '%s' "(^|[^A-Za-z0-9_])($1)[[:blank:]]*\("
}

include='^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*'
nowhere='-'

fact_from_the_top() {
	only_in "$1" "$include\"" "$nowhere" | grep -vE 'include[[:blank:]]*"(lib|plugins|remediate)/'
}

fact_floors() {
	only_in "$1" "$include\"" "$nowhere" | awk '
	function folder(path) {
		if (path ~ /^lib\/conf[a-z_]*\.[ch]$/) return "lib/conf"
		if (match(path, /^lib\/[a-z]+\//)) return substr(path, 1, RLENGTH - 1)
		sub(/\/.*/, "", path)
		return path
	}
	BEGIN {
		floor["lib/base"] = 1; floor["lib/model"] = 2
		floor["lib/judge"] = floor["lib/source"] = 3
		floor["lib/render"] = floor["lib/conf"] = 4
		floor["plugins"] = floor["remediate"] = 5
	}
	{
		path = $0; sub(/:.*/, "", path)
		target = $0; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
		from = folder(path); to = folder(target)
		if (!(from in floor) || !(to in floor) || (from != to && floor[to] >= floor[from]))
			print
	}'
}

fact_curl() { only_in "$1" "$include<curl/" 'lib/source/fetch\.c'; }
fact_cjson() { only_in "$1" "${include}[<\"](cjson/)?cJSON" 'lib/base/json\.c'; }
fact_inih() { only_in "$1" "${include}[<\"]ini\.h" 'lib/conf[a-z_]*\.c'; }

# A private header that holds SQLite's types counts as one of SQLite's.
fact_sqlite() {
	only_in "$1" "$include(<sqlite3|\"remediate/journal_internal\.h)" \
	    'remediate/journal[a-z_]*\.c|remediate/journal_internal\.h'
}

# The same for OpenSSL.
fact_openssl() {
	local files='lib/model/(cert[a-z0-9_]*|chain|digest)\.c|lib/model/cert_asn1\.h'
	only_in "$1" "$include(<openssl/|\"lib/model/cert_asn1\.h)" \
	    "$files|lib/base/secret\.c|lib/source/verdict\.c|remediate/key\.c"
}

fact_clock() {
	local reading='time|clock|clock_gettime|gettimeofday|timespec_get|ftime'
	only_in "$1" "$(calls "$reading")" 'lib/base/clock\.c'
}

fact_quiet() {
	local printing='v?f?printf|v?dprintf|f?puts|f?putc|putchar|perror|fwrite|v?syslog'
	local ending='exit|_exit|_Exit|quick_exit|abort|raise|err|errx|warn|warnx'
	{
		only_in "$1" "$(calls "$printing|$ending")" 'lib/base/mem\.c'
		only_in "$1" '(^|[^A-Za-z0-9_])(stdout|stderr)([^A-Za-z0-9_]|$)' 'lib/base/mem\.c'
	} | grep '^lib/'
}

# Symbols in sections that can be written.  Relocated constants (.data.rel.ro) are read-only when
# main starts; sanitizers and coverage bring variables of their own.
fact_no_state() {
	[ -f "$1/libcheck_certs.a" ] || { echo "no archive $1/libcheck_certs.a"; return; }
	"${nm[@]}" -f sysv "$1/libcheck_certs.a" | awk -F'|' '
	/^[^|]*\.o[]:]/ || /:$/ { object = $0 }
	NF >= 7 {
		gsub(/[ \t]/, "", $1); gsub(/[ \t]/, "", $3); gsub(/[ \t]/, "", $7)
		n++
		if ($1 ~ /^(__odr_asan|__asan|__ubsan|__sanitizer|__sancov|__unnamed|__gcov|__llvm|__prof|\.L)/) next
		if ($7 ~ /^(\.t?data|\.t?bss|\*COM\*)/ && $7 !~ /^\.data\.rel\.ro/) print $1, $7, object
	}
	END { if (n == 0) print "the archive has no symbols" }'
}

fact_no_write() {
	[ -f "$1/check_certs" ] || { echo "no program $1/check_certs"; return; }
	"${nm[@]}" "$1/check_certs" 2>&1 | awk '
	$NF ~ /^(nsx_write|opsman_write)/ { print }
	$NF == "main" { main = 1 }
	END { if (!main) print "no symbols to look at" }'
}

# --- TAP --------------------------------------------------------------------------------------

n=0
ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; }
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }

# holds TREE FACT TITLE: nothing contradicts it.
holds() {
	local found
	found=$("fact_$2" "$1")
	if [ -z "$found" ]; then
		ok "$3"
	else
		not_ok "$3"
		printf '%s\n' "$found" | head -n 40 | sed 's/^/# /'
	fi
}

# sees TREE FACT TITLE: the fact must fail there.
sees() {
	if [ -n "$("fact_$2" "$1")" ]; then ok "$3"; else not_ok "$3"; fi
}

# --- this tree --------------------------------------------------------------------------------

strip_tree "$top" "$work/this"
if [ "$(find "$work/this/lib" -name '*.c' | wc -l)" -ge 15 ]; then
	ok 'the sources were found'
else
	not_ok 'the sources were found'
fi
holds "$work/this" from_the_top 'includes are written from the top'
holds "$work/this" floors 'includes go down: base < model < judge, source < render, conf < plugins, remediate'
holds "$work/this" curl 'libcurl only in lib/source/fetch.c'
holds "$work/this" cjson 'cJSON only in lib/base/json.c'
holds "$work/this" inih 'inih only in lib/conf*.c'
holds "$work/this" sqlite 'SQLite only in remediate/journal*.c'
holds "$work/this" openssl 'OpenSSL only where a certificate, a secret or the TLS verdict is the subject'
holds "$work/this" clock 'clocks are read only in lib/base/clock.c'
holds "$work/this" quiet 'lib/ neither prints nor exits'

built=${builddir:-$PWD}
if [ -f "$built/libcheck_certs.a" ]; then
	holds "$built" no_state 'lib/ has no writable variables at file scope'
else
	skip 'lib/ has no writable variables at file scope' "no libcheck_certs.a in $built"
fi

program=${CHECK_CERTS:-$built/check_certs}
if [ -f "$program" ]; then
	mkdir -p "$work/program"
	ln -s "$(realpath "$program")" "$work/program/check_certs"
	holds "$work/program" no_write 'check_certs holds no code that changes a remote system'
else
	skip 'check_certs holds no code that changes a remote system' "no $program"
fi

# --- trees that break one fact ----------------------------------------------------------------

# breaks FACT FILE TEXT: one source file with this text must be seen.
breaks() {
	local tree=$work/broken
	rm -rf "$tree" "$tree.stripped"
	mkdir -p "$tree/$(dirname "$2")"
	printf '%b\n' "$3" > "$tree/$2"
	strip_tree "$tree" "$tree.stripped"
	sees "$tree.stripped" "$1" "seen by $1: ${3%%\\n*} in $2"
}

# passes FACT FILE TEXT: the same, and nothing must be seen.
passes() {
	local tree=$work/sound
	rm -rf "$tree" "$tree.stripped"
	mkdir -p "$tree/$(dirname "$2")"
	printf '%b\n' "$3" > "$tree/$2"
	strip_tree "$tree" "$tree.stripped"
	holds "$tree.stripped" "$1" "let pass by $1: ${3%%\\n*} in $2"
}

breaks from_the_top lib/base/x.c '#include "err.h"'
breaks from_the_top lib/source/x.c '#include "../base/err.h"'
passes from_the_top lib/base/x.c '#include "lib/base/err.h"'
breaks floors lib/base/x.c '#include "lib/model/cert.h"'
breaks floors lib/model/x.h '#include "lib/judge/report.h"'
breaks floors lib/judge/x.c '#include "lib/source/source.h"'
breaks floors lib/source/x.c '  #  include "lib/judge/report.h"'
breaks floors lib/source/x.c '#include "lib/conf.h"'
breaks floors lib/render/x.c '#include "lib/conf.h"'
breaks floors lib/conf_x.c '#include "lib/render/render.h"'
breaks floors lib/base/x.c '#include "plugins/options.h"'
breaks floors plugins/x.c '#include "remediate/plan.h"'
breaks floors remediate/x.c '#include "plugins/options.h"'
breaks floors lib/extra/x.c '#include "lib/base/err.h"'
breaks floors plugins/x.c '#include "tests/sim/sim.h"'
passes floors remediate/x.c '#include "lib/conf.h"\n#include "remediate/plan.h"'
passes floors lib/conf_x.c '#include "lib/conf.h"\n#include "lib/source/target.h"'
passes floors lib/render/x.c '#include "lib/judge/report.h"\n/*\n#include "plugins/x.h"\n*/'
breaks curl lib/source/nsx.c '#include <curl/curl.h>'
breaks curl lib/source/fetch.h '#include <curl/curl.h>'
passes curl lib/source/fetch.c '#include <curl/curl.h>'
breaks cjson lib/source/nsx.c '#include <cjson/cJSON.h>'
breaks cjson lib/base/json.h '#include <cJSON.h>'
passes cjson lib/base/json.c '#include <cjson/cJSON.h>'
breaks inih plugins/x.c '#include <ini.h>'
passes inih lib/conf_reader.c '#include <ini.h>'
breaks sqlite lib/base/x.c '#include <sqlite3.h>'
breaks sqlite remediate/journal.h '#include <sqlite3.h>'
breaks sqlite remediate/worker.c '#include "remediate/journal_internal.h"'
passes sqlite remediate/journal.c '#include <sqlite3.h>'
passes sqlite remediate/journal_internal.h '#include <sqlite3.h>'
passes sqlite remediate/journal_open.c '#include "remediate/journal_internal.h"'
breaks openssl lib/source/fetch.c '#include <openssl/ssl.h>'
breaks openssl lib/render/x.c '#\tinclude <openssl/x509.h>'
breaks openssl lib/base/secret.h '#include <openssl/crypto.h>'
breaks openssl lib/model/cert.h '#include <openssl/x509.h>'
breaks openssl lib/judge/x.c '#include "lib/model/cert_asn1.h"'
passes openssl lib/model/cert_key.c '#include <openssl/x509.h>'
breaks clock lib/judge/x.c 'int64_t now = time(NULL);'
breaks clock lib/base/x.c '\tclock_gettime (CLOCK_REALTIME, &t);'
breaks clock plugins/x.c '\tif (gettimeofday(&t, NULL))'
passes clock lib/base/clock.c '\tclock_gettime(CLOCK_REALTIME, &t);'
passes clock lib/judge/x.c '\ttext_to_time(s, &at);   /* not time(NULL) */\n\tsay("time(NULL)");\n// time(0)'
breaks quiet lib/judge/x.c '\tprintf("%d", 1);'
breaks quiet lib/judge/x.c '\tfprintf(stderr, "x");'
breaks quiet lib/judge/x.c '\tputs("x");'
breaks quiet lib/base/x.c '\texit(3);'
breaks quiet lib/base/x.c '\tif (x) abort();'
breaks quiet lib/source/x.c '\tcurl_easy_setopt(c, OPTION, stderr);'
passes quiet lib/base/mem.c '\t_exit(3);'
passes quiet plugins/x.c '\tputs("x");\n\texit(3);'
passes quiet lib/base/x.c '\tsnprintf(s, n, "printf(%d)\\"", 1);  /* exit(1) */\n\tbuf_puts(b);\n\tc = \047"\047; on_exit_do();'

# --- objects that break one fact --------------------------------------------------------------

cc=${CC:-$(command -v cc || command -v gcc || command -v clang)}

# compile DIR TEXT: an archive and a program of it.
compile() {
	mkdir -p "$1" && printf '%s\n' "$2" > "$1/x.c" &&
	    $cc -fPIE -c "$1/x.c" -o "$1/x.o" && ar cr "$1/libcheck_certs.a" "$1/x.o" &&
	    $cc -pie "$1/x.o" -o "$1/check_certs"
}

# on_object sees|holds FACT TITLE TEXT
on_object() {
	local dir=$work/object.$n
	if [ -z "$cc" ]; then
		skip "$3" 'no compiler'
	elif compile "$dir" "$4" > "$work/compile.log" 2>&1; then
		"$1" "$dir" "$2" "$3"
	else
		not_ok "$3"
		sed 's/^/# /' "$work/compile.log"
	fi
}

body='int main(void) { return 0; }'
on_object sees no_state 'seen: an initialised variable' "int n_calls = 3; $body"
on_object sees no_state 'seen: a zeroed static' "static int n; int next(void); int next(void) { return ++n; } $body"
on_object sees no_state 'seen: a static inside a function' "int next(void); int next(void) { static int n = 4; return ++n; } $body"
on_object sees no_state 'seen: a pointer that can be changed' "const char *name = \"x\"; $body"
on_object sees no_state 'seen: a thread-local variable' "_Thread_local int n; $body"
on_object holds no_state 'let pass: constant tables' \
	"const char *const names[] = { \"a\", \"b\" }; static const int n[] = { 1, 2 }; int get(int i); int get(int i) { return n[i]; } $body"
on_object sees no_write 'seen: nsx_write_apply' "void nsx_write_apply(void); void nsx_write_apply(void) { } $body"
on_object sees no_write 'seen: a static opsman_write_step' \
	"void (*volatile keep)(void); static void opsman_write_step(void) { } int main(void) { keep = opsman_write_step; return 0; }"
on_object holds no_write 'let pass: nsx_read' "void nsx_read(void); void nsx_read(void) { } $body"
sees "$work" no_write 'seen: no program at all'
sees "$work" no_state 'seen: no archive at all'

echo "1..$n"
