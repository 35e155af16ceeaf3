#!/bin/sh
# update.sh - rewrite the expected outputs with what is printed now.  The
# difference is then for a person to read.
#
# usage: tests/golden/update.sh [BUILD_DIR]      (default: the source tree)
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
program=${1:-$top}/tests/unit/test_render

[ -x "$program" ] || { echo "update.sh: $program is not built (make check TESTS=)" >&2; exit 1; }
if GOLDEN_UPDATE=1 top_srcdir=$top "$program" | grep '^not ok'; then
	echo "update.sh: the tests above fail whatever is expected" >&2
	exit 1
fi
git -C "$top" --no-pager diff --stat -- tests/golden
