/* alert_view.c - see alert_view.h. */
#include "app/alert_view.h"

#include "app/terminal.h"
#include "base/write.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

struct gh_alert_body {
    json_t *root;
};

static const char *member_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static double member_number(const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    return json_is_number(number) ? json_number_value(number) : NAN;
}

/* "dev.goodhart.finding.opened" -> "opened" */
static const char *type_change(const char *type)
{
    const char *dot = strrchr(type, '.');
    return dot ? dot + 1 : type;
}

bool gh_alert_view_read(struct gh_alert_body **body, struct gh_alert_view *view,
                        struct gh_text json)
{
    json_t *root = json_loadb(json.at, json.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *part = json_object_get(root, "data");
    struct gh_alert_body *made = calloc(1, sizeof(*made));
    if (!made || !json_is_object(part) || !member_text(root, "id")[0]) {
        json_decref(root);
        free(made);
        return false;
    }
    made->root = root;
    *body = made;
    *view = (struct gh_alert_view){
        .id = member_text(root, "id"),
        .time = member_text(root, "time"),
        .change = type_change(member_text(root, "type")),
        .finding = member_text(part, "finding"),
        .detector = member_text(part, "detector"),
        .actor = member_text(part, "actor"),
        .team = member_text(part, "team"),
        .severity = member_text(part, "severity"),
        .track = member_text(part, "track"),
        .explanation = member_text(part, "explanation"),
        .question = member_text(part, "question"),
        .tokens = member_number(part, "tokens"),
        .cost_usd = member_number(part, "cost_usd"),
        .excess_tokens = member_number(part, "excess_tokens"),
        .excess_cost_usd = member_number(part, "excess_cost_usd"),
        .reviewable = json_is_true(json_object_get(part, "reviewable")),
    };
    return true;
}

void gh_alert_view_free(struct gh_alert_body *body)
{
    if (body)
        json_decref(body->root);
    free(body);
}

static void text_print(FILE *out, const char *text)
{
    gh_terminal_text(out, (struct gh_text){text, (uint32_t)strlen(text)});
}

static enum gh_colour severity_colour(const char *severity)
{
    if (!strcmp(severity, "critical"))
        return GH_COLOUR_RED;
    return strcmp(severity, "warning") ? GH_COLOUR_CYAN : GH_COLOUR_YELLOW;
}

static void head_print(const struct gh_alert_view *view, FILE *out, bool coloured)
{
    const char *end = gh_terminal_colour(GH_COLOUR_NONE, coloured);
    fputs(gh_terminal_colour(GH_COLOUR_DIM, coloured), out);
    text_print(out, view->time);
    fprintf(out, "%s  %s", end, gh_terminal_colour(severity_colour(view->severity), coloured));
    text_print(out, view->severity);
    fprintf(out, "%s  ", end);
    text_print(out, view->track);
    fputs("  ", out);
    text_print(out, view->detector);
    fprintf(out, "  %s", gh_terminal_colour(GH_COLOUR_BOLD, coloured));
    text_print(out, view->actor);
    fprintf(out, "%s (", end);
    text_print(out, view->team);
    fputs(")  ", out);
    text_print(out, view->change);
    fputc('\n', out);
}

/* "8.4 million tokens, $120.50" */
static void spend_write(struct gh_writer *w, double tokens, double usd)
{
    gh_write_short(w, tokens);
    gh_write(w, " tokens, ");
    gh_write_money(w, usd);
}

static void spend_print(const struct gh_alert_view *view, FILE *out)
{
    char text[256];
    struct gh_writer w = gh_writer_on(text, sizeof(text));
    gh_write(&w, "spent: ");
    spend_write(&w, view->tokens, view->cost_usd);
    gh_write(&w, "; above what was expected: ");
    spend_write(&w, view->excess_tokens, view->excess_cost_usd);
    fprintf(out, "    %s\n", text);
}

void gh_alert_view_print(const struct gh_alert_view *view, FILE *out, bool coloured)
{
    head_print(view, out, coloured);
    if (view->explanation[0]) {
        fputs("    ", out);
        text_print(out, view->explanation);
        fputc('\n', out);
    }
    spend_print(view, out);
    if (view->question[0]) {
        fputs("    ask: ", out);
        text_print(out, view->question);
        fputc('\n', out);
    }
    fputc('\n', out);
}
