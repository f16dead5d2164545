/*
 * pipe_program - a program that answers questions, one at a time
 *
 * It is started once, asked on its standard input and heard on its standard output. An answer is
 * "FAIL", "OK", or lines up to one that is a dot. A program that ends without an answer, says more
 * than there is room for or takes too long is killed and started again for the next question. Whoever
 * finds it busy for long gives up, so that it cannot keep all threads. Thread-safe.
 */
#ifndef AUTHSVC_PIPE_PIPE_PROGRAM_H
#define AUTHSVC_PIPE_PIPE_PROGRAM_H

#include <stdint.h>

#include "base/buf.h"

struct pipe_program;

struct pipe_program *pipe_program_new(const char *path);
void pipe_program_free(struct pipe_program **p);

/* False, logged: there is no answer. `answer` has the limit its caller gave it, and may be written to even then. */
bool pipe_program_ask(struct pipe_program *p, struct span question, int64_t patience_ms, struct buf *answer);

#endif
