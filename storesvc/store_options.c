/*
 * store_options.c - the settings of storesvc
 */
#include "storesvc/store.h"

const struct option_def store_options[] = {
	OPTION_STRING(struct store_config, store_name, "STORE_NAME", "store1",
	    "name of this store; tickets for accounts of other stores are refused"),
	OPTION_STRING(struct store_config, maildir_root, "MAILDIR_ROOT", "/var/mail/posthouse",
	    "directory below which every account's home lies; its lock file says which process owns it"),
	OPTION_BOOL(struct store_config, maildir_root_init, "MAILDIR_ROOT_INIT", "no",
	    "make a new store of a MAILDIR_ROOT that is empty or not there; otherwise it is taken for a volume that is not mounted"),
	OPTION_STRING(struct store_config, system_homes, "SYSTEM_HOMES", NULL,
	    "further directories homes may lie in, separated by commas, for example /home"),
	OPTION_STRING(struct store_config, ticket_public_keys, "TICKET_PUBLIC_KEYS", "/etc/posthouse/ticket.pub",
	    "files with the public keys tickets are checked with, separated by commas"),
	OPTION_STRING(struct store_config, redis_url, "REDIS_URL", NULL,
	    "where changes are told: redis://host:port or unix:///path; unset: sessions poll"),
	OPTION_ENUM(struct store_config, fsync, "STORE_FSYNC", "mail", "mail|always|never",
	    "what is on disk before it is acknowledged: mail (messages), always (flags too) or never"),
	OPTION_SIZE(struct store_config, mailbox_memory, "MAILBOX_MEMORY", "512M", 1 << 20, INT64_MAX,
	    "memory for open mailboxes; those used longest ago are closed when it is exceeded"),
	OPTION_TIME(struct store_config, poll_ms, "POLL_SECONDS", "5s", 100, 3600000,
	    "how often directories are looked at where inotify is not to be had"),
	OPTION_BOOL(struct store_config, subscribe_missing, "SUBSCRIBE_MISSING", "no",
	    "SUBSCRIBE takes names of mailboxes that do not exist, as RFC 9051 allows, instead of answering NO"),
	OPTION_END
};
