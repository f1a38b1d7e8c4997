/* propose_print.c - what is proposed, for people and for machines; see propose.h. */
#include "app/tune/print.h"
#include "app/tune/propose.h"

#include "app/number.h"
#include "app/terminal.h"
#include "edge/json.h"

#include <math.h>
#include <string.h>

enum { LEFT_SHOWN = 12 };

static const struct gh_proposal *looked_at(const struct gh_proposals *p, size_t index)
{
    return &g_array_index(p->looked, struct gh_proposal, index);
}

/* The rung that is chosen, else the one that is surest to pay. */
static const struct gh_proposal_rung *rung_of(const struct gh_proposal *proposal)
{
    size_t best = 0;

    if (proposal->chosen != GH_RUNGS_MAX)
        return &proposal->rung[proposal->chosen];
    for (size_t k = 1; k < proposal->ladder.rungs; k++)
        if (proposal->rung[k].doubt < proposal->rung[best].doubt)
            best = k;
    return &proposal->rung[best];
}

void gh_proposal_reason(const struct gh_proposal *proposal, char text[GH_PROPOSAL_REASON_SIZE])
{
    const struct gh_proposal_rung *rung = rung_of(proposal);
    const struct gh_worth_count *gone = &rung->gain.gone, *come = &rung->gain.come;

    if (gh_proposal_trial(rung))
        snprintf(text, GH_PROPOSAL_REASON_SIZE, "a trial: %u more incidents to be judged",
                 come->right + come->wrong + come->open);
    else if (gone->right + gone->wrong > 0)
        snprintf(text, GH_PROPOSAL_REASON_SIZE, "of what goes %u were judged wrong, %u right",
                 gone->wrong, gone->right);
    else
        snprintf(text, GH_PROPOSAL_REASON_SIZE, "of what comes %u were judged right, %u wrong",
                 come->right, come->wrong);
}

/* --- people --- */

static void count_print(FILE *out, const char *what, const struct gh_worth_count *count)
{
    if (count->right + count->wrong + count->open > 0)
        fprintf(out, "    %s: %u judged wrong, %u right, %u not; %u people\n", what,
                count->wrong, count->right, count->open, count->people);
}

static void chosen_print(FILE *out, const struct gh_proposal *proposal)
{
    const struct gh_proposal_rung *rung = rung_of(proposal);
    const bool coloured = gh_terminal_coloured(out);
    char before[GH_NUMBER_SIZE], after[GH_NUMBER_SIZE], usd[GH_TUNE_INTERVAL_SIZE];
    char assignment[GH_LADDER_ASSIGNMENT_SIZE], reason[GH_PROPOSAL_REASON_SIZE];

    gh_number_print(proposal->ladder.now, before);
    gh_number_print(rung->value, after);
    gh_tune_usd_print(&rung->gain.usd, usd);
    gh_ladder_assignment(&proposal->ladder, rung->value, assignment);
    gh_proposal_reason(proposal, reason);
    fprintf(out, "%s%s: %s -> %s%s\n", gh_terminal_colour(GH_COLOUR_BOLD, coloured),
            proposal->ladder.name, before, after, gh_terminal_colour(GH_COLOUR_NONE, coloured));
    count_print(out, "no longer found", &rung->gain.gone);
    count_print(out, "found besides", &rung->gain.come);
    if (gh_proposal_trial(rung))
        fprintf(out,
                "    a trial: saves $%.2f even if few are right; what verdicts say decides\n",
                rung->trial);
    else
        fprintf(out, "    saves %s; that it does not: chance %.2g\n", usd, rung->doubt);
    fprintf(out, "    goodhart set %s --reason 'propose: %s'\n", assignment, reason);
}

static void together_print(FILE *out, const struct gh_proposals *p)
{
    char gain[GH_TUNE_INTERVAL_SIZE], now[GH_TUNE_INTERVAL_SIZE], then[GH_TUNE_INTERVAL_SIZE];

    gh_tune_usd_print(&p->together.usd, gain);
    gh_tune_share_print(&p->now.precision, now);
    gh_tune_share_print(&p->then.precision, then);
    fprintf(out, "\nTogether, on this past: saves %s\n", gain);
    count_print(out, "no longer found", &p->together.gone);
    count_print(out, "found besides", &p->together.come);
    fprintf(out, "    judged right and lost: $%.2f in all; precision %s, before %s\n",
            p->together.gone_usd, then, now);
}

/* Why the others stay as they are, in a word. */
static const char *left_reason(const struct gh_proposal *proposal)
{
    const struct gh_proposal_rung *rung = rung_of(proposal);
    bool withheld = false;

    for (size_t k = 0; k < proposal->ladder.rungs; k++)
        withheld |= proposal->rung[k].withheld;
    if (!proposal->judged)
        return withheld ? "would bring more people before managers (--loosen)"
                        : "no verdict tells anything";
    return rung->gain.usd.point > 0.0 ? "may pay, but it is not sure" : "no change pays";
}

static void left_print(FILE *out, const struct gh_proposals *p)
{
    size_t shown = 0, silent = 0;

    for (size_t i = 0; i < p->looked->len; i++) {
        const struct gh_proposal *at = looked_at(p, i);
        if (at->chosen != GH_RUNGS_MAX)
            continue;
        if (!at->judged || shown == LEFT_SHOWN) {
            silent++;
            continue;
        }
        fprintf(out, "%s%s: %s\n", shown++ == 0 ? "\nLeft alone:\n    " : "    ",
                at->ladder.name, left_reason(at));
    }
    if (silent > 0)
        fprintf(out, "%s    %zu more options of which nothing is known\n",
                shown == 0 ? "\nLeft alone:\n" : "", silent);
}

static void advice_print(FILE *out, const struct gh_proposals *p)
{
    if (p->heard.right + p->heard.wrong == 0)
        fputs("\nNo finding of this past has a verdict: goodhart review decide gives them.\n",
              out);
    if (!(p->audit > 0.0))
        fputs(
            "\nNothing tells what lies below the thresholds of incidents; incident.audit=0.1\n"
            "shows it of one person in ten, drawn by lot.\n",
            out);
    if (p->heard.pairs >= 10) {
        const struct gh_interval error =
            gh_reviewer_error(p->heard.pairs, p->heard.differ, GH_TUNE_LEVEL);
        fprintf(out,
                "\nReviewers of the same finding differ in %u of %u: about %.0f %% of verdicts "
                "are wrong\n(%.0f-%.0f %%), see --reviewer-error.\n",
                p->heard.differ, p->heard.pairs, 100.0 * error.point, 100.0 * error.low,
                100.0 * error.high);
    }
}

void gh_proposals_print(const struct gh_proposals *proposals, FILE *out)
{
    const struct gh_proposal *next;
    size_t cursor = 0, count = 0;

    while ((next = gh_proposals_next(proposals, &cursor)) != NULL) {
        chosen_print(out, next);
        count++;
    }
    if (count == 0)
        fputs("Leave it as it is: no change is sure to pay.\n", out);
    else
        together_print(out, proposals);
    left_print(out, proposals);
    advice_print(out, proposals);
}

/* --- machines --- */

static void count_write(struct gh_json *j, const char *key, const struct gh_worth_count *count)
{
    const struct {
        const char *name;
        uint32_t value;
    } row[] = {{"right", count->right},
               {"wrong", count->wrong},
               {"open", count->open},
               {"people", count->people}};

    gh_json_key(j, key);
    gh_json_open(j, '{');
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        gh_json_key(j, row[i].name);
        gh_json_count(j, row[i].value);
    }
    gh_json_close(j, '}');
}

static void number_write(struct gh_json *j, const char *key, double value)
{
    gh_json_key(j, key);
    gh_json_number(j, value);
}

static void string_write(struct gh_json *j, const char *key, const char *value)
{
    gh_json_key(j, key);
    gh_json_string(j, value);
}

static void gain_write(struct gh_json *j, const struct gh_worth_gain *gain)
{
    gh_json_key(j, "gain_usd");
    gh_json_open(j, '[');
    gh_json_number(j, gain->usd.low);
    gh_json_number(j, gain->usd.point);
    gh_json_number(j, gain->usd.high);
    gh_json_close(j, ']');
    count_write(j, "gone", &gain->gone);
    count_write(j, "come", &gain->come);
    number_write(j, "gone_right_usd", gain->gone_usd);
    number_write(j, "come_right_usd", gain->come_usd);
    gh_json_key(j, "accused");
    gh_json_count(j, gain->accused);
}

static void looked_line(const struct gh_proposal *proposal, struct gh_outfile *out)
{
    const struct gh_proposal_rung *rung = rung_of(proposal);
    const bool chosen = proposal->chosen != GH_RUNGS_MAX;
    char assignment[GH_LADDER_ASSIGNMENT_SIZE], reason[GH_PROPOSAL_REASON_SIZE];
    struct gh_json j = {0};

    gh_ladder_assignment(&proposal->ladder, rung->value, assignment);
    gh_proposal_reason(proposal, reason);
    gh_json_open(&j, '{');
    string_write(&j, "type", chosen ? "proposal" : "left");
    string_write(&j, "option", proposal->ladder.name);
    number_write(&j, "now", proposal->ladder.now);
    number_write(&j, chosen ? "to" : "looked_at", rung->value);
    number_write(&j, "doubt", rung->doubt);
    string_write(&j, "evidence",
                 gh_proposal_trial(rung) ? "trial"
                 : proposal->judged      ? "verdicts"
                                         : "none");
    gain_write(&j, &rung->gain);
    string_write(&j, "reason", chosen ? reason : left_reason(proposal));
    if (chosen)
        string_write(&j, "set", assignment);
    gh_json_close(&j, '}');
    gh_outfile_line(out, gh_json_take(&j));
}

void gh_proposals_lines(const struct gh_proposals *proposals, struct gh_outfile *out)
{
    struct gh_json j = {0};
    size_t cursor = 0;

    for (size_t i = 0; i < proposals->looked->len; i++)
        looked_line(looked_at(proposals, i), out);
    if (gh_proposals_next(proposals, &cursor) == NULL)
        return;
    gh_json_open(&j, '{');
    string_write(&j, "type", "together");
    gain_write(&j, &proposals->together);
    gh_json_close(&j, '}');
    gh_outfile_line(out, gh_json_take(&j));
}
