/* reason.h - why a finding is not the same under other settings, in words: which number crossed
 * which threshold, as far as findings and settings tell. */
#ifndef GOODHART_APP_TUNE_REASON_H
#define GOODHART_APP_TUNE_REASON_H

#include "app/config.h"
#include "app/tune/compare.h"

/* An option of the engine that two configurations have otherwise. A value for a team or a role
 * is one that only the second has. */
struct gh_tune_setting {
    struct gh_option_place place;
    double before, after;
    /* The same where a 0 means "as incident.false_alarms says": what that says. */
    double before_means, after_means;
    const struct gh_config_override *override; /* for a team or role; NULL: for everybody */
};
/* In the order of the options; up to `max` of them into `setting`, returns how many there are.
 * `after` lends what they point to. */
enum { GH_TUNE_SETTINGS_MAX = 32 };
size_t gh_tune_settings(const struct gh_config *before, const struct gh_config *after,
                        struct gh_tune_setting *setting, size_t max);
/* Its "group.option", and a value of it as one would write it. */
enum { GH_TUNE_SETTING_SIZE = 64 };
void gh_tune_setting_name(const struct gh_tune_setting *setting,
                          char name[GH_TUNE_SETTING_SIZE]);
void gh_tune_setting_value(const struct gh_tune_setting *setting, double value,
                           char text[GH_TUNE_SETTING_SIZE]);

enum { GH_TUNE_REASON_SIZE = 256 };
/* `pair` is not GH_TUNE_SAME. No name of a person is in it. */
void gh_tune_reason(const struct gh_tune_pair *pair, const struct gh_tune_setting *setting,
                    size_t count, char text[GH_TUNE_REASON_SIZE]);

#endif
