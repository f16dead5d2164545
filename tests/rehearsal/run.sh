#!/bin/sh
# Rehearse the Kubernetes manifests without a cluster.
#
#	usage: run.sh [--short] [OVERLAY]	(BUILD= as for make)
#
# Everything runs in namespaces of its own for network, mounts and processes, which the kernel takes
# down when the rehearsal ends, however it ends.
set -eu
cd "$(dirname "$0")/../.."

short=
if [ "${1:-}" = --short ]; then
	short=--short
	shift
fi
overlay=${1:-dev}
[ "$(id -u)" -eq 0 ] || { echo "rehearse: network namespaces need root"; exit 1; }
for program in kubectl nft dnsmasq setpriv nsenter; do
	command -v "$program" >/dev/null || { echo "rehearse: $program is not installed"; exit 1; }
done
[ -x "${BUILD:-build}/bin/posthouse-storesvc" ] || { echo "rehearse: ${BUILD:-build} has no programs (make)"; exit 1; }
folder=$(mktemp -d /tmp/posthouse-rehearsal.XXXXXX)
status=0
unshare --net --mount --pid --fork --kill-child --mount-proc \
	/usr/bin/python3 -B tests/rehearsal/rehearse.py "deploy/k8s/overlays/$overlay" "${BUILD:-build}" "$folder" $short || status=$?
[ "$status" -ne 0 ] || rm -rf "$folder"
exit "$status"
