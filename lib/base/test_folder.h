/*
 * test_folder - a folder of its own for a test that needs files
 *
 *	static struct test_folder folder;
 *
 *	test_folder_make(&folder);		(in the group's setup)
 *	... folder.path, or test_folder_path(&folder, "name") ...
 *	test_folder_remove(&folder);		(in its teardown)
 */
#ifndef BASE_TEST_FOLDER_H
#define BASE_TEST_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

struct test_folder {
	char path[32];
};

/* 0, or -1 as cmocka's setup functions want it. */
static inline int
test_folder_make(struct test_folder *f)
{
	*f = (struct test_folder){ "/tmp/posthouse-test.XXXXXX" };
	return mkdtemp(f->path) ? 0 : -1;
}

/* A path in the folder. The last few of a file's calls stay as they are. */
static inline char *
test_folder_path(const struct test_folder *f, const char *name)
{
	static char paths[32][128];
	static unsigned next;
	char *path = paths[next++ % 32];

	snprintf(path, sizeof(paths[0]), "%s/%s", f->path, name);
	return path;
}

static inline int
test_folder_unlink(const char *path, const struct stat *info, int kind, struct FTW *at)
{
	(void)info, (void)kind, (void)at;
	return remove(path);
}

static inline int
test_folder_remove(const struct test_folder *f)
{
	return nftw(f->path, test_folder_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
