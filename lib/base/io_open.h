/*
 * io_open - opening files where other people put what they like
 *
 * The owner of a Maildir may put anything under any name, at any time: a FIFO or a device that an open waits for,
 * a symbolic link to a file that is somebody else's, a directory. What is always true of descriptors from here:
 *
 *   - they are of a regular file (io_open_file, io_create_file), or of a directory (io_open_dir)
 *   - opening never waits for another process: neither for the other end of a FIFO nor for the end of a lease
 *   - the last part of the name was no symbolic link; no terminal became ours; exec closes them
 *
 * What is in the file is still its owner's, who may cut or overwrite it at any time: so it is read with pread and
 * never mapped, where a file cut short is a signal that ends the process.
 *
 *	struct status st = io_open_file(dir, "posthouse-index", IO_READ, &fd, &info);
 */
#ifndef BASE_IO_OPEN_H
#define BASE_IO_OPEN_H

#include <sys/stat.h>

#include "base/status.h"

enum io_access {
	IO_READ,		/* must be there                              */
	IO_CHANGE,		/* reading and writing; must be there         */
	IO_APPEND,		/* at its end, and reading; made if not there */
	IO_UPDATE		/* reading and writing; made if not there     */
};

/*
 * A regular file below `dir`, mode 0600 if it is made. *out_info (may be NULL) is what fstat says of it. NOT_FOUND;
 * CORRUPT when something else has that name (logged); others as io_status says.
 */
MUST_USE struct status io_open_file(int dir, const char *name, enum io_access access, int *out_fd,
    struct stat *out_info);

/* A new file, for reading and writing. EXISTS (not logged) when there is anything of that name. */
MUST_USE struct status io_create_file(int dir, const char *name, mode_t mode, int *out_fd);

/* The same for a name of ours that an interrupted writer may have left: that file is removed before. */
MUST_USE struct status io_create_anew(int dir, const char *name, int *out_fd);

/* A directory, for reading; `name` itself is no symbolic link. -1 and errno; not logged. */
MUST_USE int io_open_dir(int dir, const char *name);

#endif
