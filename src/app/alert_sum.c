/* alert_sum.c - the second half of alert_view.h: what was seen, by track and detector. */
#include "app/alert_view.h"

#include "app/terminal.h"
#include "base/write.h"
#include "goodhart/finding.h"

#include <glib.h>
#include <string.h>

struct gh_alert_sum {
    GHashTable *findings; /* id -> struct seen */
};

struct seen {
    char *track, *detector, *actor;
    double tokens, excess_usd;
    bool reviewable;
};

static void seen_free(gpointer p)
{
    struct seen *seen = p;
    g_free(seen->track);
    g_free(seen->detector);
    g_free(seen->actor);
    g_free(seen);
}

struct gh_alert_sum *gh_alert_sum_new(void)
{
    struct gh_alert_sum *sum = g_new0(struct gh_alert_sum, 1);
    sum->findings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, seen_free);
    return sum;
}

void gh_alert_sum_free(struct gh_alert_sum *sum)
{
    if (!sum)
        return;
    g_hash_table_destroy(sum->findings);
    g_free(sum);
}

void gh_alert_sum_add(struct gh_alert_sum *sum, const struct gh_alert_view *view)
{
    struct seen *seen = g_new0(struct seen, 1);
    seen->track = g_strdup(view->track);
    seen->detector = g_strdup(view->detector);
    seen->actor = g_strdup(view->actor);
    seen->tokens = view->tokens;
    seen->excess_usd = view->excess_cost_usd;
    seen->reviewable = view->reviewable;
    g_hash_table_replace(sum->findings, g_strdup(view->finding), seen);
}

/* Those that concern a person most come first. */
static int track_rank(const char *track)
{
    if (!strcmp(track, gh_track_name(GH_CASE)))
        return 0;
    return strcmp(track, gh_track_name(GH_REVIEW)) ? 2 : 1;
}

static gint seen_compare(gconstpointer left, gconstpointer right)
{
    const struct seen *a = *(struct seen *const *)left, *b = *(struct seen *const *)right;
    const int tracks = track_rank(a->track) - track_rank(b->track);
    const int detectors = strcmp(a->detector, b->detector);
    if (tracks != 0)
        return tracks;
    return detectors != 0 ? detectors : strcmp(a->actor, b->actor);
}

static bool seen_same_row(const struct seen *a, const struct seen *b)
{
    return !strcmp(a->track, b->track) && !strcmp(a->detector, b->detector);
}

enum { SUM_NAMES = 4 };

static void names_print(FILE *out, struct seen *const *row, size_t count)
{
    size_t names = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && !strcmp(row[i]->actor, row[i - 1]->actor))
            continue;
        if (names++ == SUM_NAMES) {
            fputs(", …", out);
            return;
        }
        fputs(names > 1 ? ", " : "", out);
        gh_terminal_text(out, (struct gh_text){row[i]->actor, (uint32_t)strlen(row[i]->actor)});
    }
}

static void column_print(FILE *out, const char *text, size_t width)
{
    const size_t size = strlen(text);
    gh_terminal_text(out, (struct gh_text){text, (uint32_t)size});
    fprintf(out, "%*s", (int)(size < width ? width - size : 0) + 1, "");
}

/* One row: the findings of one detector on one track, ordered by actor. */
static void row_print(FILE *out, struct seen *const *row, size_t count)
{
    double excess_usd = 0;
    size_t actors = 0;
    char money[64];
    struct gh_writer w = gh_writer_on(money, sizeof(money));
    for (size_t i = 0; i < count; i++) {
        actors += i == 0 || strcmp(row[i]->actor, row[i - 1]->actor) != 0;
        excess_usd += row[i]->excess_usd > 0 ? row[i]->excess_usd : 0; /* NAN adds nothing */
    }
    gh_write_money(&w, excess_usd);
    column_print(out, row[0]->track, 9);
    column_print(out, row[0]->detector, 18);
    fprintf(out, "%7zu %9zu %15s  ", actors, count, money);
    names_print(out, row, count);
    fputc('\n', out);
}

static guint reviewable_actors(GPtrArray *all)
{
    GHashTable *actors = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < all->len; i++) {
        struct seen *seen = g_ptr_array_index(all, i);
        if (seen->reviewable)
            g_hash_table_add(actors, seen->actor);
    }
    const guint count = g_hash_table_size(actors);
    g_hash_table_destroy(actors);
    return count;
}

static void rate_print(FILE *out, guint concerned, uint64_t actors)
{
    char text[96];
    struct gh_writer w = gh_writer_on(text, sizeof(text));
    gh_write_count(&w, concerned);
    if (actors > 0) {
        gh_write(&w, " of ");
        gh_write_count(&w, (double)actors);
        gh_write(&w, " (");
        gh_write_percent(&w, (double)concerned / (double)actors);
        gh_write(&w, ")");
    }
    fprintf(out, "actors with a finding to review: %s\n", text);
}

static GPtrArray *sum_values(const struct gh_alert_sum *sum)
{
    GPtrArray *all = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, sum->findings);
    while (g_hash_table_iter_next(&iterator, NULL, &value))
        g_ptr_array_add(all, value);
    return all;
}

void gh_alert_sum_print(const struct gh_alert_sum *sum, uint64_t actors, FILE *out)
{
    GPtrArray *all = sum_values(sum);
    struct seen *const *seen = (struct seen *const *)all->pdata;
    g_ptr_array_sort(all, seen_compare);
    fprintf(out, "%-9s %-18s %7s %9s %15s  %s\n", "track", "detector", "actors", "findings",
            "above expected", "who");
    for (guint i = 0, next; i < all->len; i = next) {
        for (next = i + 1; next < all->len && seen_same_row(seen[i], seen[next]);)
            next++;
        row_print(out, seen + i, next - i);
    }
    rate_print(out, reviewable_actors(all), actors);
    g_ptr_array_unref(all);
}
