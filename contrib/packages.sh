# shellcheck shell=bash
# shellcheck disable=SC2034 # used by what sources this
# packages.sh - what has to be installed, in one place; sourced by contrib/test and contrib/demo.

PACKAGES_BUILD="gcc make autoconf automake pkg-config libc6-dev libcurl4-openssl-dev libssl-dev libcjson-dev
	libinih-dev libsqlite3-dev libmicrohttpd-dev libgnutls28-dev"
PACKAGES_DEMO="curl openssl jq ca-certificates"
PACKAGES_TEST="check clang valgrind shellcheck mandoc codespell xz-utils python3 strace procps systemd
	nagios4-core icinga2-bin icinga2-common monitoring-plugins-basic"

# Print those of the packages named that are not installed.
packages_missing() {
	local package
	for package in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
			echo "$package"
	done
}

# Install what is missing when root, without recommended packages; else say which and fail.
packages_need() {
	local missing
	command -v dpkg-query >/dev/null || return 0   # not a Debian: configure says what is missing
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "missing packages; as root: apt-get install --no-install-recommends $(echo "$missing" | tr '\n' ' ')" >&2
		return 1
	fi
	# No daemon of a package starts: the tests run private ones.
	local policy=/usr/sbin/policy-rc.d made=
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy && made=yes
	fi
	# shellcheck disable=SC2086 # one word a package
	{ DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
		DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing; } >&2
	local status=$?
	[ -z "$made" ] || rm -f $policy
	return $status
}
