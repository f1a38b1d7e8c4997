/* event.h - the canonical event: what a decoder makes of the bytes that arrive, and all
 * that the engine ever learns. One table (GH_EVENT_KEYS) is the only list of keys: both
 * decoders, the encoder, the documentation and the tests are made from it. */
#ifndef GOODHART_EVENT_H
#define GOODHART_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_CONTRACT_VERSION 1
#define GH_COUNT_MAX 9007199254740991 /* 2^53 - 1 */
enum { GH_EVENT_BYTES_MAX = 65536, GH_STRING_BYTES_MAX = 256, GH_NOTE_BYTES_MAX = 4096 };

/* Bytes that somebody else owns; not NUL-terminated. at == NULL: absent. */
struct gh_text {
    const char *at;
    uint32_t size;
};

// clang-format off
/*    name in the contract, enum value */
#define GH_KIND_LIST(X)                                                                   \
    X(usage, GH_USAGE) X(output, GH_OUTPUT) X(profile, GH_PROFILE) X(schedule, GH_SCHEDULE) \
    X(experiment, GH_EXPERIMENT) X(quota, GH_QUOTA) X(verdict, GH_VERDICT) X(tick, GH_TICK)
#define GH_ORIGIN_LIST(X)                                                           \
    X(unknown, GH_ORIGIN_UNKNOWN) X(interactive, GH_INTERACTIVE) X(scheduled, GH_SCHEDULED) \
    X(ci, GH_CI) X(api, GH_API)
#define GH_CALL_STATUS_LIST(X) \
    X(ok, GH_CALL_OK) X(error, GH_CALL_ERROR) X(cancelled, GH_CALL_CANCELLED)
#define GH_ARTIFACT_LIST(X)                                                           \
    X(other, GH_OTHER) X(commit, GH_COMMIT) X(pull_request, GH_PULL_REQUEST)          \
    X(review, GH_ARTIFACT_REVIEW) X(ticket, GH_TICKET) X(document, GH_DOCUMENT)       \
    X(deploy, GH_DEPLOY) X(design, GH_DESIGN)
#define GH_STATE_LIST(X)                                                     \
    X(accepted, GH_ACCEPTED) X(proposed, GH_PROPOSED) X(rejected, GH_REJECTED) \
    X(reverted, GH_REVERTED)
#define GH_ACCOUNT_LIST(X) X(human, GH_HUMAN) X(service, GH_SERVICE)
#define GH_SCHEDULE_LIST(X) \
    X(on_call, GH_ON_CALL) X(leave, GH_LEAVE) X(holiday, GH_HOLIDAY) X(crunch, GH_CRUNCH)
#define GH_PERIOD_LIST(X) \
    X(day, GH_DAY) X(week, GH_WEEK) X(month, GH_MONTH) X(quarter, GH_QUARTER)
#define GH_VERDICT_LIST(X)                                                  \
    X(gaming, GH_GAMING) X(waste, GH_WASTE) X(legitimate, GH_LEGITIMATE)    \
    X(data_error, GH_DATA_ERROR) X(unsure, GH_UNSURE)
// clang-format on

#define GH_ENUM_VALUE(name, value) value,
/* The first value of each list is the default that the contract gives (or "unknown").
 * `origin: "unknown"` and `artifact` absent are the two that the contract does not name:
 * the text "unknown" is not a legal origin on the wire. */
enum gh_kind { GH_KIND_LIST(GH_ENUM_VALUE) GH_KIND_COUNT };
enum gh_origin { GH_ORIGIN_LIST(GH_ENUM_VALUE) GH_ORIGIN_COUNT };
enum gh_call_status { GH_CALL_STATUS_LIST(GH_ENUM_VALUE) GH_CALL_STATUS_COUNT };
enum gh_artifact { GH_ARTIFACT_LIST(GH_ENUM_VALUE) GH_ARTIFACT_COUNT };
enum gh_state { GH_STATE_LIST(GH_ENUM_VALUE) GH_STATE_COUNT };
enum gh_account { GH_ACCOUNT_LIST(GH_ENUM_VALUE) GH_ACCOUNT_COUNT };
enum gh_schedule { GH_SCHEDULE_LIST(GH_ENUM_VALUE) GH_SCHEDULE_COUNT };
enum gh_period { GH_PERIOD_LIST(GH_ENUM_VALUE) GH_PERIOD_COUNT };
enum gh_verdict { GH_VERDICT_LIST(GH_ENUM_VALUE) GH_VERDICT_COUNT };

/* Kinds that know a key, as a set of bits. A key of another kind is an unknown key. */
#define GH_IN(kind) (1u << (kind))
#define GH_IN_ALL ((1u << GH_KIND_COUNT) - 1u)
#define GH_IN_U GH_IN(GH_USAGE)
#define GH_IN_O GH_IN(GH_OUTPUT)
#define GH_IN_P GH_IN(GH_PROFILE)
#define GH_IN_S GH_IN(GH_SCHEDULE)
#define GH_IN_E GH_IN(GH_EXPERIMENT)
#define GH_IN_Q GH_IN(GH_QUOTA)
#define GH_IN_V GH_IN(GH_VERDICT)

/* Value types of keys:
 *   TEXT    identifier, 1..256 bytes of UTF-8 without control characters -> struct gh_text
 *   NOTE    text, 0..4096 bytes of UTF-8; newline and tab are allowed    -> struct gh_text
 *   COUNT   integer 0..2^53-1                                           -> int64_t
 *   NUMBER  finite number >= 0                                          -> double
 *   TIME    RFC 3339 with an offset, or milliseconds since 1970          -> int64_t, ms
 *   HASH    string of exactly 16 hex digits                              -> uint64_t
 *   HOURS   "HH:MM-HH:MM"                                               -> struct gh_hours
 *   DAYS    "Mon-Fri", "Mon,Wed,Fri", "Sun-Thu"; Mon..Sun               -> uint8_t, bit 0 Mon
 *   VERSION the integer 1                                               -> (not kept)
 *   ENUM    one of a list above                                          -> its enum
 *
 * Columns: key, value type, C field, kinds that know it, kinds that require it, help.
 * `actor` is required as the contract says: see gh_actor_required(). */
// clang-format off
#define GH_EVENT_KEYS(X)                                                                          \
    X(v, VERSION, version, GH_IN_ALL, 0, "version of the contract")                               \
    X(kind, KIND, kind, GH_IN_ALL, 0, "what the event tells; usage when absent")                  \
    X(id, TEXT, id, GH_IN_ALL, GH_IN_ALL, "unique for ever per producer")                         \
    X(ts, TIME, ts_ms, GH_IN_ALL, GH_IN_ALL, "event time")                                        \
    X(actor, TEXT, actor, GH_IN_ALL & ~GH_IN(GH_TICK), 0, "who answers for the spend")            \
    X(team, TEXT, team, GH_IN_ALL & ~GH_IN(GH_TICK), 0, "team of the actor at that time")         \
    X(session, TEXT, session, GH_IN_U | GH_IN_O, 0, "conversation the call belongs to")           \
    X(agent, TEXT, agent, GH_IN_U, 0, "agent that made the call")                                 \
    X(caller, TEXT, caller, GH_IN_U, 0, "agent whose message triggered the call")                 \
    X(trace, TEXT, trace, GH_IN_U | GH_IN_O, 0, "shared by all calls of one first cause")         \
    X(origin, ORIGIN, origin, GH_IN_U, 0, "what set the call off")                                \
    X(provider, TEXT, provider, GH_IN_U, 0, "provider of the model")                              \
    X(model, TEXT, model, GH_IN_U, 0, "row of the price table")                                   \
    X(input_tokens, COUNT, input_tokens, GH_IN_U, 0, "input tokens not read from a cache")        \
    X(cache_read_tokens, COUNT, cache_read_tokens, GH_IN_U, 0, "input tokens read from a cache")  \
    X(cache_write_tokens, COUNT, cache_write_tokens, GH_IN_U, 0, "input tokens written to it")    \
    X(output_tokens, COUNT, output_tokens, GH_IN_U, 0, "output tokens, reasoning included")       \
    X(context_window, COUNT, context_window, GH_IN_U, 0, "the model's window in tokens")          \
    X(cost_usd, NUMBER, cost_usd, GH_IN_U | GH_IN_Q, 0, "cost in US dollars")                     \
    X(prompt_hash, HASH, prompt_hash, GH_IN_U, 0, "SimHash of the prompt")                        \
    X(response_hash, HASH, response_hash, GH_IN_U, 0, "SimHash of the response")                  \
    X(user_tokens, COUNT, user_tokens, GH_IN_U, 0, "input that a person wrote in this turn")      \
    X(tool_calls, COUNT, tool_calls, GH_IN_U, 0, "tool calls that the response asked for")        \
    X(status, STATUS, status, GH_IN_U, 0, "how the call ended")                                   \
    X(experiment, TEXT, experiment, GH_IN_U | GH_IN_E, GH_IN_E, "declared experiment")            \
    X(duration_ms, COUNT, duration_ms, GH_IN_U, 0, "how long the call took")                      \
    X(missing, COUNT, missing, GH_IN_U, 0, "calls before this one that never arrived")            \
    X(artifact, ARTIFACT, artifact, GH_IN_O, 0, "what came of it")                                \
    X(ref, TEXT, ref, GH_IN_O, 0, "stable name of the artifact")                                  \
    X(state, STATE, state, GH_IN_O, 0, "state of the artifact")                                   \
    X(units, NUMBER, units, GH_IN_O, 0, "work units credited")                                    \
    X(lines_added, COUNT, lines_added, GH_IN_O, 0, "lines added")                                 \
    X(lines_removed, COUNT, lines_removed, GH_IN_O, 0, "lines removed")                           \
    X(manager, TEXT, manager, GH_IN_P, 0, "manager, an actor")                                    \
    X(role, TEXT, role, GH_IN_P, 0, "role, the peer group")                                       \
    X(account, ACCOUNT, account, GH_IN_P, 0, "person or service account")                         \
    X(timezone, TEXT, timezone, GH_IN_P, 0, "IANA time zone")                                     \
    X(workdays, DAYS, workdays, GH_IN_P, 0, "days of work")                                       \
    X(hours, HOURS, hours, GH_IN_P, 0, "hours of work, local")                                    \
    X(type, SCHEDULE, schedule, GH_IN_S, GH_IN_S, "why the ordinary does not hold")               \
    X(from, TIME, from_ms, GH_IN_S | GH_IN_E, GH_IN_S | GH_IN_E, "start")                         \
    X(until, TIME, until_ms, GH_IN_S | GH_IN_E, GH_IN_S | GH_IN_E, "end")                         \
    X(title, NOTE, title, GH_IN_E, 0, "title of the experiment")                                  \
    X(budget_usd, NUMBER, budget_usd, GH_IN_E, 0, "budget in US dollars")                         \
    X(budget_tokens, COUNT, budget_tokens, GH_IN_E, 0, "budget in tokens")                        \
    X(tokens, COUNT, tokens, GH_IN_Q, 0, "target in tokens")                                      \
    X(period, PERIOD, period, GH_IN_Q, GH_IN_Q, "period of the target")                           \
    X(finding, TEXT, finding, GH_IN_V, GH_IN_V, "finding that was reviewed")                      \
    X(verdict, VERDICT, verdict, GH_IN_V, GH_IN_V, "what the reviewer found")                     \
    X(reviewer, TEXT, reviewer, GH_IN_V, 0, "who reviewed")                                       \
    X(note, NOTE, note, GH_IN_V, 0, "note of the reviewer")
// clang-format on

#define GH_KEY_ENUM(key, type, field, kinds, required, help) GH_KEY_##key,
enum gh_key { GH_EVENT_KEYS(GH_KEY_ENUM) GH_KEY_COUNT };
_Static_assert(GH_KEY_COUNT <= 64, "a key is a bit of gh_event.present");
#define GH_HAS(event, key) (((event)->present >> GH_KEY_##key) & 1u)

struct gh_hours {
    uint16_t from_min, until_min; /* minutes after local midnight, 0..1440; may cross it */
};

#define GH_C_TEXT struct gh_text
#define GH_C_NOTE struct gh_text
#define GH_C_COUNT int64_t
#define GH_C_NUMBER double
#define GH_C_TIME int64_t
#define GH_C_HASH uint64_t
#define GH_C_HOURS struct gh_hours
#define GH_C_DAYS uint8_t
#define GH_C_VERSION uint8_t
#define GH_C_KIND enum gh_kind
#define GH_C_ORIGIN enum gh_origin
#define GH_C_STATUS enum gh_call_status
#define GH_C_ARTIFACT enum gh_artifact
#define GH_C_STATE enum gh_state
#define GH_C_ACCOUNT enum gh_account
#define GH_C_SCHEDULE enum gh_schedule
#define GH_C_PERIOD enum gh_period
#define GH_C_VERDICT enum gh_verdict
#define GH_EVENT_FIELD(key, type, field, kinds, required, help) GH_C_##type field;

/* Texts are lent: they point into the frame (or into the decoder's scratch, where the
 * JSON had escapes) and hold until the next call of the decoder. A field whose bit in
 * `present` is not set is zero: absent text, 0, or the first value of its list. */
struct gh_event {
    uint64_t present; /* bit GH_KEY_x: the event had key x */
    /* Who vouches for it: gh_owner_of the name of the key that its producer showed; 0: nobody,
     * it is self-reported. No key of the contract, so no producer can write it: decoders leave
     * 0, and whoever knows the connection, or the log, says it. */
    uint64_t owner;
    GH_EVENT_KEYS(GH_EVENT_FIELD)
};

/* The same for the same name, never 0 but for an absent or empty one, which is nobody. */
uint64_t gh_owner_of(struct gh_text name);

/* Whether an event of `kind` must have `actor`: always but for tick, and but for
 * schedule, experiment and quota when `team` is there. */
static inline bool gh_actor_required(enum gh_kind kind, bool has_team)
{
    if (kind == GH_TICK)
        return false;
    return !(has_team && (kind == GH_SCHEDULE || kind == GH_EXPERIMENT || kind == GH_QUOTA));
}

/* Why an event was not taken. Name for counters and dead letters, meaning.
 * Those before `future` are found by decoders, `not_allowed` by whoever knows the key
 * (edge/keys.h), the others by the engine. */
// clang-format off
#define GH_REFUSAL_LIST(X)                                                              \
    X(GH_REFUSED_NOT, none, "taken")                                                    \
    X(GH_REFUSED_TOO_LONG, too_long, "event over 64 KiB")                               \
    X(GH_REFUSED_ENCODING, encoding, "not valid UTF-8")                                 \
    X(GH_REFUSED_SYNTAX, syntax, "not JSON, or JSON that ends early")                   \
    X(GH_REFUSED_NESTED, nested, "an event is a flat object: no array or object inside") \
    X(GH_REFUSED_DUPLICATE_KEY, duplicate_key, "the same key twice")                    \
    X(GH_REFUSED_VERSION, version, "version of the contract is not 1")                  \
    X(GH_REFUSED_KIND, kind, "unknown kind")                                            \
    X(GH_REFUSED_MISSING, missing, "a required key is missing")                         \
    X(GH_REFUSED_TYPE, type, "value of another type")                                   \
    X(GH_REFUSED_RANGE, range, "number out of range")                                   \
    X(GH_REFUSED_LENGTH, length, "text empty or too long")                              \
    X(GH_REFUSED_CONTROL, control, "control character in a text")                       \
    X(GH_REFUSED_VALUE, value, "not one of the legal values")                           \
    X(GH_REFUSED_TIME, time, "not a time")                                              \
    X(GH_REFUSED_FUTURE, future, "too far in the future of the newest accepted time")   \
    X(GH_REFUSED_LIMIT, limit, "a configured limit is reached")                         \
    X(GH_REFUSED_NOT_ALLOWED, not_allowed, "the key of the connection may not say this")
// clang-format on

#define GH_REFUSAL_ENUM(code, name, text) code,
enum gh_refusal { GH_REFUSAL_LIST(GH_REFUSAL_ENUM) GH_REFUSAL_COUNT };
const char *gh_refusal_name(enum gh_refusal r);
const char *gh_refusal_text(enum gh_refusal r);

const char *gh_kind_name(enum gh_kind k);
const char *gh_key_name(enum gh_key k);

#endif
