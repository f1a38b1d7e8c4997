/* alert_members.h - members of a published alert, for those who read one back with jansson. */
#ifndef GOODHART_EDGE_ALERT_MEMBERS_H
#define GOODHART_EDGE_ALERT_MEMBERS_H

#include <jansson.h>
#include <math.h>
#include <string.h>

/* "" where there is no such text. */
static inline const char *gh_member_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* NAN where there is no such number. */
static inline double gh_member_number(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    return json_is_number(number) ? json_number_value(number) : NAN;
}

/* "dev.goodhart.finding.opened" -> "opened" */
static inline const char *gh_alert_change(const char *type)
{
    const char *dot = strrchr(type, '.');
    return dot ? dot + 1 : type;
}

#endif
