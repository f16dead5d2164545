/*
 * banned - functions that this project does without
 *
 * Included before every source file by the Makefile. What to use instead:
 * span and buf for text, span_number for numbers, arena_printf for strings.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define strcpy(...) banned_use_span_or_buf_instead_of_strcpy
#define strcat(...) banned_use_span_or_buf_instead_of_strcat
#define strncpy(...) banned_use_span_or_buf_instead_of_strncpy
#define strncat(...) banned_use_span_or_buf_instead_of_strncat
#define stpcpy(...) banned_use_span_or_buf_instead_of_stpcpy
#define sprintf(...) banned_use_buf_printf_instead_of_sprintf
#define vsprintf(...) banned_use_buf_vprintf_instead_of_vsprintf
#define gets(...) banned_gets
#define strtok(...) banned_use_span_cut_instead_of_strtok
#define atoi(...) banned_use_span_number_instead_of_atoi
#define atol(...) banned_use_span_number_instead_of_atol
#define atoll(...) banned_use_span_number_instead_of_atoll
#define asctime(...) banned_use_strftime_instead_of_asctime
#define ctime(...) banned_use_strftime_instead_of_ctime
#define gmtime(...) banned_use_gmtime_r_instead_of_gmtime
#define localtime(...) banned_use_localtime_r_instead_of_localtime

#endif
