# shellcheck shell=bash
# server_dovecot.sh - Dovecot as a package brings it, and tuned. Sourced by run.sh.
#
# The configuration stands alone: it holds what Debian's differs from Dovecot's
# own defaults in, Maildir, accounts and ports of our own. Nothing of a Dovecot
# that may be installed and running here is read or touched.

dovecot_base() {
	cat <<-END
	base_dir = $1/run
	state_dir = $1/state
	log_path = $1/log
	protocols = imap pop3
	listen = 127.0.0.1
	ssl_cert = <$WORK/cert.pem
	ssl_key = <$WORK/cert.pem
	mail_location = maildir:~/Maildir
	$2
	namespace inbox {
	  inbox = yes
	  mailbox Drafts {
	    special_use = \Drafts
	  }
	  mailbox Junk {
	    special_use = \Junk
	  }
	  mailbox Sent {
	    special_use = \Sent
	  }
	  mailbox Trash {
	    special_use = \Trash
	  }
	}
	passdb {
	  driver = passwd-file
	  args = scheme=PLAIN $1/passwd
	}
	userdb {
	  driver = static
	  args = home=$1/mail/%u
	}
	service imap-login {
	  inet_listener imap {
	    port = $3
	  }
	  inet_listener imaps {
	    port = $4
	  }
	}
	service pop3-login {
	  inet_listener pop3 {
	    port = $5
	  }
	  inet_listener pop3s {
	    port = $6
	  }
	}
	# Without these the scenarios could not be run at all.
	mail_max_userip_connections = 10000
	service anvil {
	  client_limit = 30000
	}
	service auth {
	  client_limit = 30000
	}
	service stats {
	  client_limit = 30000
	}
	END
}

# As it comes, but for the number of processes: each connection wants two.
dovecot_plain() {
	cat <<-END
	service imap-login {
	  process_limit = 3000
	}
	service imap {
	  process_limit = 3000
	}
	END
}

dovecot_tuned() {
	cat <<-END
	imap_hibernate_timeout = 2s
	default_vsz_limit = 2G
	service imap-login {
	  service_count = 0
	  client_limit = 10000
	  process_min_avail = 2
	}
	service pop3-login {
	  service_count = 0
	  client_limit = 10000
	  process_min_avail = 2
	}
	service imap {
	  service_count = 1000
	  process_limit = 10000
	  unix_listener imap-master {
	    user = $1
	  }
	}
	service pop3 {
	  service_count = 1000
	  process_limit = 10000
	}
	service imap-hibernate {
	  client_limit = 10000
	  unix_listener imap-hibernate {
	    mode = 0666
	  }
	}
	END
}

# Mail belongs to one user. Root's own would be refused; without root all is ours.
dovecot_users() {
	if [ "$(id -u)" -eq 0 ]; then
		printf 'mail_uid = 65534\nmail_gid = 65534\nfirst_valid_uid = 1\n'
	else
		printf 'mail_uid = %s\nmail_gid = %s\nfirst_valid_uid = 1\n' "$(id -u)" "$(id -g)"
		printf 'default_login_user = %s\ndefault_internal_user = %s\n' "$(id -un)" "$(id -un)"
		printf 'default_internal_group = %s\n' "$(id -gn)"
		printf 'service anvil {\n  chroot =\n}\nservice imap-login {\n  chroot =\n}\n'
		printf 'service pop3-login {\n  chroot =\n}\nservice stats {\n  chroot =\n}\n'
	fi
}

# dovecot_prepare DIR: once per directory.
dovecot_prepare() {
	local internal=dovecot
	[ "$(id -u)" -eq 0 ] || internal=$(id -un)
	mkdir -p "$1/run" "$1/state"
	seq -f 'user%04.0f@example.test:pass' 1000 >"$1/passwd"
	{
		dovecot_base "$1" "$(dovecot_users)" "$imap_port" "$imaps_port" "$pop3_port" "$pop3s_port"
		if [ "$2" = tuned ]; then dovecot_tuned "$internal"; else dovecot_plain; fi
	} >"$1/dovecot.conf"
	give_mail "$1"
	[ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$1/mail"
}

# Each imap process wants an inotify instance, without which it would neither
# be told of new mail nor hibernate; Linux allows a user 128. Put back at the end.
raise_inotify() {
	local file=/proc/sys/fs/inotify/max_user_instances
	[ -z "${inotify_before:-}" ] && [ "$(cat $file)" -lt 16384 ] || return 0
	inotify_before=$(cat $file)
	if ! echo 16384 2>/dev/null >$file; then
		echo "bench: $file stays at $inotify_before: too little for 200 watchers" >&2
		inotify_before=''
	fi
}

restore_inotify() {
	[ -z "${inotify_before:-}" ] || echo "$inotify_before" >/proc/sys/fs/inotify/max_user_instances
}

dovecot_start() {
	raise_inotify
	group_start "$1/log" "$(command -v dovecot)" -F -c "$1/dovecot.conf"
	await_port "$imap_port"
}

# UIDs are mail, not index: dovecot-uidlist stays.
dovecot_forget() {
	find "$1/mail" -name 'dovecot.index*' -delete
}

dovecot_mail() {
	echo "$1/mail"
}
