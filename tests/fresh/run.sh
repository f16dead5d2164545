#!/bin/bash
# README's two commands in a Debian 12 that has git, make and nothing else.	usage: run.sh
#
# The root is made once by mmdebstrap and kept, with the packages that were downloaded, in FRESH_DIR
# (default /tmp/posthouse-fresh.UID; it can be removed). Each run works in a copy of it that is thrown
# away, on a clone of the last commit: a package that is missing from tools/deps.sh is missing there.
# Ends with 69 when such a root cannot be had here.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/debian.sh
. tests/debian.sh

corpus=${POSTHOUSE_CORPUS:-../shared/corpus}
dir=${FRESH_DIR:-/tmp/posthouse-fresh.$(id -u)}
base=$dir/base work=$dir/work root=$dir/work/root

cannot() {
	echo "fresh: NOT RUN, $*"
	exit 69
}

make_base() {
	[ ! -e "$base/.complete" ] || return 0
	local options
	rm -rf "$base"
	mapfile -t options < <(debian_apt_conf | sed 's/^\([^ ]*\) \(".*"\);$/--aptopt=\1 \2/')
	debian_sources | mmdebstrap --quiet --variant=minbase --include=git,make,ca-certificates \
		"${options[@]}" bookworm "$base" - || return 1
	debian_apt_conf >"$base/etc/apt/apt.conf.d/80machine"
	touch "$base/.complete"
}

# The base stays as it is: what is written goes into a layer above it.
lay_root() {
	mkdir -p "$work/above" "$work/overlay" "$root" "$dir/packages/partial"
	mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/above,workdir=$work/overlay" "$root" 2>/dev/null ||
		cp -a "$base/." "$root/"
	mount --bind "$dir/packages" "$root/var/cache/apt/archives"
	mount --rbind /dev "$root/dev"
	mount --rbind /sys "$root/sys"
	mount -t proc proc "$root/proc"
	mount -t tmpfs tmpfs "$root/run"
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	git clone --quiet --no-hardlinks . "$root/posthouse"
	if [ -d "$corpus" ]; then
		mkdir -p "$root/shared/corpus"
		mount --bind -o ro "$corpus" "$root/shared/corpus"
	fi
}

inside() { # COMMAND [ARG ...]
	env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		${http_proxy:+http_proxy="$http_proxy"} ${CI:+CI="$CI"} chroot "$root" "$@"
}

two_commands() {
	mount --make-rprivate /
	lay_root || { echo "fresh: the root cannot be laid"; return 69; }
	inside /posthouse/tests/fresh/first_run.sh || { echo "fresh: 'make run' failed"; return 1; }
	inside make -C /posthouse -j2 test || { echo "fresh: 'make test' failed"; return 1; }
}

if [ "${1:-}" = inside ]; then
	two_commands
	exit
fi

[ "$(id -u)" -eq 0 ] || cannot "only root can make a root directory of its own"
command -v mmdebstrap >/dev/null || tools/deps.sh fresh || cannot "mmdebstrap cannot be installed"
mkdir -p "$dir"
exec 9>"$dir/lock"
flock -n 9 || { echo "fresh: $dir is in use by another run"; exit 1; }
unshare --mount --pid --fork true || cannot "this machine gives no namespaces"
make_base >"$dir/base.log" 2>&1 || { tail -n 5 "$dir/base.log"; cannot "mmdebstrap failed, see $dir/base.log"; }
rm -rf --one-file-system "$work"

# Mounts and processes of the run end with its namespaces.
status=0
unshare --mount --pid --fork --kill-child "$0" inside || status=$?
rm -rf --one-file-system "$work"
exit "$status"
