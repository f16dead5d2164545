/*
 * frontend_options - the frontend's settings, beside those every service has
 */
#include "frontend/frontend.h"

#define CONFIG struct frontend_config
#define MIB (1024 * 1024)

const struct option_def frontend_options[] = {
	OPTION_STRING(CONFIG, imap_listen, "IMAP_LISTEN", "0.0.0.0:143,[::]:143",
	    "addresses for IMAP, plaintext with STARTTLS; empty: none"),
	OPTION_STRING(CONFIG, imaps_listen, "IMAPS_LISTEN", "0.0.0.0:993,[::]:993",
	    "addresses for IMAP over TLS; empty: none"),
	OPTION_STRING(CONFIG, pop3_listen, "POP3_LISTEN", "", "addresses for POP3; empty: none"),
	OPTION_STRING(CONFIG, pop3s_listen, "POP3S_LISTEN", "", "addresses for POP3 over TLS; empty: none"),
	OPTION_BOOL(CONFIG, listen_shared, "LISTEN_SHARED", "no",
	    "Whether other frontends of the same user on this host may listen at the same addresses, and take their\n"
	    "share of the clients. With no, an address that is in use is an error at the start."),
	OPTION_STRING(CONFIG, auth, "AUTH", "ipc:///run/posthouse/authsvc/rpc",
	    "addresses of authsvc, separated by commas"),
	OPTION_STRING(CONFIG, stores, "STORES", "store1=ipc:///run/posthouse/storesvc/rpc",
	    "name and address of each store: store1=tcp://a:7001,store2=tcp://b:7001;\n"
	    "an address without a name is one more of the store before it"),
	OPTION_STRING(CONFIG, redis_url, "REDIS_URL", "",
	    "where changes are announced: redis://host:port or unix:///path; empty: frontends poll"),
	OPTION_STRING(CONFIG, tls.certfile, "TLS_CERTFILE", "",
	    "PEM files with our certificates and their chains, separated by commas: the first is for everybody, the others\n"
	    "for the names they are made out to. FILE.host.name beside one is for that name, FILE.192.0.2.1 for that\n"
	    "address of ours, FILE.ocsp is stapled. Empty: no TLS"),
	OPTION_STRING(CONFIG, tls.private_keyfile, "TLS_PRIVATE_KEYFILE", "",
	    "PEM files with their keys, in the same order; empty: they are in TLS_CERTFILE"),
	OPTION_STRING(CONFIG, tls.ocsp_file, "TLS_OCSP_FILE", "",
	    "OCSP response (DER) to be stapled to the first of TLS_CERTFILE; empty: FILE.ocsp, if there is one"),
	OPTION_STRING(CONFIG, tls.protocol, "TLS_PROTOCOL", "TLSv1.2",
	    "oldest version of TLS: TLSv1.2 or TLSv1.3; TLSv1 and TLSv1.1 also need @SECLEVEL=0 in TLS_CIPHER_LIST"),
	OPTION_STRING(CONFIG, tls.cipher_list, "TLS_CIPHER_LIST", "ECDHE+AESGCM:ECDHE+CHACHA20",
	    "ciphers of TLS 1.2, as openssl-ciphers(1) has them"),
	OPTION_STRING(CONFIG, tls.ciphersuites, "TLS_CIPHERSUITES", "", "those of TLS 1.3; empty: the library's"),
	OPTION_STRING(CONFIG, tls.groups, "TLS_GROUPS", "X25519:P-256:P-384",
	    "groups for the exchange of keys, the best first; empty: the library's"),
	OPTION_STRING(CONFIG, tls.ticket_keys, "TLS_TICKET_KEYS", "",
	    "file with keys of session tickets, the same for all frontends: a line from `openssl rand -hex 80` each,\n"
	    "the first encrypts; empty: keys of this process, changed every few hours"),
	OPTION_ENUM(CONFIG, tls.verifypeer, "TLS_VERIFYPEER", "NONE", "NONE|PEER|REQUIREPEER",
	    "ask clients for a certificate: no, yes, or serve nobody without one"),
	OPTION_STRING(CONFIG, tls.trustcerts, "TLS_TRUSTCERTS", "",
	    "authorities of clients' certificates: PEM file, or directory with hashed names; empty: the system's"),
	OPTION_STRING(CONFIG, tls.external, "TLS_EXTERNAL", "",
	    "field of a client certificate's subject that names the account, as emailaddress or commonname;\n"
	    "empty: none does"),
	OPTION_STRING(CONFIG, proxy_networks, "PROXY_NETWORKS", "",
	    "networks of proxies, as 10.0.0.0/8,2001:db8::/64: what comes from there must begin with a PROXY\n"
	    "header (version 1 or 2), which tells the client's address; empty: none"),
	OPTION_TIME(CONFIG, proxy_timeout, "PROXY_TIMEOUT", "5s", 100, 600000, "time for that header to come"),
	OPTION_STRING(CONFIG, imap_namespace_prefix, "IMAP_NAMESPACE_PREFIX", "",
	    "what stands before the names of folders other than INBOX: INBOX. as Courier does, or nothing"),
	OPTION_STRING(CONFIG, imap_separator, "IMAP_SEPARATOR", "/", "between the levels of a folder's name: / or ."),
	OPTION_BOOL(CONFIG, allow_plaintext, "ALLOW_PLAINTEXT", "no",
	    "accept passwords without TLS from other machines"),
	OPTION_INT(CONFIG, loops, "LOOPS", "0", 0, 256, "threads that serve connections; 0: one per core"),
	OPTION_TIME(CONFIG, idle_keepalive, "IDLE_KEEPALIVE", "2m", 1000, 3600000,
	    "an idling client hears from us at least this often"),
	OPTION_TIME(CONFIG, login_timeout, "LOGIN_TIMEOUT", "60s", 1000, 3600000, "time to log in"),
	OPTION_TIME(CONFIG, handshake_timeout, "TLS_HANDSHAKE_TIMEOUT", "15s", 100, 3600000,
	    "time for a TLS handshake"),
	OPTION_TIME(CONFIG, idle_timeout, "IDLE_TIMEOUT", "30m", 1000, 86400000,
	    "a client that is silent for that long is logged out, unless it is in IDLE"),
	OPTION_TIME(CONFIG, store_wait, "STORE_WAIT", "60s", 100, 3600000,
	    "how long a command waits for a service that is away"),
	OPTION_SIZE(CONFIG, max_line, "MAX_LINE", "64K", 1024, 16 * MIB,
	    "longest command, literals other than messages included"),
	OPTION_SIZE(CONFIG, max_message, "MAX_MESSAGE", "64M", 1024, 2047LL * MIB, "largest message to be stored"),
	OPTION_INT(CONFIG, max_per_ip, "MAXPERIP", "0", 0, 10000000,
	    "connections from one address (IPv6: from one /64), over all frontends that share REDIS_URL; 0: no limit"),
	OPTION_INT(CONFIG, max_per_user, "MAXPERUSER", "0", 0, 10000000,
	    "connections of one account, over all frontends that share REDIS_URL; 0: no limit"),
	OPTION_STRING(CONFIG, access_file, "ACCESSFILE", "",
	    "file, or directory of files, that says which networks may connect and how often, in the form of\n"
	    "Courier's imapaccess; empty: all may"),
	OPTION_TIME(CONFIG, pop3_login_delay, "POP3_LOGIN_DELAY", "0", 0, 86400000,
	    "time that must pass between two POP3 logins of an account; CAPA says it. 0: none"),
	OPTION_INT(CONFIG, max_connections, "MAXCONNECTIONS", "0", 0, 10000000,
	    "connections in all; 0: what file descriptors allow"),
	OPTION_INT(CONFIG, max_calls, "MAX_CALLS", "5000", 0, 10000000,
	    "calls that wait for other services: while there are more, new connections are turned away; 0: no limit"),
	OPTION_SIZE(CONFIG, max_memory, "MAX_MEMORY", "0", 0, INT64_MAX,
	    "the same for this process's memory; 0: nine tenths of what its control group (v2) may have"),
	OPTION_INT(CONFIG, max_handshakes, "MAX_HANDSHAKES", "4000", 0, 10000000,
	    "TLS handshakes at the same time on ports that begin with TLS; one more is closed at once; 0: no limit"),
	OPTION_INT(CONFIG, max_bad_commands, "MAX_BAD_COMMANDS", "20", 1, 10000,
	    "invalid commands in a row after which a client is disconnected"),
	OPTION_END
};
