#!/bin/sh
# soak.py, with mounts of its own: a disk that lost its power must not be held by another namespace.
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" -eq 0 ] && unshare --mount --propagation private true 2>/dev/null; then
	exec unshare --mount --propagation private /usr/bin/python3 tests/soak/soak.py
fi
exec /usr/bin/python3 tests/soak/soak.py
