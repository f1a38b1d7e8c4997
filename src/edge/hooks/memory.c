/* memory.c - what hooks remember: makers by ref, and the last deliveries. Both are bounded. */
#include "base/cells.h"
#include "base/hash.h"
#include "edge/hooks/hooks_inside.h"
#include "edge/resources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t maker_idle_ms = INT64_C(180) * 86400 * 1000;

struct gh_hook_memory {
    struct gh_heap heap;
    struct gh_cells makers; /* of char[GH_MAKER_SIZE] */
    bool noting;
    struct gh_hook_notes notes;
    uint64_t delivery[GH_HOOK_DELIVERIES];
    uint32_t next;
};

struct gh_hook_memory *gh_hook_memory_new(void)
{
    struct gh_hook_memory *memory = calloc(1, sizeof(*memory));

    if (!memory)
        return NULL;
    memory->heap.memory = gh_memory_system();
    gh_cells_init(&memory->makers, GH_MAKER_SIZE, GH_MAKERS_MAX, maker_idle_ms);
    return memory;
}

void gh_hook_memory_free(struct gh_hook_memory *memory)
{
    if (!memory)
        return;
    gh_cells_free(&memory->heap, &memory->makers);
    free(memory->notes.made);
    free(memory);
}

static uint64_t ref_key(const char *ref)
{
    return gh_hash_pair(gh_hash(ref, strlen(ref)), 1);
}

void gh_hook_memory_note(struct gh_hook_memory *memory)
{
    memory->noting = true;
}

struct gh_hook_notes gh_hook_memory_noted(struct gh_hook_memory *memory)
{
    const struct gh_hook_notes notes = memory->notes;

    memory->notes = (struct gh_hook_notes){.made = NULL};
    return notes;
}

static void note(struct gh_hook_notes *notes, const char *ref, const char *account,
                 int64_t ts_ms)
{
    if (notes->count == notes->room) {
        const size_t room = notes->room ? 2 * notes->room : 4;
        struct gh_hook_made *grown = realloc(notes->made, room * sizeof(*grown));
        if (!grown) {
            notes->lost++;
            return;
        }
        notes->made = grown;
        notes->room = room;
    }
    struct gh_hook_made *made = &notes->made[notes->count++];
    snprintf(made->ref, sizeof(made->ref), "%s", ref);
    snprintf(made->account, sizeof(made->account), "%s", account);
    made->ts_ms = ts_ms;
}

void gh_hook_memory_keep(struct gh_hook_memory *memory, const char *ref, const char *account,
                         int64_t ts_ms)
{
    const size_t size = strlen(account);
    char *maker = size < GH_MAKER_SIZE
                      ? gh_cells_touch(&memory->heap, &memory->makers, ref_key(ref), ts_ms)
                      : NULL;
    if (!maker)
        return;
    memcpy(maker, account, size + 1);
    if (memory->noting)
        note(&memory->notes, ref, account, ts_ms);
}

bool gh_hook_memory_maker(const struct gh_hook_memory *memory, const char *ref, int64_t ts_ms,
                          char account[GH_MAKER_SIZE])
{
    const char *maker = gh_cells_find(&memory->makers, ref_key(ref), ts_ms);

    if (!maker)
        return false;
    memcpy(account, maker, GH_MAKER_SIZE);
    return true;
}

bool gh_hook_memory_seen(const struct gh_hook_memory *memory, uint64_t delivery)
{
    for (uint32_t i = 0; i < GH_HOOK_DELIVERIES; i++)
        if (memory->delivery[i] == delivery)
            return true;
    return false;
}

void gh_hook_memory_see(struct gh_hook_memory *memory, uint64_t delivery)
{
    memory->delivery[memory->next] = delivery;
    memory->next = (memory->next + 1) % GH_HOOK_DELIVERIES;
}
