/* decode_rows.h - rows of decoder tests: a piece, and the event or the refusal that both
 * decoders have to give. A program lists decoders_can_be_made first and
 * decoders_can_be_freed last. */
#ifndef GH_DECODE_ROWS_H
#define GH_DECODE_ROWS_H

#include "support/decode_pair.h"
#include "support/gh_test.h"

static struct gh_pair pair;

static inline struct gh_piece piece_of(const char *text, size_t size)
{
    return (struct gh_piece){.at = text, .size = size};
}

static inline bool decode_bytes(const char *text, size_t size)
{
    const struct gh_piece piece = piece_of(text, size);
    const char *const trouble = gh_pair_decode(&pair, &piece);

    if (trouble) {
        gh_test_failures++;
        printf("# %s: %.300s\n", trouble, text);
    }
    return pair.taken;
}

/* Takes the piece, or says how it was refused. */
static inline const struct gh_event *taken(const char *text)
{
    gh_pair_reset(&pair);
    if (!decode_bytes(text, strlen(text))) {
        gh_test_failures++;
        printf("# refused: %.300s\n# %s\n", text, pair.refused[0].text);
    }
    return &pair.event;
}

#define HEAD "{\"id\":\"a\",\"ts\":1,\"actor\":\"ann\""

/* Refused for `reason`, at the first byte where `place` stands in the piece. */
static inline void refused(const char *text, enum gh_refusal reason, const char *place,
                           const char *words)
{
    const struct gh_refused *r = &pair.refused[0];
    const char *const at = place ? strstr(text, place) : text;

    gh_pair_reset(&pair);
    CHECK(!decode_bytes(text, strlen(text)));
    CHECK(at != NULL);
    if (pair.taken || !at)
        return;
    CHECK(r->reason == reason);
    CHECK(r->at == (uint64_t)(at - text));
    CHECK(strcmp(r->text, words) == 0);
    if (gh_test_failures)
        printf("# %.200s: %s at %d: %s\n", text, gh_refusal_name(r->reason), (int)r->at,
               r->text);
}

static inline bool text_is(struct gh_text text, const char *wanted)
{
    return text.at && text.size == strlen(wanted) && memcmp(text.at, wanted, text.size) == 0;
}

static inline void decoders_can_be_made(void)
{
    CHECK(gh_pair_init(&pair));
    if (gh_test_failures)
        exit(1);
}

static inline void decoders_can_be_freed(void)
{
    gh_pair_free(&pair);
    gh_decoder_free(NULL);
}

#endif
