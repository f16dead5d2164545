#!/bin/sh
# Install the Debian packages that are missing. Arguments: any of build, run, test,
# bench, lint, fuzz, compose, fresh; none means all of run and test.
set -eu

build="build-essential pkg-config protobuf-c-compiler libprotobuf-c-dev libnng-dev libssl-dev
     libevent-dev libhiredis-dev libcdb-dev libpam0g-dev libcrypt-dev libutf8proc-dev
     libxxhash-dev libargon2-dev zlib1g-dev libcurl4-openssl-dev libgsasl-dev libpq-dev libmariadb-dev
     libsqlite3-dev libldap-dev libjansson-dev libncurses-dev openssl"
run="$build python3 redis-server redis-tools"
# zsh: its completion; libunwind8: a Dovecot that tests unpack, not install.
test="haproxy sslscan testssl.sh libcmocka-dev python3-pytest python3-pyte prometheus python3-prometheus-client isync offlineimap3 interimap mutt curl zsh libunwind8 ca-certificates procps fetchmail getmail6 mpop
      libpam-modules systemd postgresql mariadb-server slapd ldap-utils nftables dnsmasq-base iproute2 python3-yaml
      gsasl krb5-kdc krb5-admin-server krb5-user libsasl2-modules libsasl2-modules-gssapi-mit"
bench="dovecot-imapd dovecot-pop3d"
lint="clang-tidy clang-format"
# npm from wherever it is; lint-k8s.sh wants kubectl, too, newer than Debian 12 has it.
command -v npm >/dev/null || lint="$lint nodejs npm"
compose="docker.io docker-compose mmdebstrap python3-pytest"
fresh="mmdebstrap"
fuzz="clang libclang-rt-14-dev llvm-14"

[ $# -gt 0 ] || set -- run test
wanted=
for group in "$@"; do
	eval "wanted=\"\$wanted \$$group\""
done

missing=
for package in $wanted; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # lists of words
$as_root apt-get update -q || true
$as_root apt-get install -q -y --no-install-recommends $missing
