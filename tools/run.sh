#!/bin/sh
# Start everything on loopback; see run.py. Uses Debian's own python3.
exec /usr/bin/python3 "$(dirname "$0")/run.py" "$@"
