/* import_logs.h - the part of `goodhart import` for logs of other tools (edge/import/import.h),
 * from the command line to lines on standard output. */
#ifndef GOODHART_APP_IMPORT_LOGS_H
#define GOODHART_APP_IMPORT_LOGS_H

#include "app/command.h"

enum { GH_COMPLAINTS_MAX = 100 };
/* Prints `text` to standard error, or only counts it when there were many. */
void gh_complaint_print(uint64_t *complaints, const char *text);

/* positional[0] is the name of a format, the others are files. */
GH_MUST_USE enum gh_status gh_import_logs(const struct gh_arguments *arguments,
                                          struct gh_error *error);

#endif
