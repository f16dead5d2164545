/*
 * modules - those linked into authsvc
 */
#ifndef AUTHSVC_MODULES_MODULES_H
#define AUTHSVC_MODULES_MODULES_H

#include "authsvc/module.h"

extern const struct auth_module auth_module_userdb;	/* USERDB */
extern const struct auth_module auth_module_pam;	/* PAM_SERVICE, PAM_CONFDIR, PAM_TIMEOUT, DEFAULT_DOMAIN */

#endif
