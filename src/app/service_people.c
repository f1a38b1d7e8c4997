/* service_people.c - what the people file says of people becomes profile events, in the log
 * like all others, so that whoever derives a finding again has them. */
#include "app/service_hooks.h"
#include "app/service_inside.h"

#include "edge/frame_made.h"
#include "edge/operate/note.h"

/* Whoever writes the file runs the service: it may speak for everybody. */
static const char people_name[] = "identity.people";
static const struct gh_access_key people_key = {.name = "identity.people",
                                                .roles = GH_ROLE_PRODUCE,
                                                .actors = {.all = true},
                                                .teams = {.all = true}};

static enum gh_status profiles_make(struct gh_frame_made *made, const struct gh_people *people,
                                    int64_t ts_ms, struct gh_error *error)
{
    struct gh_event event;
    for (uint32_t i = 0; i < gh_people_count(people); i++)
        if (gh_people_profile(people, i, ts_ms, &event) && !gh_frame_made_add(made, &event))
            return gh_error_set(error, GH_EMEMORY, "identity.people: out of memory");
    return GH_OK;
}

/* They are of the newest time, for one of our clock would make a past that is still to be read
 * in late. So they wait for the first event. */
enum gh_status gh_service_profiles(struct gh_service *s, size_t *frames, struct gh_error *error)
{
    const int64_t newest_ms = gh_engine_newest_ms(gh_pipeline_engine(s->pipeline));
    struct gh_place place = {.source = people_name};
    struct gh_frame_made profiles = {0};
    if (!s->http->profiles_due || newest_ms == 0)
        return GH_OK;
    s->http->profiles_due = false;
    if (s->guard.ring)
        place.speaker = (struct gh_speaker){people_name, &people_key, GH_KEY_GOOD};
    enum gh_status status =
        profiles_make(&profiles, gh_sources_people(s->http->sources), newest_ms, error);
    if (status == GH_OK && profiles.size > 0)
        status = gh_pipeline_frame(s->pipeline, profiles.at, profiles.size, &place, error);
    if (status == GH_OK)
        status = gh_pipeline_flush(s->pipeline, error);
    if (place.index > 0)
        gh_owners_events(s->owners, place.speaker.owner, place.index);
    *frames += profiles.size > 0;
    gh_frame_made_free(&profiles);
    return status;
}

static enum gh_status people_reload(struct gh_service *s, struct gh_error *error)
{
    const enum gh_status status = gh_sources_reload(s->http->sources, error);
    if (status == GH_OK) {
        s->http->profiles_due = true;
        gh_note(GH_NOTE_sources, "maps and people: read again; people: %u",
                (unsigned)gh_people_count(gh_sources_people(s->http->sources)));
    } else {
        gh_note(GH_NOTE_sources_failed, "%s: what was read before stays in force", error->text);
    }
    return status;
}

/* Of one sort of files each: what is wrong with one keeps no other from being read. */
enum gh_status gh_service_sources(struct gh_service *s, struct gh_error *error)
{
    static enum gh_status (*const reload[])(struct gh_service *, struct gh_error *) = {
        people_reload, gh_service_hooks_reload, gh_service_sinks_reload};
    enum gh_status status = GH_OK;
    for (size_t i = 0; i < sizeof(reload) / sizeof(reload[0]); i++) {
        struct gh_error one = {0};
        if (reload[i](s, &one) == GH_OK || status != GH_OK)
            continue;
        status = one.status;
        *error = one;
    }
    return status;
}
