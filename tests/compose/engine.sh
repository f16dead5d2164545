#!/bin/bash
# A container engine for the tests.	usage: . engine.sh; engine_start DIR; engine_stop
#
# One that answers already is used, and left alone. Otherwise dockerd is started with everything it
# has below DIR, which is kept: images and build layers are there again the next time. It changes
# nothing on the machine but the bridges of the networks it makes: ports are published by its own
# relay, so the firewall stays as it is.

engine_pid= engine_dir=

engine_start() { # DIR
	if timeout 10 docker info >/dev/null 2>&1; then
		echo "engine: $(docker info --format '{{.Name}}, {{.ServerVersion}}'), which was running"
		return 0
	fi
	if [ "$(id -u)" -ne 0 ]; then
		echo "engine: none is running, and only root can start one"
		return 1
	fi
	if ! command -v dockerd >/dev/null; then
		echo "engine: none is running, and dockerd is not installed"
		return 1
	fi
	local driver
	mkdir -p "$1"
	engine_dir=$1
	export DOCKER_HOST=unix://$1/docker.sock
	for driver in overlay2 vfs; do
		if engine_try "$1" "$driver"; then
			echo "engine: dockerd $(docker info --format '{{.ServerVersion}}') with $driver in $1"
			return 0
		fi
	done
	echo "engine: dockerd does not start here; the end of $1/dockerd.log:"
	tail -n 15 "$1/dockerd.log"
	return 1
}

engine_try() { # DIR DRIVER
	local waited
	rm -f "$1/docker.pid"
	dockerd --data-root "$1/data-$2" --exec-root "$1/exec" --pidfile "$1/docker.pid" \
		--host "$DOCKER_HOST" --storage-driver "$2" --bridge none \
		--iptables=false --ip6tables=false --ip-forward=false \
		>"$1/dockerd.log" 2>&1 9>&- &
	engine_pid=$!
	for waited in $(seq 150); do
		! docker info >/dev/null 2>&1 || return 0
		kill -0 "$engine_pid" 2>/dev/null || break
		sleep 0.2
	done
	engine_stop
	return 1
}

# Containers that are still there are stopped by it.
engine_stop() {
	[ -n "$engine_pid" ] || return 0
	kill "$engine_pid" 2>/dev/null || true
	wait "$engine_pid" 2>/dev/null || true
	# It leaves the network namespace of builds with --network host mounted.
	umount "$engine_dir/exec/netns/default" 2>/dev/null || true
	engine_pid=
}
