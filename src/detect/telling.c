/* telling.c - phrases that several detectors' explanations share. */
#include "detect/telling.h"

#include <math.h>
#include <string.h>

void gh_tell_spend(struct gh_writer *w, double tokens, double cost_usd, bool cost_unknown)
{
    gh_write_short(w, tokens);
    gh_write(w, " tokens");
    if (cost_unknown && !(cost_usd > 0.0))
        return;
    gh_write(w, cost_unknown ? " (at least " : " (");
    gh_write_money(w, cost_usd);
    gh_write(w, ")");
}

void gh_tell_days(struct gh_writer *w, const struct gh_episode *episode)
{
    const int64_t from = gh_floor_div(episode->from_ms, GH_MS_PER_DAY);

    gh_write(w, "On ");
    if (episode->days > 1) {
        gh_write_count(w, episode->days);
        gh_write(w, " days since ");
    }
    gh_write_date(w, from);
}

void gh_tell_excess(struct gh_writer *w, const struct gh_telling *telling)
{
    const struct gh_episode *e = telling->episode;

    gh_write(w, " About ");
    gh_tell_spend(w, e->excess_tokens, e->excess_cost_usd, e->cost_unknown);
    gh_write(w, " is above what is usual for this person and their peers");
    if (telling->teamwise)
        gh_write(w, "; at least a third of the team shows the same in these days");
    if (telling->track == GH_CASE)
        gh_write(w, telling->output_known ? ", while accepted output did not keep pace"
                                          : "; no output data is reported for this work");
    gh_write(w, ".");
}

void gh_tell_audit(char *explanation, size_t size)
{
    const size_t used = strlen(explanation);
    struct gh_writer w = gh_writer_on(explanation + used, size - used);

    gh_write(&w, " This is below the threshold, and only told because a lot was drawn, to see "
                 "whether the threshold is where it should be.");
}

void gh_tell_missing(const struct gh_episode *episode, char *explanation, size_t size)
{
    const size_t used = strlen(explanation);
    struct gh_writer w = gh_writer_on(explanation + used, size - used);

    if (!(episode->missing >= 0.01 * (episode->calls + episode->missing)))
        return;
    gh_write(&w, " Not all of it can be seen: about ");
    gh_write_short(&w, episode->missing);
    gh_write(&w, " more calls of these days never arrived.");
}

double gh_mean_add(double mean, double weight_before, double value, double weight)
{
    const double total = weight_before + weight;

    return total > 0.0 ? mean + (value - mean) * (weight / total) : mean;
}
