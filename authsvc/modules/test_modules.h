/*
 * test_modules - where a test finds the modules it was built with
 */
#ifndef AUTHSVC_MODULES_TEST_MODULES_H
#define AUTHSVC_MODULES_TEST_MODULES_H

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/span.h"

/* For AUTH_MODULE_DIR. A test is BUILD/test/FOLDER/NAME, a module BUILD/lib/posthouse/auth-NAME.so. */
static inline const char *
test_modules_dir(void)
{
	static char dir[PATH_MAX];
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	program[n > 0 ? n : 0] = '\0';
	char *at = strstr(program, "/test/authsvc/");
	snprintf(dir, sizeof(dir), "%.*s/lib/posthouse", at ? (int)(at - program) : 0, program);
	return dir;
}

#endif
