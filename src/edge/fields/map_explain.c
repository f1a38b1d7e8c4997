/* map_explain.c - why a record became what it became, for people who write rules. */
#include "edge/fields/map_inside.h"

#include "base/write.h"

static const struct gh_map_rule *nearest(struct gh_mapper *m, uint32_t *best)
{
    const struct gh_map_rule *rule = &m->file->rule[0];

    *best = 0;
    for (uint32_t i = 0; i < m->file->rule_count; i++) {
        const uint32_t fit = gh_map_fit(m, &m->file->rule[i]);
        if (fit > *best) {
            *best = fit;
            rule = &m->file->rule[i];
        }
    }
    return rule;
}

static void record_write(struct gh_writer *w, const struct gh_told *told)
{
    static const char *const kinds[] = {[GH_TOLD_LOG] = "log record",
                                        [GH_TOLD_SPAN] = "span",
                                        [GH_TOLD_POINT] = "data point",
                                        [GH_TOLD_ROW] = "row"};

    gh_write(w, "the ");
    gh_write(w, kinds[told->kind]);
    if (told->name.size) {
        gh_write(w, " ");
        gh_write_text(w, told->name);
    }
}

static void nearest_write(struct gh_writer *w, struct gh_mapper *m)
{
    uint32_t fit;
    const struct gh_map_rule *rule = nearest(m, &fit);

    gh_write(w, "; nearest is rule ");
    gh_write_count(w, (double)(rule - m->file->rule) + 1);
    gh_write(w, ": ");
    if (fit == GH_MAP_FITS_NOT)
        gh_write(w, "its kind is another");
    else if (fit == GH_MAP_FITS_KIND)
        gh_write(w, "its name is another");
    else if (fit == GH_MAP_FITS_NAME)
        gh_write(w, "none of what it has is there");
    else {
        gh_write_text(w,
                      gh_intern_text(&m->maps->names, rule->where[fit - GH_MAP_FITS_HAS].name));
        gh_write(w, " is another");
    }
}

void gh_mapper_explain(struct gh_mapper *m, char text[GH_MAP_EXPLAIN_SIZE])
{
#define IS_NAME(name, text) text,
    static const char *const is[GH_MAP_IS_COUNT] = {GH_MAP_IS_LIST(IS_NAME)};
    struct gh_writer w = gh_writer_on(text, GH_MAP_EXPLAIN_SIZE);

    if (!m->file) {
        gh_write(&w, "no map file is about ");
        record_write(&w, m->told);
        gh_write(&w, " of ");
        gh_write_text(&w, m->told->source);
        return;
    }
    gh_write(&w, m->file->name);
    if (m->met.rule) {
        gh_write(&w, ": rule ");
        gh_write_count(&w, (double)m->met.rule);
        gh_write(&w, ": ");
        gh_write(&w, is[m->file->rule[m->met.rule - 1].is]);
        return;
    }
    gh_write(&w, ": no rule takes ");
    record_write(&w, m->told);
    nearest_write(&w, m);
}
