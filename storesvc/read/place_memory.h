/*
 * place_memory - where in a file a client's last slice of it ended
 *
 * Clients fetch big messages in slices: BODY[]<0.65536>, then <65536.65536>.
 * In a file with LF line ends a slice's place can only be found by counting
 * lines from the start, which for all slices together is quadratic. So the
 * last few places are remembered, for the whole process; forgetting one costs
 * a count. A file that changes in any way is another file.
 */
#ifndef READ_PLACE_MEMORY_H
#define READ_PLACE_MEMORY_H

#include "storesvc/read/message_file.h"

/* In the stretch that begins at `begin`, the byte at `disk` is the one at `served`. */
void place_remember(const struct message_file *file, uint64_t begin, uint64_t disk, uint64_t served);

/* Moves *disk and *served to the last place remembered that is not behind `served`, if it is further on. */
void place_recall(const struct message_file *file, uint64_t begin, uint64_t served,
    uint64_t *disk, uint64_t *at_served);

#endif
