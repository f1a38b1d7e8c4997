/* commands.c - the table of commands. */
#include "app/command.h"

#include "app/suggest.h"

#include <string.h>

static const struct gh_command *const commands[] = {
#define GH_COMMAND(name) &gh_command_##name,
#include "app/commands.def"
#undef GH_COMMAND
};

size_t gh_command_count(void)
{
    return sizeof(commands) / sizeof(commands[0]);
}

const struct gh_command *gh_command_at(size_t index)
{
    return commands[index];
}

const struct gh_command *gh_command_find(const char *name)
{
    for (size_t i = 0; i < gh_command_count(); i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

enum gh_status gh_command_unknown(const char *name, struct gh_error *error)
{
    struct gh_suggest suggest = {.word = name};

    for (size_t i = 0; i < gh_command_count(); i++)
        gh_suggest_offer(&suggest, commands[i]->name);
    if (suggest.best)
        return gh_error_set(error, GH_EUSAGE, "%s: unknown command: did you mean %s?", name,
                            suggest.best);
    return gh_error_set(error, GH_EUSAGE, "%s: unknown command", name);
}
