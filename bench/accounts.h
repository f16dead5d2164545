/*
 * accounts - which account of the benchmark holds which mail
 *
 * genmail fills the accounts, loadgen logs in to them, and neither is told
 * anything: both read this page. Accounts are user0001@example.test and so on,
 * all with the same password, so one call creates them on any server.
 */
#ifndef BENCH_ACCOUNTS_H
#define BENCH_ACCOUNTS_H

#define ACCOUNT_FORMAT	 "user%04u@example.test"
#define ACCOUNT_PASSWORD "pass"

enum account {
	ACCOUNT_FIRST = 1,
	ACCOUNT_MIX_LAST = 50,		/* 1 to 50: MIX_MESSAGES each          */
	ACCOUNT_APPEND = 101,		/* 101 to 116: empty, for APPEND       */
	ACCOUNT_PLAIN_LAST = 900,	/* 1 to 900: logins and idle sessions  */
	ACCOUNT_TEN = 991,		/* 10,000 messages around 8 KiB        */
	ACCOUNT_HUNDRED = 992,		/* 100,000 messages around 1 KiB       */
	ACCOUNT_FIFTY = 993,		/* one message of 50 MiB               */
	ACCOUNT_POP3 = 994,		/* 1,000 messages around 8 KiB         */
	ACCOUNT_WATCHED = 995,		/* 100 messages, and 200 who watch     */
	ACCOUNT_SHARED = 996,		/* 320 messages: a folder of daily use */
	ACCOUNT_LAST = 1000,
};

#define MIX_MESSAGES	 100
#define TEN_MESSAGES	 10000
#define HUNDRED_MESSAGES 100000
#define POP3_MESSAGES	 1000
#define WATCHED_MESSAGES 100
#define SHARED_MESSAGES	 320
#define FIFTY_BYTES	 (50u << 20)

/* In so many of the 10,000: once plain, once quoted-printable, once base64. */
#define RARE_WORD	"quixotryzeph"
#define RARE_MESSAGES	3

#endif
