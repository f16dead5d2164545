/*
 * modules - those linked into authsvc
 */
#ifndef AUTHSVC_MODULES_MODULES_H
#define AUTHSVC_MODULES_MODULES_H

#include "authsvc/module.h"

/* USERDB */
extern const struct auth_module auth_module_userdb;
/* PAM_SERVICE, PAM_CONFDIR, PAM_TIMEOUT, DEFAULT_DOMAIN */
extern const struct auth_module auth_module_pam;

#endif
