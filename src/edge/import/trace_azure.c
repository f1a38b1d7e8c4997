/* trace_azure.c - the Azure LLM inference traces of 2023 and 2024. */
#include "edge/import/trace_format.h"

#include "base/civil.h"

#include <string.h>

/* "2023-11-16 18:17:03.9799600" or with an offset; without one it is UTC. */
static bool azure_time(struct gh_text text, int64_t *ms)
{
    char at[48];

    if (text.size < sizeof "2023-11-16 18:17:03" - 1 || text.size > sizeof at - 2)
        return false;
    memcpy(at, text.at, text.size);
    size_t size = text.size;
    if (at[10] != ' ')
        return false;
    at[10] = 'T';
    if (memchr(at + 11, '+', size - 11) == NULL && memchr(at + 11, '-', size - 11) == NULL)
        at[size++] = 'Z';
    return gh_time_parse(at, size, ms);
}

static const char *azure_take(struct gh_trace *import, const struct gh_text *field,
                              struct gh_trace_call *call)
{
    (void)import;
    if (!azure_time(field[0], &call->at_ms))
        return "TIMESTAMP: a time such as 2023-11-16 18:17:03.9799600";
    if (!gh_trace_count(field[1], &call->input_tokens))
        return "ContextTokens: a count";
    if (!gh_trace_count(field[2], &call->output_tokens))
        return "GeneratedTokens: a count";
    return NULL;
}

const struct gh_trace_format gh_trace_azure = {
    .name = "azure-trace",
    .columns = "TIMESTAMP,ContextTokens,GeneratedTokens",
    .actor = "azure-code",
    .take = azure_take,
};
