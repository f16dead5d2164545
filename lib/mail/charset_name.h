/*
 * charset_name - what the name of a charset means
 *
 * For charset.c alone; others ask charset_family.
 */
#ifndef MAIL_CHARSET_NAME_H
#define MAIL_CHARSET_NAME_H

#include "mail/charset.h"

#define CHARSET_MAX_NAME 40

struct charset {
	enum charset_family family;
	char iconv_name[CHARSET_MAX_NAME + 1];	/* empty: UTF-8, or nothing to ask iconv for */
};

/* By the name alone: iconv may turn out not to know `iconv_name`. */
struct charset charset_named(struct span name);

#endif
