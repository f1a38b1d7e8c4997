/* card.c - the model card: what a model was fitted on, its figures, and what it is not good
 * for. Tables come from the list of keys. */
#include "app/fit/fit.h"

#include "base/write.h"

#include <inttypes.h>
#include <string.h>

/* How the rows of a section are made, and from what. */
static const struct {
    const char *section, *how;
} methods[] = {
    {"units_per_usd", "Mean of the gamma prior of people's rates, by marginal likelihood of "
                      "the Poisson counts (roles with any output)."},
    {"share", "Mean: random effects over people (Paule and Mandel). Clip: quantile 0.99 of "
              "days. Cap: 3 times quantile 0.90 of own means, and 0.05."},
    {"level", "Center: random effects over people. Sd: root mean square of what days of a "
              "class of work stray from its own mean, after what peers and team shared. Cap: "
              "of own means, median, 3 times the way from there to quantile 0.84, and 0.05. "
              "Center and cap: the largest of any class of work."},
    {"eta", "Largest of 0.30, 0.35 … 1.00 at which the lower bound (95 %) of the Hill index of "
            "honest people's own evidence, past its quantile 0.99, is at least 0.8."},
    {"score", "Order statistic of the largest scores of an epoch that the false alarms "
              "allow: its interval in 99 of 100 companies of this size, from odds of ten on. "
              "Index: Hill, lower bound."},
    {"fast", "The same, of the fast paths."},
    {"tail", "Ranks up to quantile 0.99 of the largest evidence of an epoch, then a power "
             "law; index: lower bound (95 %) of Hill's."},
    {"reference", "Quantiles of single calls of the public traces."},
};

const struct gh_fit_note *gh_fit_note_of(const struct gh_fit_result *r, const char *section,
                                         size_t row)
{
    const struct {
        const char *section;
        const struct gh_fit_note *note;
    } notes[] = {{"share", r->share},        {"level", r->level}, {"eta", r->eta},
                 {"score", r->score},        {"fast", r->fast},   {"tail", r->tail},
                 {"reference", r->reference}};

    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (strcmp(notes[i].section, section) == 0)
            return &notes[i].note[row];
    return &r->units;
}

static void numbers_tell(FILE *out, const struct gh_model *m, const struct gh_model_key *key,
                         size_t row)
{
    for (size_t i = 0; i < key->count; i++) {
        const double value = gh_model_get(m, key, row, i);
        fprintf(out, key->whole || value >= 1e4 ? "%s%.0f" : "%s%.4g", i ? ", " : " | ", value);
    }
}

/* Keys with more numbers than a table can show are left to the file. */
static bool key_shown(const struct gh_model_key *key, const char *section)
{
    return strcmp(key->section, section) == 0 && key->count <= GH_REFERENCE_QUANTILES;
}

static void row_tell(FILE *out, const struct gh_fit_result *r, const struct gh_model_key *first,
                     size_t row)
{
    const struct gh_fit_note *note = gh_fit_note_of(r, first->section, row);

    fprintf(out, "| `%s`",
            first->rows == GH_ROWS_ONE ? first->section : gh_model_row_name(first->rows, row));
    for (size_t k = 0; k < gh_model_key_count(); k++)
        if (key_shown(gh_model_key_at(k), first->section))
            numbers_tell(out, &r->model, gh_model_key_at(k), row);
    if (note->fitted)
        fprintf(out, " | %" PRIu64 " |\n", note->basis);
    else
        fputs(" | kept |\n", out);
}

static void section_tell(FILE *out, const struct gh_fit_result *r,
                         const struct gh_model_key *first)
{
    fprintf(out, "\n### %s\n\n", first->section);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].section, first->section) == 0)
            fprintf(out, "%s\n\n", methods[i].how);
    fputs("|  ", out);
    for (size_t k = 0; k < gh_model_key_count(); k++)
        if (key_shown(gh_model_key_at(k), first->section))
            fprintf(out, " | %s",
                    gh_model_key_at(k)->name[0] ? gh_model_key_at(k)->name : "value");
    fputs(" | fitted on |\n|---", out);
    for (size_t k = 0; k < gh_model_key_count(); k++)
        if (key_shown(gh_model_key_at(k), first->section))
            fputs("|---", out);
    fputs("|---|\n", out);
    for (size_t row = 0; row < gh_model_row_count(first->rows); row++)
        if (gh_model_row_used(first, row))
            row_tell(out, r, first, row);
}

static void origin_tell(FILE *out, const struct gh_model_origin *o)
{
    char count[32];

    fputs("\n| fitted on | |\n|---|---|\n", out);
#define ORIGIN_TELL(name, help)                                 \
    do {                                                        \
        struct gh_writer w = gh_writer_on(count, sizeof count); \
        gh_write_count(&w, (double)o->name);                    \
        fprintf(out, "| %s | %s |\n", help, count);             \
    } while (0);
    GH_MODEL_ORIGIN_COUNTS(ORIGIN_TELL)
    fprintf(out, "| hash of the input | `%s` |\n", o->inputs);
}

static const char limits[] =
    "\n## Limits\n\n"
    "- Honest means: not found to be gaming. Who games unseen in a recorded log counts as\n"
    "  honest, widens the bounds and lightens nothing: recall is lost, not precision.\n"
    "- Simulated people have the oddities that the simulator knows, and no holidays, outages\n"
    "  or gamers who learn. A company's own log is the better source.\n"
    "- Traces have no people: they serve the section reference alone.\n"
    "- Priors and bounds hold for the first weeks; then the own history of a company decides,\n"
    "  inside the bounds of score and fast. Tails and eta hold throughout.\n"
    "- `kept`: too little to fit on; the number is that of the model before, or neutral.\n"
    "- For the engine that it names only: another meaning of the numbers is refused.\n";

void gh_fit_card(const struct gh_fit *fit, const struct gh_fit_result *r, FILE *out)
{
    fprintf(out,
            "# Model %s, version %s\n\nWritten by `goodhart fit` with the file itself: do not "
            "edit. Format %d, engine %d.\nThe command below gives the same bytes again.\n\n"
            "    %s\n",
            r->model.name, r->model.version, GH_MODEL_FORMAT, GH_MODEL_ENGINE,
            r->origin.command);
    origin_tell(out, &r->origin);
    fprintf(out,
            "\n## Figures\n\nFalse alarms allowed: %g a day for each detector. `fitted on`:"
            " people, person-epochs or calls.\n",
            fit->false_alarms);
    for (size_t k = 0; k < gh_model_key_count(); k++)
        if (k == 0 || strcmp(gh_model_key_at(k)->section, gh_model_key_at(k - 1)->section) != 0)
            section_tell(out, r, gh_model_key_at(k));
    fputs(limits, out);
}
