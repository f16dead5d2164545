/*
 * password_crypt.c - crypt(3), whatever the C library's knows
 */
#include <crypt.h>

#include "authsvc/password/password_scheme.h"
#include "base/hex.h"
#include "base/mem.h"
#include "base/secret.h"

enum password_verdict
password_check_crypt(struct span stored, struct span given)
{
	enum password_verdict verdict = PASSWORD_WRONG;
	struct secret word, form;
	struct crypt_data *work;

	if (password_is_locked(stored) || given.len >= CRYPT_MAX_PASSPHRASE_SIZE)
		return PASSWORD_WRONG;
	secret_init(&word, given);
	secret_init(&form, stored);
	work = mem_zalloc(sizeof(*work));

	const char *made = crypt_r(word.bytes, form.bytes, work);
	if (!made || made[0] == '*')
		verdict = PASSWORD_UNREADABLE;
	else if (secret_eq(span_str(made), stored))
		verdict = PASSWORD_RIGHT;

	secret_wipe(work, sizeof(*work));
	free(work);
	secret_release(&word);
	secret_release(&form);
	return verdict;
}

/* crypt(3) has it as $3$$ and lower case digits. It takes bytes for letters, which is right for ASCII. */
enum password_verdict
password_check_nt(struct span rest, struct span given)
{
	static const char mark[] = "$3$$";
	enum { MARK = sizeof(mark) - 1, DIGITS = 32 };
	char form[MARK + DIGITS];
	unsigned char bytes[DIGITS / 2];

	if (rest.len != DIGITS || !hex_decode(rest, bytes))
		return PASSWORD_UNREADABLE;
	for (size_t i = 0; i < given.len; i++)
		if ((unsigned char)given.at[i] > 0x7f)
			return PASSWORD_WRONG;
	memcpy(form, mark, MARK);
	hex_encode(span_of(bytes, sizeof(bytes)), form + MARK);
	return password_check_crypt(span_of(form, sizeof(form)), given);
}
