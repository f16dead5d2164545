# Where this machine gets Debian from, for roots that tests make.	usage: . debian.sh
#
# The addresses are those of the machine's own apt: a mirror, a snapshot or a cache beside it.

# One sources.list line per suite of Debian 12 that apt knows here.
debian_sources() {
	local format='$(ORIGIN) $(CODENAME) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' lines
	# shellcheck disable=SC2016
	debian_list() {
		apt-get indextargets --format "$format" 'Created-By: Packages' 2>/dev/null |
			sed -n 's/^Debian bookworm[a-z-]* //p' | sort -u
	}
	lines=$(debian_list)
	if [ -z "$lines" ]; then
		apt-get update -q >/dev/null 2>&1 || true
		lines=$(debian_list)
	fi
	[ -n "$lines" ] || { echo "debian: apt on this machine has no source of Debian 12" >&2; return 1; }
	printf '%s\n' "$lines"
}

# What apt needs to be told to use them, as lines of apt.conf: proxies, and whether dates count (a
# frozen mirror's do not).
debian_apt_conf() {
	apt-config dump | grep -E '^Acquire::(Check-|https?::|Retries)[^"]*"[^"]+";$' || true
}
