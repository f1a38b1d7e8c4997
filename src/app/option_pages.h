/* option_pages.h - what can be said of options: one as a page or as JSON, all as a schema. */
#ifndef GOODHART_APP_OPTION_PAGES_H
#define GOODHART_APP_OPTION_PAGES_H

#include "app/config.h"
#include "app/config_value.h"

#include <stdio.h>

/* What the range is called: "0..86400 seconds", "true or false". Returns `text`. */
const char *gh_option_range(const struct gh_option *option, char text[GH_PROBLEM_SIZE]);
/* The default as YAML. Returns `text`. */
const char *gh_option_fallback(const struct gh_option *option, char text[GH_CONFIG_PRINT_SIZE]);
/* "at once", "next start", "new log" */
const char *gh_effect_text(enum gh_effect effect);
/* The detector that has the option, or "" when it is nobody's own. */
const char *gh_option_detector(struct gh_option_place place);
/* Whether a team or a role may have a value of its own. */
bool gh_option_for_teams(struct gh_option_place place);

/* One object on one line: name, type, value, default, min, max, unit, help, detector, effect,
 * scopable; `whole`: besides where the value is from, what each layer says, and what teams
 * and roles have. The caller frees it; NULL: no memory. */
char *gh_option_json(const struct gh_config *config, struct gh_option_place place, bool whole);
/* The same for people. */
void gh_option_explain(FILE *out, const struct gh_config *config, struct gh_option_place place);

/* JSON Schema (draft 2020-12) of the configuration file. GH_EMEMORY. */
GH_MUST_USE enum gh_status gh_option_schema(FILE *out, struct gh_error *error);

#endif
