/*
 * remove_tree - a directory and all that is in it
 */
#ifndef MAILDIR_REMOVE_TREE_H
#define MAILDIR_REMOVE_TREE_H

/* Symbolic links are removed, not followed. What cannot be removed stays, with a line in the log. */
void remove_tree(int dir, const char *name);

#endif
