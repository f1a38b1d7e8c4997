/* changes_inside.h - rows of settings.db, for changes.c and verification. */
#ifndef GOODHART_STORE_CHANGES_INSIDE_H
#define GOODHART_STORE_CHANGES_INSIDE_H

#include "store/changes.h"
#include "store/database.h"

#define GH_CHANGES_FILE "settings.db"

extern const struct gh_database_kind gh_changes_kind;
enum { GH_CHANGES_UP = 1 }; /* statement: ?1: from this number on, ?2: at most */

/* Reads all columns; false: the checksum does not fit them. Texts are the statement's. */
bool gh_change_row(sqlite3_stmt *row, struct gh_kept_change *change);

#endif
