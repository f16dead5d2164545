/*
 * password_strength - how hard a stored form makes it to guess the password
 *
 * For whoever has stolen the table. Higher is harder; forms that are nothing we know, and locked ones, are
 * beyond comparison. What a form costs by its parameters does not count.
 */
#ifndef AUTHSVC_PASSWORD_PASSWORD_STRENGTH_H
#define AUTHSVC_PASSWORD_PASSWORD_STRENGTH_H

#include "base/span.h"

/*
 * Would it be better to have `better` stored? Never in the place of SCRAM's keys: other forms do not serve those who log
 * in by them.
 */
bool password_is_weaker(struct span stored, struct span better);

#endif
