/* commits.c - what GitHub and GitLab have in common: commits, and how a revert names what it
 * takes back. */
#include "edge/hooks/hooks_inside.h"

#include <string.h>
#include <strings.h>

enum { TAKEN_BACK_MAX = 20 }; /* by one commit; the words of a message are free */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

bool gh_hook_reverts(const char *title)
{
    return title && starts(title, "Revert \"");
}

/* A number of at most 18 digits, 0: none. */
static int64_t digits_read(const char *at)
{
    int64_t number = 0;
    int count = 0;

    for (; at[count] >= '0' && at[count] <= '9' && count < 18; count++)
        number = number * 10 + (at[count] - '0');
    return at[count] >= '0' && at[count] <= '9' ? 0 : number;
}

int64_t gh_hook_number_after(const char *text, const char *lead, char sign,
                             const char *repository)
{
    const char *at = text ? strstr(text, lead) : NULL;
    const size_t size = strlen(repository);

    if (!at)
        return 0;
    at += strlen(lead);
    /* Of another repository this one cannot know. */
    if (strncasecmp(at, repository, size) == 0 && at[size] == sign)
        at += size;
    return *at == sign ? digits_read(at + 1) : 0;
}

static bool merges(const char *message)
{
    static const char *const begins[] = {"Merge pull request #", "Merge branch '",
                                         "Merge remote-tracking branch '", "Merge tag '"};

    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (starts(message, begins[i]))
            return true;
    return false;
}

static void taken_back_tell(struct gh_hook_tale *tale, const struct gh_hook_commit *commit)
{
    static const char lead[] = "This reverts commit ";
    const char *at = commit->message;

    for (int i = 0; i < TAKEN_BACK_MAX && (at = strstr(at, lead)) != NULL; i++) {
        at += sizeof(lead) - 1;
        const size_t size = strspn(at, "0123456789abcdef");
        if (size != 40 && size != 64)
            continue;
        const struct gh_hook_name ref =
            gh_hook_name("%s@%.*s", commit->repository, (int)size, at);
        const struct gh_hook_name id =
            gh_hook_name("commit:%s:reverts:%.*s", commit->sha, (int)size, at);
        gh_hook_tell_maker(tale, (struct gh_hook_output){.artifact = GH_COMMIT,
                                                         .state = GH_REVERTED,
                                                         .ref = ref.text,
                                                         .id = id.text,
                                                         .ts_ms = commit->ts_ms});
    }
}

void gh_hook_tell_commit(struct gh_hook_tale *tale, const struct gh_hook_commit *commit)
{
    const struct gh_hook_name ref = gh_hook_name("%s@%s", commit->repository, commit->sha);
    const struct gh_hook_name id = gh_hook_name("commit:%s", commit->sha);

    taken_back_tell(tale, commit);
    if (merges(commit->message))
        return;
    gh_hook_tell(tale, &(struct gh_hook_output){.artifact = GH_COMMIT,
                                                .state = GH_ACCEPTED,
                                                .ref = ref.text,
                                                .account = commit->account,
                                                .id = id.text,
                                                .ts_ms = commit->ts_ms});
}
