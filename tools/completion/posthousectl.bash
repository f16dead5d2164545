# Completion of posthousectl for bash(1). Accounts and mailboxes are asked of the services, for a second at most.

_posthousectl_ask() {
	posthousectl "${settings[@]}" --timeout=1s "$@" 2>/dev/null | awk 'NR > 1 && NF { print $1 }'
}

_posthousectl() {
	local current=${COMP_WORDS[COMP_CWORD]} word options= place=0 command=
	local -a settings=() given=()

	# "--config=FILE" comes as three words.
	local line=${COMP_LINE:0:COMP_POINT}
	[[ -n $current ]] && line=${line%"$current"}
	for word in $line; do
		if [[ $word == posthousectl || $word == */posthousectl || $word == --json ]]; then
			continue
		elif [[ ${#given[@]} -eq 0 && $word == --*=* ]]; then
			settings+=("$word")
		elif [[ $word != --* ]]; then
			given+=("$word")
		fi
	done

	case ${given[0]-} in
	user | mailbox | store) command="${given[0]} ${given[1]-}" place=2 ;;
	*) command=${given[0]-} place=1 ;;
	esac
	local count=${#given[@]} words=
	if [[ $count -eq 0 ]]; then
		words="status who kick user mailbox store top"
		options="--config= --json --help --version --timeout= --admin-key= --frontends= --auth= --stores= --outbox="
	elif [[ $count -eq 1 && $place -eq 2 ]]; then
		case ${given[0]} in
		user) words="list show add passwd del" ;;
		mailbox) words="list check rebuild" ;;
		store) words="list" ;;
		esac
	else
		case $command in
		kick) options="--now" ;;
		"user add") options="--home= --maildir= --uid= --gid= --quota= --options= --full-name= --module=" ;;
		"user passwd") options="--service=imap --service=pop3" ;;
		"user del") options="--kick" ;;
		"mailbox check") options="--deep" ;;
		"store list") options="--count" ;;
		top) options="--interval-ms= --count=" ;;
		esac
		case $command in
		who | kick | "user show" | "user passwd" | "user del" | mailbox\ *)
			[[ $count -gt $place || $current == --* ]] || words=$(_posthousectl_ask user list) ;;
		esac
		case $command in
		"mailbox check" | "mailbox rebuild")
			[[ $count -ne $((place + 1)) ]] || words=$(_posthousectl_ask mailbox list "${given[2]}") ;;
		esac
	fi
	[[ $current == --* ]] && words="$options --json"
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
	return 0
}

complete -F _posthousectl posthousectl
