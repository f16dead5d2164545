/*
 * password_test.c - stored forms made by others, and our own
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "authsvc/password/password.h"

#include <pthread.h>
#include <stdatomic.h>

#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include "authsvc/password/password_cache.h"
#include "authsvc/password/password_make.h"
#include "authsvc/password/password_scram.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/test.h"

static const char *const stored_by_others[] = {		/* all of "correct horse" */
	"{PLAIN}correct horse",
	"{cleartext}correct horse",
	"{Clear}correct horse",
	"{MD5}PLTnMmMfR+brlh80VUt83g==",
	"{MD5RAW}3cb4e732631f47e6eb961f34554b7cde",
	"{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=",
	"{sha}L55TUjtiq8FBorTWAZ0jy6g129A=",
	"{SSHA}LhKrkM9Fy+zlstjdD7Kv2s6QvhBzYWx0",
	"{SHA256}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=",
	"{SSHA256}YflVcOMs6k7tbGkQbQNVn6/ehAnUAVltiLPKHBWGi2tzYWx0c2FsdA==",
	"{SHA512}VraY3v7bWkNbY0r+MyC7rz/c2SC2xQOkRvx7endrKY1HnRumqLYXgI6wv1ec6aldZoNHvKtxSQhayTyyeZUZew==",
	"{SSHA512}dPLXbt8xn+p/VGfOLsqCNc+dE3wxo2dcOkmlgABC/fiErGLLrMY/HoeZxTuJHRqVLc/vVeJ0iB4m5TAMKoe07nM=",
	"{PBKDF2}$1$abcdefgh$50$e52346fd7dfed283dff9dac29a1055b41d680fb3",
	"$pbkdf2$50$//5zYWx0eQ$jmK9e.T5zxF4Ji8K4K6DxaLoQAc",
	"$pbkdf2-sha256$50$//5zYWx0eQ$c3nn50vdS2xliHg2jUGFAiKZbKBUQgeTHe4B1gCyQgo",
	"$pbkdf2-sha512$50$//5zYWx0eQ$U2PTl58yeWPzPmo14uddaOR1AAJBZwh.ndfzIG7Fy2a4PYwIO0bVwhCFp.zpkCSBiGxsgK"
	    ".bdOwhXBg/nNOQ5g",
	"{SCRAM-SHA-1}64,c2FsdHNhbHQ=,z3A/Yexym/XxwAaIJXczs60g/O0=,f2DF+g34ruw9oa5PHpJoD3OOm6c=",
	"{SCRAM-SHA-256}64,c2FsdHNhbHQ=,qB6R6xRvhRazT3nP37ypQafLDTCbDoG+cwph+XlYRIM=,"
	    "1gVQB4drnKKl4H/9LSt+s3Es5+tkaTzs1RWyA1RABgk=",
	"SCRAM-SHA-256$64:c2FsdHNhbHQ=$qB6R6xRvhRazT3nP37ypQafLDTCbDoG+cwph+XlYRIM=:"
	    "1gVQB4drnKKl4H/9LSt+s3Es5+tkaTzs1RWyA1RABgk=",
	"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$lnizTRNgy0D3lJD4Xlm+A2aXibz3GSvOOHAXUwm1P0Y",
	"{ARGON2ID}$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$lnizTRNgy0D3lJD4Xlm+A2aXibz3GSvOOHAXUwm1P0Y",
	"{argon2i}$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$DT37Hs9xr3SGIjAdR+CxB+DDHM10IAQyJxueKoTOIV8",
	"{ARGON2}$argon2d$v=19$m=64,t=1,p=2$c2FsdHNhbHQ$4Kpt2x/MAPFHHetOkrHvsu1w4z6Dq0Ix3Vd9GiDh9jc",
	"{SHA512-CRYPT}$6$rounds=1000$xHWKfMGteJUDWzVA$9JY6NK7VcRJtO3U4lNRXqX/HTvwZ91NfpOH3aSHfNhQhmHQQf1HngTnjB8R/sc0"
	    "NpaqCHE0WvRy3jLIyfp9Ln1",
	"{SHA256-CRYPT}$5$rounds=1000$S/7Updzj.IFTi3Vy$taEEWepjhBLny8zmwx1xcMYVIBIeF7A6u61aujsdvY8",
	"{BLF-CRYPT}$2y$04$IMISnKfckla.fJM59BKhSuBbxkneAba4hhDS06VvCzNjM0tR0s.H2",
	"{MD5-CRYPT}$1$qVW72I2t$A4eeoSZqgq299ii4ZR.HI/",
	"{DES-CRYPT}Hkgcd8JmYg.mk",
	"{PLAIN-MD5}3cb4e732631f47e6eb961f34554b7cde",
	"{LDAP-MD5}PLTnMmMfR+brlh80VUt83g==",
	"{SMD5}QVRMnmc8LNBjNsoU0wfRGMGuayI=",
	"{SHA1}L55TUjtiq8FBorTWAZ0jy6g129A=",
	"{CRAM-MD5}38b57fd1a0c4b46c814aa05f20318edd71c455380655f2c0ac35c5b359528d29",
	"{PBKDF2}$1$pfV.9PIq0my04v6j$5000$90674756e2172cbe88c91f880f50719e4378827f",
	"abhfCpXqd4GrI",
	"{CRYPT}abhfCpXqd4GrI",
	"$1$abcdefgh$y6iHhJNbuC0xpbk0w9pm80",
	"{crypt}$1$abcdefgh$y6iHhJNbuC0xpbk0w9pm80",
	"$5$rounds=1000$abcdefgh$ue35C0ITbth1b5zVUjrjm2mMmsmMKiodEeH2UV/Hq10",
	"$6$rounds=1000$abcdefgh$DbXqPck5ABZumVXwcH5eMVHsPZwvQ3jylSxpJmKkZVxcoCiC3N0rPerjHmAqL7r6PK6CIeYnO9."
	    "vxpbsevscg/",
	"$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
	"$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
	"$y$j75$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/",
	/* doveadm pw, mkpasswd, slappasswd, openssl passwd, and what PHP and Python applications store */
	"{SHA256.HEX}4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631",
	"{SHA256}4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631",
	"{SHA256.b64}QQTTb42iwlQ0n4WDZ5Pr4CngyVcGOjTJHC6SAxh7VjE=",
	"{SHA.HEX}2f9e53523b62abc141a2b4d6019d23cba835dbd0",
	"{SHA}2F9E53523B62ABC141A2B4D6019D23CBA835DBD0",
	"{SHA512.HEX}56b698defedb5a435b634afe3320bbaf3fdcd920b6c503a446fc7b7a776b298d479d1ba6a8b617808eb0bf57"
	    "9ce9a95d668347bcab7149085ac93cb27995197b",
	"{SHA512}56b698defedb5a435b634afe3320bbaf3fdcd920b6c503a446fc7b7a776b298d479d1ba6a8b617808eb0bf579ce9"
	    "a95d668347bcab7149085ac93cb27995197b",
	"{SSHA256.HEX}4f27e37898b8049d9505a07dae823f8b1b25c88a0f92a75840b93b02fd88822f9517f5cc",
	"{SSHA.hex}0fb868e7b8311078fb1008579287d34284fec9aa2fe1881e",
	"{SSHA512.BASE64}/mhpOBUEgoIC6CnEWqFU5qDqHarr/q+uRFtWtO/6V1MyKLC5hYX3EOftIAQ/nDt0vo9JQ6EKm1ApRooXCyXu"
	    "NqgpjHQ=",
	"{SMD5.HEX}37f1b41c24d04ddcf8d64149b24bec612bd3f0c2",
	"{PLAIN-MD5.B64}PLTnMmMfR+brlh80VUt83g==",
	"{LDAP-MD5.HEX}3cb4e732631f47e6eb961f34554b7cde",
	"{CRAM-MD5.B64}OLV/0aDEtGyBSqBfIDGO3XHEVTgGVfLArDXFs1lSjSk=",
	"{CRAM-MD5}38B57fd1a0c4b46c814aa05f20318edd71c455380655f2c0ac35c5b359528d29",
	"{MD5}$1$afwDi70D$TrsVSVbTx6lmCOSIKzGMa1",
	"{MD5.B64}JDEkWm9aeUxmWGIkbTFOajhpRG05eG1sdkdFbElnNzk1Lg==",
	"{SHA512-CRYPT.B64}JDYkck45a3RjVFhmRjUuN2VsOCRlOEhHNFcvRDEwM0VONGJlbUdKNXpJQmRlWHI0Sy5TaE8ublRlQjB4Nn"
	    "hPT0J6RFFESVpydVNacm8xUWVJM0dxempQdTJ1ZkhQRS9MbFNvTEVyZEhFLg==",
	"{PLAIN.HEX}636f727265637420686f727365",
	"{CLEAR.B64}Y29ycmVjdCBob3JzZQ==",
	"{PBKDF2}$1$LPtb9qIpuCF3Uugm$5000$158950b15964489b7634edc3fa7c501c8208f863",
	"{SCRAM-SHA-1}4096,nH96mlxFLydpLyxgpxURpg==,akPiQ/nmhWXm8llS8BKeg98XxiU=,WoULIyEeaqm0Pq0a6eUz8XBclDk=",
	"{SCRAM-SHA-256}4096,OeiHZ9XHnpOLzGMuKAENxA==,VKRxNp4QLu65esTbXjJDoTavZ54KJxsOETRyD/p8iUk=,Sy+EQmjKJc"
	    "+vtyD2E/jf8rZtA7gsmdFOVc1lo2pLLGM=",
	"{CRYPT}$2y$05$wD/SS36d908t6U1FeZVo1esP2FL00NbfqEObXpLXFcSSTLdZR0HtG",
	"{NT}cfc43211ba8dc470832267827cac1407",
	"{NTLM}CFC43211BA8DC470832267827CAC1407",
	"{NT.B64}z8QyEbqNxHCDImeCfKwUBw==",
	"$3$$cfc43211ba8dc470832267827cac1407",
	"{CRYPT}$y$j9T$/dQo67lPsu4ppkLeET2kt.$W8FKUhYJiEP333o14ddXIa5r3XEJ7OG6y1XUjJGozzA",
	"$gy$j9T$CiTMKgDsJ.inTqlewQ2QY1$a7Yk2VSgkF8naRDuPRuy4iNUpYQLSxVHfbx4MSDvaD9",
	"$7$CU..../....xWGH2YJioD.99W/1zr4Dc/$BAElkysU.QMX1af5t4/x7YNuBb9SrIacbs5N1o808R/",
	"$2a$05$KY8IaSHHOa4Wsf.By6Z/JustUD6FwgFD0VRQkoyWyz0G1Cr669CZG",
	"$md5,rounds=67388$jGYKZdKu$$4ch5cLaMGtn0g1vJZBbA./",
	"_J9..ymJLRtF8.ljA.Qg",
	"{SSHA}HI6ctYbfrzI4T19IRLK/aTgAWK/L8/bq",
	"$5$se8v4kw13FFS1R/7$nQvh/sMgAO6VtyzWubyEJsUlaKaML92YKzSh9tKdbFA",
	"bcrypt$$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
	"argon2$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$lnizTRNgy0D3lJD4Xlm+A2aXibz3GSvOOHAXUwm1P0Y",
	"$P$BabcdefghKfdE7H4Uy7ajxpijsjAJW0",
	"$H$9saltsaltoOYGA0TbwROeAx3OxiKY5/",
	"pbkdf2_sha1$1000$seasalt$iQvkNOF1wEL4Khh8eogJ8rUhipM=",
	"pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
	"{PBKDF2-SHA1}1000$c2FsdHNhbHRzYWx0c2FsdA$EUcKisx.yviAqdTmlEPmy.5ykUU",
	"{PBKDF2-SHA256}1000$c2FsdHNhbHRzYWx0c2FsdA$BBs.1.PaslLtBPULUr8/lQicvVuHiEPMz0i8MjLCbzM",
	"{PBKDF2-SHA512}1000$c2FsdHNhbHRzYWx0c2FsdA$EHLBej.uEvxlmr0QnHnceg1vM6h1wbwSP5XErh3SmizNDWZsIi28RPGAR"
	    "e0EssjGRoiACzxgHjNvqwJY1zxKig",
	"{PBKDF2}1000$c2FsdHNhbHRzYWx0c2FsdA$EUcKisx.yviAqdTmlEPmy.5ykUU",
	"{SHA384}ArIKby67E2Cppg9M+QhXNj7UGcAisSFWfOX5HG45Zk+3j9YCNMSli1v8cUWumDKS",
	"{SSHA384}arqI2tYcglPTZ0mg6pcQ1y5KTFxuekLQsW7JhjKsaWZduNdfgx0H7SSYv1qF368Uc2FsdA==",
	"{MD5}3cb4e732631f47e6eb961f34554b7cde",
	"{MD5.HEX}3CB4E732631F47E6EB961F34554B7CDE",
	"{MD5RAW}PLTnMmMfR+brlh80VUt83g==",
};

static void
test_what_others_stored(void **state)
{
	static const char *const wrong[] = { "", "correct", "Correct horse", "corrext horse", "horse" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(stored_by_others); i++) {
		struct span stored = span_str(stored_by_others[i]);
		if (password_check(stored, SPAN_LIT("correct horse")) != PASSWORD_RIGHT)
			fail_msg("%s: the right password is refused", stored.at);
		for (size_t w = 0; w < COUNT_OF(wrong); w++)
			if (password_check(stored, span_str(wrong[w])) != PASSWORD_WRONG)
				fail_msg("%s: \"%s\" is not refused", stored.at, wrong[w]);
		/* C strings end there, and HMAC pads its keys with it. */
		if (password_check(stored, SPAN_LIT("correct horse\0")) != PASSWORD_WRONG)
			fail_msg("%s: a NUL ends the password", stored.at);
	}
}

static void
test_locked(void **state)
{
	static const char *const locked[] = { "", "*", "!", "!$6$s$h", "x", "{CRYPT}*", "{blf-crypt}!$2y$x", "{CRYPT}" };
	static const char *const open[] = { "$6$s$h", "{PLAIN}*", "{CRYPT}$6$s$h", "xx", "{SHA}!", "{NOSUCH}*" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(locked); i++)
		assert_true(password_is_locked(span_str(locked[i])));
	for (size_t i = 0; i < COUNT_OF(open); i++)
		assert_false(password_is_locked(span_str(open[i])));
}

/* An account whose password is nothing has none: neither "" nor what SASLprep makes "" of opens it. */
static void
test_no_password_is_never_right(void **state)
{
	static const char *const of_nothing[] = {
		"{PLAIN}", "{CLEAR}", "{cleartext}", "{MD5}1B2M2Y8AsgTpgAmY7PhCfg==", "{PLAIN-MD5}d41d8cd98f00b204e9800998ecf8427e",
		"{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "{SHA256}47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"{CRAM-MD5}00747cf2ffaf11c5ea4a64979c3901fc1d20dee13f480bb598f7d8575b23e61b",
		"$1$to/4z4N8$qH8uoGwKCVaENKBhexyRr1", "{CRYPT}$1$to/4z4N8$qH8uoGwKCVaENKBhexyRr1",
		"$2b$05$XpF6mjN62Z6Cy0jrDPJuWucpeaxpiCeKj3GPzrlEXnnxnJNE5HrRe",
		"$y$j9T$I5ll02gcBNbQelICqpq1Q0$aNfdewRncAh.AqW9o4lozDb2H3Lpnr3NTw0.NI30O50",
	};
	const char *scram;
	struct arena a;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(of_nothing); i++)
		if (password_check(span_str(of_nothing[i]), SPAN_LIT("")) == PASSWORD_RIGHT)
			fail_msg("%s: no password is right", of_nothing[i]);
	arena_init(&a, 0);
	scram = password_make_scram(&a, "SHA256", SPAN_LIT(""));
	assert_int_equal(password_check(span_str(scram), SPAN_LIT("")), PASSWORD_WRONG);
	assert_int_equal(password_check(span_str(scram), SPAN_LIT("\xc2\xad")), PASSWORD_WRONG);	/* a soft hyphen */
	for (const char *const *scheme = password_schemes(); *scheme; scheme++)
		assert_int_equal(password_make(&a, *scheme, SPAN_LIT(""), &scram).code, STATUS_INVALID);
	arena_release(&a);
}

/* A client sends what SASLprep makes of a password; gsasl --mkpasswd stored it so. */
static void
test_scram_prepares_passwords(void **state)
{
	struct span stored = SPAN_LIT("{SCRAM-SHA-256}64,c2FsdHNhbHQ=,9cgtMHiptumxxGHtXazaDnuhDyALPZ4+b1COokKLyJU=,"
	    "mAeHzoEbKmSNst9HOSw8sKlE69Br5ZegUK86FAZTMrI=");

	(void)state;
	assert_int_equal(password_check(stored, SPAN_LIT("s\xc3\xbc\xc3\x9f\xc2\xa0""1")), PASSWORD_RIGHT);
	assert_int_equal(password_check(stored, SPAN_LIT("s\xc3\xbc\xc3\x9f 1")), PASSWORD_RIGHT);
	assert_int_equal(password_check(stored, SPAN_LIT("s\xff")), PASSWORD_WRONG);	/* is no UTF-8 */
}

static void
test_odd_stored_forms(void **state)
{
	static const struct { const char *stored; enum password_verdict verdict; } rows[] = {
		{ "", PASSWORD_WRONG },
		{ "*", PASSWORD_WRONG },
		{ "!", PASSWORD_WRONG },
		{ "!$6$salt$hash", PASSWORD_WRONG },
		{ "x", PASSWORD_WRONG },
		{ "*0", PASSWORD_WRONG },
		{ "{CRYPT}*", PASSWORD_WRONG },
		{ "{BLF-CRYPT}!$2y$04$x", PASSWORD_WRONG },
		{ "{CRAM-MD5}38b57fd1", PASSWORD_UNREADABLE },
		{ "{NOSUCH}abc", PASSWORD_UNREADABLE },
		{ "{SHA}", PASSWORD_UNREADABLE },
		{ "{SHA}L55TUjtiq8FBorTWAZ0jy6g1", PASSWORD_UNREADABLE },
		{ "{SHA}*55TUjtiq8FBorTWAZ0jy6g129A=", PASSWORD_UNREADABLE },
		{ "{MD5}LhKrkM9Fy+zlstjdD7Kv2s6QvhBzYWx0", PASSWORD_UNREADABLE },
		{ "{MD5RAW}3cb4e732631f47e6eb961f34554b7cd", PASSWORD_UNREADABLE },
		{ "{PBKDF2}$1$abcdefgh$0$e52346fd7dfed283dff9dac29a1055b41d680fb3", PASSWORD_UNREADABLE },
		{ "{PBKDF2}$1$abcdefgh$99999999999$e52346fd7dfed283dff9dac29a1055b41d680fb3",
		    PASSWORD_UNREADABLE },
		{ "{PBKDF2}", PASSWORD_UNREADABLE },
		{ "$pbkdf2-sha256$", PASSWORD_UNREADABLE },
		{ "$pbkdf2-sha256$50$//5zYWx0eQ$", PASSWORD_UNREADABLE },
		{ "{SCRAM-SHA-1}", PASSWORD_UNREADABLE },
		{ "{SCRAM-SHA-1}0,c2FsdA==,z3A/Yexym/XxwAaIJXczs60g/O0=,f2DF+g34ruw9oa5PHpJoD3OOm6c=",
		    PASSWORD_UNREADABLE },
		{ "{SCRAM-SHA-1}99999999,c2FsdA==,z3A/Yexym/XxwAaIJXczs60g/O0=,f2DF+g34ruw9oa5PHpJoD3OOm6c=",
		    PASSWORD_UNREADABLE },
		{ "{SCRAM-SHA-1}64,,z3A/Yexym/XxwAaIJXczs60g/O0=,f2DF+g34ruw9oa5PHpJoD3OOm6c=", PASSWORD_UNREADABLE },
		{ "{SCRAM-SHA-256}64,c2FsdA==,z3A/Yexym/XxwAaIJXczs60g/O0=,f2DF+g34ruw9oa5PHpJoD3OOm6c=",
		    PASSWORD_UNREADABLE },
		{ "{SCRAM-SHA-1}64,c2FsdA==,z3A/Yexym/XxwAaIJXczs60g/O0=", PASSWORD_UNREADABLE },
		{ "$argon2", PASSWORD_UNREADABLE },
		{ "{ARGON2ID}", PASSWORD_UNREADABLE },
		{ "{ARGON2ID}$6$salt$hash", PASSWORD_UNREADABLE },
		{ "$argon2id$v=19$m=9999999,t=1,p=1$c2FsdHNhbHQ$lnizTRNgy0D3lJD4Xlm+A2aXibz3GSvOOHAXUwm1P0Y",
		    PASSWORD_UNREADABLE },
		{ "$argon2id$v=19$m=64,t=1$c2FsdHNhbHQ$lnizTRNgy0D3lJD4Xlm+A2aXibz3GSvOOHAXUwm1P0Y",
		    PASSWORD_UNREADABLE },
		{ "$argon2id$v=19$m=64,t=1,p=1,x=9$c2FsdHNhbHQ$lnizTRNgy0D3lJD4Xlm+A2aXibz3GSvOOHAXUwm1P0Y",
		    PASSWORD_UNREADABLE },
		{ "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$lnizTRNgy0D3lJD4", PASSWORD_WRONG },
		{ "$99$unknown$hash", PASSWORD_UNREADABLE },
		{ "{SHA256.ROT13}4104", PASSWORD_UNREADABLE },
		{ "{SHA256.}4104", PASSWORD_UNREADABLE },
		{ "{SHA256.HEX}4104d3", PASSWORD_UNREADABLE },
		{ "{SHA256.HEX}xx04d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631", PASSWORD_UNREADABLE },
		{ "{CRYPT.HEX}21", PASSWORD_WRONG },		/* "!" */
		{ "{PLAIN.HEX}", PASSWORD_WRONG },
		{ "{NT}cfc43211ba8dc470832267827cac14", PASSWORD_UNREADABLE },
		{ "$P$", PASSWORD_UNREADABLE },
		{ "$P$zabcdefgh0123456789012345678901", PASSWORD_UNREADABLE },
		{ "pbkdf2_sha256$0$seasalt$xxxx", PASSWORD_UNREADABLE },
		{ "pbkdf2_sha256$1000$seasalt$AAAA", PASSWORD_UNREADABLE },	/* three bytes are no hash */
		{ "{SHA256", PASSWORD_UNREADABLE },
		{ "{}x", PASSWORD_UNREADABLE },
		{ "{PLAIN}", PASSWORD_WRONG },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (password_check(span_str(rows[i].stored), SPAN_LIT("pass")) != rows[i].verdict)
			fail_msg("%s", rows[i].stored);
}

/* The log may name the scheme, and nothing else of a stored form. */
static void
test_names_of_schemes(void **state)
{
	static const struct { const char *stored, *name; } rows[] = {
		{ "{ROT13}k", "{ROT13}" }, { "{SHA256.ROT13}x", "{SHA256.ROT13}" }, { "$99$unknown0123456789hash", "$99$" },
		{ "secret", "" }, { "{secret", "" }, { "{se cret}x", "" }, { "$ecret$", "" }, { "$ecret$1", "" }, { "pa$$word", "" },
		{ "", "" }, { "{}", "" }, { "abhfCpXqd4GrI", "" }, { "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_true(span_eq(password_scheme_name(span_str(rows[i].stored)), span_str(rows[i].name)));
}

static void
test_made_here_is_right_here(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	for (const char *const *scheme = password_schemes(); *scheme; scheme++) {
		const char *stored, *again;
		if (strncmp(*scheme, "hmac-", 5) == 0)
			continue;
		assert_true(status_ok(password_make(&a, *scheme, SPAN_LIT("s\xc3\xbc\xc3\x9f 1"), &stored)));
		if (password_check(span_str(stored), SPAN_LIT("s\xc3\xbc\xc3\x9f 1")) != PASSWORD_RIGHT)
			fail_msg("%s made %s and does not take it", *scheme, stored);
		assert_int_equal(password_check(span_str(stored), SPAN_LIT("other")), PASSWORD_WRONG);
		if (strcmp(*scheme, "plain") == 0 || strcmp(*scheme, "sha256") == 0 ||
		    strcmp(*scheme, "sha1") == 0)
			continue;
		assert_true(status_ok(password_make(&a, *scheme, SPAN_LIT("s\xc3\xbc\xc3\x9f 1"), &again)));
		assert_string_not_equal(stored, again);		/* salted */
	}
	const char *out;
	assert_int_equal(password_make(&a, "rot13", SPAN_LIT("x"), &out).code, STATUS_INVALID);
	assert_int_equal(password_make(&a, "sha512", SPAN_LIT("a\0b"), &out).code, STATUS_INVALID);
	assert_int_equal(password_make(&a, "plain", SPAN_LIT("a|b"), &out).code, STATUS_INVALID);
	arena_release(&a);
}

/* Finish an HMAC from the stored states, as a CRAM exchange will. */
static void
finish(const char *hash, const unsigned char *states, struct span challenge, unsigned char *out)
{
	unsigned char inner[32];
	int len = strcmp(hash, "hmac-md5") == 0 ? 16 : strcmp(hash, "hmac-sha1") == 0 ? 20 : 32;

	for (int pass = 1; pass >= 0; pass--) {
		const unsigned char *s = states + pass * len, *data = pass ? (const void *)challenge.at : inner;
		size_t data_len = pass ? challenge.len : (size_t)len;
		unsigned char *to = pass ? inner : out;
		unsigned int be[8], le[8];
		for (int i = 0; i < len / 4; i++) {
			be[i] = (unsigned)s[4*i] << 24 | (unsigned)s[4*i+1] << 16 | (unsigned)s[4*i+2] << 8 | s[4*i+3];
			le[i] = __builtin_bswap32(be[i]);
		}
		if (len == 16) {
			MD5_CTX c = { .A = le[0], .B = le[1], .C = le[2], .D = le[3], .Nl = 512 };
			MD5_Update(&c, data, data_len);
			MD5_Final(to, &c);
		} else if (len == 20) {
			SHA_CTX c = { .h0 = be[0], .h1 = be[1], .h2 = be[2], .h3 = be[3], .h4 = be[4], .Nl = 512 };
			SHA1_Update(&c, data, data_len);
			SHA1_Final(to, &c);
		} else {
			SHA256_CTX c = { .Nl = 512, .md_len = 32 };
			memcpy(c.h, be, sizeof(c.h));
			SHA256_Update(&c, data, data_len);
			SHA256_Final(to, &c);
		}
	}
}

static void
test_hmac_forms_finish_as_hmac(void **state)
{
	static const struct { const char *scheme; const EVP_MD *(*md)(void); int len; } rows[] = {
		{ "hmac-md5", EVP_md5, 16 }, { "hmac-sha1", EVP_sha1, 20 }, { "hmac-sha256", EVP_sha256, 32 },
	};
	struct span challenge = SPAN_LIT("<1896.697170952@postoffice.example.test>");
	char long_one[100];
	struct arena a;

	(void)state;
	memset(long_one, 'k', sizeof(long_one));
	struct span passwords[] = { SPAN_LIT("tanstaaftanstaaf"), span_of(long_one, sizeof(long_one)) };
	arena_init(&a, 0);
	for (size_t i = 0; i < COUNT_OF(rows) * 2; i++) {
		unsigned char states[64], made[32], expected[64];
		struct span password = passwords[i % 2];
		const char *hex;
		assert_true(status_ok(password_make(&a, rows[i / 2].scheme, password, &hex)));
		assert_int_equal(strlen(hex), 4 * rows[i / 2].len);
		assert_true(hex_decode(span_str(hex), states));
		finish(rows[i / 2].scheme, states, challenge, made);
		HMAC(rows[i / 2].md(), password.at, (int)password.len, (const unsigned char *)challenge.at,
		    challenge.len, expected, NULL);
		assert_memory_equal(made, expected, rows[i / 2].len);
	}
	/* Dovecot stores the same under {CRAM-MD5}. */
	const char *hex;
	assert_true(status_ok(password_make(&a, "hmac-md5", SPAN_LIT("tanstaaftanstaaf"), &hex)));
	assert_string_equal(hex, 
	    "d06d4e1b26fccaa4b0b61801132340a354b21152711fb604ca3e035e7015116b");
	arena_release(&a);
}

#define SLOW "$6$rounds=1000$abcdefgh$DbXqPck5ABZumVXwcH5eMVHsPZwvQ3jylSxpJmKkZVxcoCiC3N0rPerjHmAqL7r6PK6CIeYnO9." \
	"vxpbsevscg/"

static enum password_verdict
ask(struct password_cache *c, const char *account, const char *stored, const char *given, int64_t now)
{
	return password_cache_check(c, span_str(account), span_str(stored), span_str(given), now);
}

static void
test_the_cache_knows_only_what_was_right(void **state)
{
	struct password_cache *c = password_cache_new(1000);
	const char *other = "$1$abcdefgh$y6iHhJNbuC0xpbk0w9pm80";

	(void)state;
	assert_int_equal(ask(c, "alice", SLOW, "wrong", 0), PASSWORD_WRONG);
	assert_int_equal(ask(c, "alice", SLOW, "correct horse", 0), PASSWORD_RIGHT);
	for (int64_t now = 0; now < 2000; now += 500) {
		assert_int_equal(ask(c, "alice", SLOW, "correct horse", now), PASSWORD_RIGHT);
		assert_int_equal(ask(c, "alice", SLOW, "correct horsf", now), PASSWORD_WRONG);
		/* Bytes that move between account and hash, or hash and password, are another triple. */
		assert_int_equal(ask(c, "alice$", &SLOW[1], "correct horse", now), PASSWORD_UNREADABLE);
		assert_int_equal(ask(c, "alice", other, "wrong", now), PASSWORD_WRONG);
	}
	password_cache_free(&c);
	assert_null(c);
}

static void
test_the_cache_saves_the_work(void **state)
{
	/* 200 rounds of this take seconds; 200 look-ups in the cache do not take one of them. */
	const char *slow = "{PLAIN}unused";
	struct password_cache *c = password_cache_new(600000);
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_true(status_ok(password_make(&a, "sha512", SPAN_LIT("pass"), &slow)));
	int64_t begun = clock_mono_ms();
	assert_int_equal(ask(c, "alice", slow, "pass", 0), PASSWORD_RIGHT);
	int64_t once = clock_mono_ms() - begun;
	begun = clock_mono_ms();
	for (int i = 0; i < 200; i++)
		assert_int_equal(ask(c, "alice", slow, "pass", 1), PASSWORD_RIGHT);
	assert_true(clock_mono_ms() - begun < 100 * (once + 1));
	arena_release(&a);
	password_cache_free(&c);
}

struct crowd {
	struct password_cache *c;
	atomic_int wrong;
};

static void *
crowd_member(void *arg)
{
	struct crowd *crowd = arg;
	char name[16];

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "user%d", i % 8);
		if (ask(crowd->c, name, SLOW, "correct horse", i) != PASSWORD_RIGHT ||
		    ask(crowd->c, name, SLOW, "incorrect", i) != PASSWORD_WRONG)
			crowd->wrong++;
	}
	return NULL;
}

static void
test_many_threads_share_a_cache(void **state)
{
	struct crowd crowd = { .c = password_cache_new(1000) };
	pthread_t thread[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, crowd_member, &crowd), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(crowd.wrong, 0);
	password_cache_free(&crowd.c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_others_stored),
		cmocka_unit_test(test_odd_stored_forms),
		cmocka_unit_test(test_locked),
		cmocka_unit_test(test_names_of_schemes),
		cmocka_unit_test(test_no_password_is_never_right),
		cmocka_unit_test(test_scram_prepares_passwords),
		cmocka_unit_test(test_made_here_is_right_here),
		cmocka_unit_test(test_hmac_forms_finish_as_hmac),
		cmocka_unit_test(test_the_cache_knows_only_what_was_right),
		cmocka_unit_test(test_the_cache_saves_the_work),
		cmocka_unit_test(test_many_threads_share_a_cache),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
