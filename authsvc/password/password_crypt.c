/*
 * password_crypt.c - crypt(3), whatever the C library's knows
 */
#include <crypt.h>

#include "authsvc/password/password_scheme.h"
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
