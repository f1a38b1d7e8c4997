/* fuzz_hooks.c - libFuzzer target: bytes as the body of a webhook, rightly signed. The first
 * chooses the event of GitHub, GitLab, or a generic hook by a built-in map file. What is told
 * are events of the contract; nothing is told unless it is said so; what is kept is not told
 * again. */
#include "support/hook_kit.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gh_maps *maps;

static void fail(const char *what, const struct gh_json *lines)
{
    fprintf(stderr, "fuzz_hooks: %s\n%s\n", what, lines->at ? lines->at : "");
    abort();
}

/* The services, and one hook whose name is that of a map file. */
static struct gh_hooks *hooks_make(void)
{
    struct gh_hooks_options options = {.signature_headers = {"X-Hub-Signature-256"}};
    struct gh_hooks *hooks = NULL;
    struct gh_error error = {0};
    char folder[] = "/tmp/goodhart-hooks-XXXXXX", path[64];

    if (sodium_init() < 0 || !mkdtemp(folder))
        abort();
    snprintf(path, sizeof(path), "%s/litellm", folder);
    const int file = open(path, O_WRONLY | O_CREAT, 0600);
    if (file < 0 || write(file, HOOK_SECRET, sizeof(HOOK_SECRET) - 1) < 0)
        abort();
    snprintf(options.github_secret.text, sizeof(options.github_secret.text), "%s", path);
    options.gitlab_secret = options.github_secret;
    snprintf(options.generic_secrets.text, sizeof(options.generic_secrets.text), "%s", folder);
    if (gh_hooks_new(&hooks, &options, &error) != GH_OK ||
        gh_maps_load(&maps, "", &error) != GH_OK)
        abort();
    close(file);
    unlink(path);
    rmdir(folder);
    return hooks;
}

static const char *lines_trouble(const struct gh_hook_call *call, const struct gh_json *lines)
{
    static struct gh_decoder *decoder;
    struct gh_refused refused;
    struct gh_event event;
    struct gh_piece piece;
    struct gh_frame frame;

    if (strcmp(call->name, "litellm") != 0)
        return hook_lines_trouble(lines);
    decoder = decoder ? decoder : gh_decoder_new();
    gh_frame_init_lines(&frame, lines->at ? lines->at : "", lines->used);
    while (gh_frame_next(&frame, &piece)) {
        if (!gh_decode(decoder, &piece, &event, &refused))
            return "a line is no event";
        gh_decoder_reset(decoder);
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const event[] = {"pull_request", "pull_request_review", "push", "issues",
                                        "deployment_status"};
    enum { EVENTS = sizeof(event) / sizeof(event[0]) };
    static struct gh_hooks *hooks;
    struct hook_request request;
    struct gh_json lines = {0};
    struct gh_error error = {0};

    if (size == 0)
        return 0;
    hooks = hooks ? hooks : hooks_make();
    const unsigned chosen = data[0] % (EVENTS + 2);
    struct gh_hook_call call = hook_call(&request, chosen < EVENTS ? event[chosen] : NULL,
                                         (const char *)data + 1, size - 1);
    if (chosen == EVENTS + 1) {
        call.name = "litellm";
        call.maps = maps;
        request.header[0] = (struct hook_header){"X-Hub-Signature-256", request.signature};
    }
    const enum gh_hook_outcome outcome = gh_hooks_take(hooks, &call, &lines, &error);
    const char *trouble = lines_trouble(&call, &lines);
    if (outcome == GH_HOOK_UNSIGNED || outcome == GH_HOOK_FORGED || outcome == GH_HOOK_OFF)
        fail("a signed request is turned away", &lines);
    if ((outcome == GH_HOOK_TOLD) != (lines.used > 0))
        fail("told without being so", &lines);
    if ((outcome == GH_HOOK_BAD) != (error.text[0] != '\0'))
        fail("refused without a reason", &lines);
    if (trouble)
        fail(trouble, &lines);
    if (outcome == GH_HOOK_TOLD) {
        gh_hooks_kept(hooks, gh_hooks_delivery(&call));
        if (gh_hooks_take(hooks, &call, &lines, &error) != GH_HOOK_SEEN)
            fail("told again after it was kept", &lines);
    }
    gh_json_free(&lines);
    return 0;
}
