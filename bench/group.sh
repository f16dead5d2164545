# shellcheck shell=bash
# group.sh - account for all processes of a server together, and end them
#
# A group is a cgroup where one can be made (version 1: the cpuacct controller;
# version 2: a child of our own), else nothing but the first process, whose tree
# is then summed up. Sourced by run.sh.
#
#	group_open NAME		sets group_dir (empty: none) and group_kind
#	group_start LOG CMD...	runs CMD in it; sets group_pid
#	group_cost		prints what loadgen's --cost wants
#	group_close		ends every process of it, by pid

group_dir='' group_kind=tree group_pid=''

group_open() {
	local name=posthouse-bench.$$.$1 own parent
	own=$(sed -n 's/^0:://p' /proc/self/cgroup)
	for parent in /sys/fs/cgroup/cpuacct /sys/fs/cgroup/cpu,cpuacct; do
		if [ -f "$parent/cpuacct.usage" ] && mkdir "$parent/$name" 2>/dev/null; then
			group_dir=$parent/$name group_kind=cgroup1
			return
		fi
	done
	for parent in /sys/fs/cgroup$own /sys/fs/cgroup/unified$own; do
		if [ -f "$parent/cgroup.controllers" ] && mkdir "$parent/$name" 2>/dev/null; then
			if [ -f "$parent/$name/cpu.stat" ] && can_join "$parent/$name"; then
				group_dir=$parent/$name group_kind=cgroup2
				return
			fi
			rmdir "$parent/$name"
		fi
	done
	group_dir='' group_kind=tree
}

# Making a cgroup is not yet being allowed to move a process into it.
can_join() {
	(echo $BASHPID >"$1/cgroup.procs") 2>/dev/null
}

group_start() {
	local log=$1
	shift
	(
		[ -z "$group_dir" ] || echo $BASHPID >"$group_dir/cgroup.procs"
		ulimit -n "$(ulimit -Hn)"
		exec setsid "$@" </dev/null >>"$log" 2>&1
	) &
	group_pid=$!
}

group_cost() {
	if [ "$group_kind" = tree ]; then
		echo "tree:$group_pid"
	else
		echo "$group_kind:$group_dir"
	fi
}

group_members() {
	if [ -n "$group_dir" ]; then
		cat "$group_dir/cgroup.procs"
	else
		kill -0 "$group_pid" 2>/dev/null && echo "$group_pid"
	fi
}

# The first process is asked to end and to end the others; what is left after
# ten seconds is killed.
group_stop() {
	local i
	[ -n "$group_pid" ] || return 0
	kill -TERM "$group_pid" 2>/dev/null
	for i in $(seq 100); do
		[ -n "$(group_members)" ] || break
		sleep 0.1
	done
	# shellcheck disable=SC2046  # a list of pids
	[ -z "$(group_members)" ] || kill -KILL $(group_members) 2>/dev/null
	wait "$group_pid" 2>/dev/null
	group_pid=''
}

group_close() {
	local i
	group_stop
	[ -n "$group_dir" ] || return 0
	for i in $(seq 50); do
		rmdir "$group_dir" 2>/dev/null && break
		sleep 0.1
	done
	group_dir=''
}
