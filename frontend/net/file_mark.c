#include "frontend/net/file_mark.h"

struct file_mark
file_mark_of(const char *file)
{
	struct stat st;
	if (stat(file, &st) < 0)
		return (struct file_mark){ 0 };
	return (struct file_mark){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
}

bool
file_mark_changed(struct file_mark *mark, const char *file)
{
	struct file_mark now = file_mark_of(file);
	bool same = now.device == mark->device && now.inode == mark->inode && now.size == mark->size
	    && now.changed.tv_sec == mark->changed.tv_sec && now.changed.tv_nsec == mark->changed.tv_nsec;
	*mark = now;
	return !same;
}
