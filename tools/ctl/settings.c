/*
 * settings.c - where posthousectl finds the services, and the key it shows them
 */
#include "tools/ctl/ctl.h"

#define CONFIG struct ctl_config

const struct option_def ctl_options[] = {
	OPTION_STRING(CONFIG, frontends, "FRONTENDS", "ipc:///run/posthouse/frontend/rpc",
	    "LISTEN of the frontends, separated by commas. A name stands for all its addresses."),
	OPTION_STRING(CONFIG, auth, "AUTH", "ipc:///run/posthouse/authsvc/rpc",
	    "LISTEN of authsvc, likewise."),
	OPTION_STRING(CONFIG, stores, "STORES", "store1=ipc:///run/posthouse/storesvc/rpc",
	    "Name and LISTEN of each store: store1=tcp://a:7001,store2=tcp://b:7001."),
	OPTION_STRING(CONFIG, outbox, "OUTBOX", "ipc:///run/posthouse/outboxsvc/rpc",
	    "LISTEN of outboxsvc. Empty: there is none."),
	OPTION_STRING(CONFIG, admin_key, "ADMIN_KEY", "/etc/posthouse/admin.key",
	    "Ed25519 private key, PEM, whose public key is among ADMIN_PUBLIC_KEYS of the services."),
	OPTION_STRING(CONFIG, new_home, "NEW_HOME", "/var/mail/posthouse/%a",
	    "Home of a new account: %a is its name, %u what is before its @ and %d what is after it."),
	OPTION_TIME(CONFIG, timeout, "TIMEOUT", "5s", 100, 3600000,
	    "How long a service may take to answer; checking and rebuilding mailboxes may take longer."),
	OPTION_STRING(CONFIG, tls_cert, "RPC_TLS_CERT", NULL, "Certificate to show to tls+tcp:// services, PEM."),
	OPTION_STRING(CONFIG, tls_key, "RPC_TLS_KEY", NULL, "Its private key, PEM."),
	OPTION_STRING(CONFIG, tls_ca, "RPC_TLS_CA", NULL,
	    "Certificates of the authorities that the services' certificates must come from."),
	OPTION_END
};
