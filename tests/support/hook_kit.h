/* hook_kit.h - requests of services, signed, for tests of edge/hooks. Payloads are synthetic,
 * in the shapes that the services document; they are written with ' for ". */
#ifndef GOODHART_TESTS_SUPPORT_HOOK_KIT_H
#define GOODHART_TESTS_SUPPORT_HOOK_KIT_H

#include "edge/decode.h"
#include "edge/hooks/hooks.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOK_SECRET "It's a Secret to Everybody"
#define HOOK_DATE "2026-08-06T07:06:40Z"
#define HOOK_DATE_MS INT64_C(1786000000000)

struct hook_header {
    const char *name, *value;
};
struct hook_request {
    struct hook_header header[4];
    char signature[72]; /* "sha256=..." */
};

static inline const char *hook_header_of(const void *request, const char *name)
{
    const struct hook_request *r = request;
    for (size_t i = 0; i < sizeof(r->header) / sizeof(r->header[0]); i++)
        if (r->header[i].name && !strcasecmp(r->header[i].name, name))
            return r->header[i].value;
    return NULL;
}

static inline void hook_sign(char signature[72], const char *secret, const char *body,
                             size_t size)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, size);
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(signature, "sha256=", 8);
    sodium_bin2hex(signature + 7, 65, mac, sizeof(mac));
}

/* A request of GitHub or, where `event` is NULL, of GitLab. */
static inline struct gh_hook_call hook_call(struct hook_request *request, const char *event,
                                            const char *body, size_t size)
{
    *request = (struct hook_request){.signature = ""};
    hook_sign(request->signature, HOOK_SECRET, body, size);
    request->header[0] = event ? (struct hook_header){"X-Hub-Signature-256", request->signature}
                               : (struct hook_header){"X-Gitlab-Token", HOOK_SECRET};
    request->header[1] = (struct hook_header){event ? "X-GitHub-Event" : NULL, event};
    return (struct gh_hook_call){
        .name = event ? "github" : "gitlab",
        .body = body,
        .size = size,
        .header = hook_header_of,
        .request = request,
        .arrived_ms = HOOK_DATE_MS,
    };
}

/* Both services with HOOK_SECRET, from a file that is gone again. NULL: something failed. */
static inline struct gh_hooks *hook_hooks(void)
{
    struct gh_hooks_options options = {.key = {""}};
    struct gh_hooks *hooks = NULL;
    struct gh_error error = {0};
    char path[] = "/tmp/goodhart-hook-XXXXXX";
    const int file = mkstemp(path);
    snprintf(options.github_secret.text, sizeof(options.github_secret.text), "%s", path);
    snprintf(options.gitlab_secret.text, sizeof(options.gitlab_secret.text), "%s", path);
    if (file >= 0 && write(file, HOOK_SECRET "\n", sizeof(HOOK_SECRET)) > 0 &&
        gh_hooks_new(&hooks, &options, &error) != GH_OK)
        printf("# %s\n", error.text);
    close(file);
    unlink(path);
    return hooks;
}

/* NULL: each line is an event that the decoder takes. Else what is wrong. */
static inline const char *hook_lines_trouble(const struct gh_json *lines)
{
    static struct gh_decoder *decoder;
    struct gh_refused refused;
    struct gh_event event;
    struct gh_piece piece;
    struct gh_frame frame;
    decoder = decoder ? decoder : gh_decoder_new();
    gh_frame_init_lines(&frame, lines->at ? lines->at : "", lines->used);
    while (gh_frame_next(&frame, &piece)) {
        if (!gh_decode(decoder, &piece, &event, &refused))
            return "a line is no event";
        if (event.kind != GH_OUTPUT && event.kind != GH_PROFILE)
            return "an event of another kind";
        gh_decoder_reset(decoder);
    }
    return NULL;
}

/* With " for ', freed by the caller. */
static inline char *hook_quoted(const char *text)
{
    char *copy = strdup(text);
    for (char *at = copy; at && *at; at++)
        *at = *at == '\'' ? '"' : *at;
    return copy;
}

/* Pieces of payloads. */
#define HOOK_REPOSITORY                                             \
    "'repository':{'full_name':'acme/api','default_branch':'main'," \
    "'pushed_at':1786000000,'private':true}"
#define HOOK_SENDER "'sender':{'login':'grace','id':2,'type':'User'}"
#define HOOK_PROJECT                                            \
    "'project':{'id':15,'path_with_namespace':'acme/web/shop'," \
    "'default_branch':'main'}"
#define HOOK_ADA "{'login':'ada','id':1,'type':'User'}"
#define HOOK_SHA "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"

/* One of each, for whoever wants them all. event NULL: GitLab. */
struct hook_payload {
    const char *event, *body;
};
// clang-format off
static const struct hook_payload hook_payloads[] = {
    {"ping", "{'zen':'Keep it logically awesome.','hook_id':1}"},
    {"pull_request",
     "{'action':'closed','number':7,'pull_request':{'number':7,'title':'Revert \\\"Add x\\\"',"
     "'body':'Reverts acme/api#5','user':" HOOK_ADA ",'merged':true,'draft':false,"
     "'merged_at':'" HOOK_DATE "','closed_at':'" HOOK_DATE "','created_at':'" HOOK_DATE "',"
     "'updated_at':'" HOOK_DATE "','additions':10,'deletions':2,'changed_files':1},"
     HOOK_REPOSITORY "," HOOK_SENDER "}"},
    {"pull_request_review",
     "{'action':'submitted','review':{'id':80,'state':'approved','user':" HOOK_ADA ","
     "'submitted_at':'" HOOK_DATE "'},'pull_request':{'number':7,'user':{'login':'grace'}},"
     HOOK_REPOSITORY "}"},
    {"push",
     "{'ref':'refs/heads/main','forced':false,'commits':[{'id':'" HOOK_SHA "','message':"
     "'Undo it\\n\\nThis reverts commit 1111111111111111111111111111111111111111.','timestamp':"
     "'2026-08-06T09:06:40+02:00','author':{'name':'Ada','email':'ada@example.test','username':"
     "'ada'},'added':[],'modified':['a.c'],'removed':[]}]," HOOK_REPOSITORY "}"},
    {"issues",
     "{'action':'closed','issue':{'number':9,'state_reason':'completed','user':" HOOK_ADA ","
     "'assignee':" HOOK_ADA ",'closed_at':'" HOOK_DATE "','updated_at':'" HOOK_DATE "'},"
     HOOK_REPOSITORY "," HOOK_SENDER "}"},
    {"deployment_status",
     "{'action':'created','deployment_status':{'state':'success','created_at':'" HOOK_DATE "'},"
     "'deployment':{'id':3,'environment':'production','transient_environment':false,"
     "'creator':{'login':'release[bot]','type':'Bot'}}," HOOK_REPOSITORY "}"},
    {NULL,
     "{'object_kind':'merge_request','user':{'id':2,'username':'grace'}," HOOK_PROJECT ","
     "'object_attributes':{'iid':4,'author_id':1,'title':'Revert \\\"Add x\\\"','description':"
     "'This reverts merge request !3','action':'merge','draft':false,'updated_at':"
     "'2026-08-06 07:06:40 UTC'},'assignees':[{'id':1,'username':'ada'}]}"},
    {NULL,
     "{'object_kind':'merge_request','user':{'id':2,'username':'grace'}," HOOK_PROJECT ","
     "'object_attributes':{'iid':4,'author_id':1,'action':'approved','updated_at':"
     "'2026-08-06 07:06:40 UTC'}}"},
    {NULL,
     "{'object_kind':'note','user':{'id':2,'username':'grace'}," HOOK_PROJECT ","
     "'object_attributes':{'noteable_type':'MergeRequest','system':false,'action':'create',"
     "'created_at':'2026-08-06 07:06:40 UTC'},'merge_request':{'iid':4,'author_id':1}}"},
    {NULL,
     "{'object_kind':'push','ref':'refs/heads/main'," HOOK_PROJECT ",'user_username':'grace',"
     "'commits':[{'id':'" HOOK_SHA "','message':'Add y','timestamp':'" HOOK_DATE "','author':"
     "{'name':'Ada','email':'ada@example.test'}}],'total_commits_count':1}"},
    {NULL,
     "{'object_kind':'issue','user':{'id':2,'username':'grace'}," HOOK_PROJECT ","
     "'object_attributes':{'iid':8,'action':'close','closed_at':'2026-08-06 07:06:40 UTC',"
     "'updated_at':'2026-08-06 07:06:40 UTC'},'assignees':[{'id':1,'username':'ada'}]}"},
    {NULL,
     "{'object_kind':'deployment','status':'success','status_changed_at':"
     "'2026-08-06 09:06:40 +0200','deployment_id':6,'environment':'production',"
     "'environment_tier':'production','user':{'id':2,'username':'grace'}," HOOK_PROJECT "}"},
};
// clang-format on
enum { HOOK_PAYLOADS = sizeof(hook_payloads) / sizeof(hook_payloads[0]) };

#endif
