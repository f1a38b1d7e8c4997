/* answer.h - what is said of what was gathered: to people and to machines, with the settings
 * under which it would not have been told. */
#ifndef GOODHART_APP_EXPLAIN_ANSWER_H
#define GOODHART_APP_EXPLAIN_ANSWER_H

#include "app/config.h"
#include "app/explain/explain.h"

/* The nearest value of an option with which it would not have been told. */
struct gh_explain_setting {
    char name[64];
    double now, value;
    bool whole;       /* a switch: 0 off, 1 on */
    bool sure;        /* a direct comparison; else enough, perhaps more than needed */
    const char *note; /* what it leaves, or what it costs */
};
enum { GH_EXPLAIN_SETTINGS_MAX = 8 };
size_t gh_explain_settings(const struct gh_explained *x, const struct gh_config *config,
                           struct gh_explain_setting setting[GH_EXPLAIN_SETTINGS_MAX]);

void gh_explain_print(const struct gh_explained *x, const struct gh_config *config, FILE *out);
/* One line without '\n'; the caller frees it. NULL: out of memory. */
char *gh_explain_json(const struct gh_explained *x, const struct gh_config *config);

#endif
