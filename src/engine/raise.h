/* raise.h - what makes findings, and what the engine keeps of each. */
#ifndef GOODHART_ENGINE_RAISE_H
#define GOODHART_ENGINE_RAISE_H

#include "detect/detector.h"
#include "engine/tuning.h"
#include "goodhart/finding.h"

/* A fast incident that a detector raised. */
struct gh_raised {
    uint64_t sequence;
    uint32_t detector, actor, team;
    enum gh_told told;
    int64_t time_ms;
    struct gh_episode episode;
};

/* A day whose score is past a threshold. */
struct gh_alarm {
    uint32_t actor, detector;
    enum gh_told told;
};

/* What may open, update or escalate a finding. */
struct gh_raise {
    uint32_t actor, detector, team;
    enum gh_track track;
    bool fast;     /* from the fast path, else from the settlement of a day */
    bool teamwise; /* the team deviates together */
    enum gh_told told;
    int64_t time_ms;
    const struct gh_episode *episode; /* NULL: nothing is raised */
};

/* A finding that has been opened. */
struct gh_case_file {
    struct gh_finding finding; /* newest revision */
    uint32_t actor, detector, team;
    bool open, fast, teamwise;
    enum gh_told told; /* as long as it is an incident that never was above its threshold */
    uint32_t decided;  /* epoch of a reviewer's verdict + 1; 0 none */
    uint32_t counted;  /* epoch + 1 in which person and detector counted for tuning.h; 0 none */
    int32_t last_date; /* day-level: last date on which there was new evidence */
    int64_t last_ms;   /* last event with evidence */
    double published_tokens;
};

#endif
