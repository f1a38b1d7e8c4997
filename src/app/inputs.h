/* inputs.h - files of events that a command is to read. */
#ifndef GOODHART_APP_INPUTS_H
#define GOODHART_APP_INPUTS_H

#include "goodhart/error.h"

#include <stddef.h>
#include <stdint.h>

/* Fails before hours of work do, not after: every input must be there; "-" is standard input.
 * Adds up the sizes; a pipe has none, and that of a packed file says nothing: then *total
 * is 0. GH_EIO names the file. */
GH_MUST_USE enum gh_status gh_inputs_check(const char *const *path, size_t count,
                                           uint64_t *total, struct gh_error *error);

#endif
