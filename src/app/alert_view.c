/* alert_view.c - see alert_view.h. */
#include "app/alert_view.h"

#include "app/terminal.h"
#include "base/write.h"
#include "edge/alert_members.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

struct gh_alert_body {
    json_t *root;
};

bool gh_alert_view_read(struct gh_alert_body **body, struct gh_alert_view *view,
                        struct gh_text json)
{
    json_t *root = json_loadb(json.at, json.size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *part = json_object_get(root, "data");
    struct gh_alert_body *made = calloc(1, sizeof(*made));
    if (!made || !json_is_object(part) || !gh_member_text(root, "id")[0]) {
        json_decref(root);
        free(made);
        return false;
    }
    made->root = root;
    *body = made;
    *view = (struct gh_alert_view){
        .id = gh_member_text(root, "id"),
        .time = gh_member_text(root, "time"),
        .change = gh_alert_change(gh_member_text(root, "type")),
        .finding = gh_member_text(part, "finding"),
        .detector = gh_member_text(part, "detector"),
        .actor = gh_member_text(part, "actor"),
        .team = gh_member_text(part, "team"),
        .severity = gh_member_text(part, "severity"),
        .track = gh_member_text(part, "track"),
        .explanation = gh_member_text(part, "explanation"),
        .question = gh_member_text(part, "question"),
        .tokens = gh_member_number(part, "tokens"),
        .cost_usd = gh_member_number(part, "cost_usd"),
        .excess_tokens = gh_member_number(part, "excess_tokens"),
        .excess_cost_usd = gh_member_number(part, "excess_cost_usd"),
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
