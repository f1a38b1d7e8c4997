/* starve.c - see starve.h. The linker leads calls of NAME in our objects to __wrap_NAME, and
 * __real_NAME to what they would have reached. */
#define ZSTD_STATIC_LINKING_ONLY
#include "support/starve.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <lzma.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include <zlib.h>
#include <zmq.h>
#include <zstd.h>

static long asked, refused, refuse_at;
static bool refuse_on;
static sqlite3_mem_methods sqlite_memory;

void gh_starve(long at, bool for_good)
{
    asked = refused = 0;
    refuse_on = for_good;
    refuse_at = at;
}

long gh_starve_asked(void)
{
    return asked;
}

long gh_starve_refused(void)
{
    return refused;
}

/* Whether this request is to be refused; several threads ask. */
static bool starving(void)
{
    const long now = __atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED);
    const bool hit = refuse_at > 0 && (now == refuse_at || (now > refuse_at && refuse_on));

    if (hit) {
        __atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
        errno = ENOMEM;
    }
    return hit;
}

/* NAME(parameters), called with (arguments), answers `none` when there is no memory. */
#define WRAP(type, name, none, parameters, arguments)       \
    type __real_##name parameters;                          \
    type __wrap_##name parameters;                          \
    type __wrap_##name parameters                           \
    {                                                       \
        return starving() ? none : __real_##name arguments; \
    }
WRAP(void *, malloc, NULL, (size_t size), (size))
WRAP(void *, calloc, NULL, (size_t count, size_t size), (count, size))
WRAP(char *, strdup, NULL, (const char *text), (text))
WRAP(char *, strndup, NULL, (const char *text, size_t size), (text, size))
WRAP(FILE *, fopen, NULL, (const char *path, const char *mode), (path, mode))
WRAP(DIR *, opendir, NULL, (const char *path), (path))
WRAP(FILE *, open_memstream, NULL, (char **text, size_t *size), (text, size))
WRAP(void *, zmq_ctx_new, NULL, (void), ())
WRAP(void *, zmq_socket, NULL, (void *context, int type), (context, type))
WRAP(int, inflateInit2_, Z_MEM_ERROR, (z_stream * s, int bits, const char *version, int size),
     (s, bits, version, size))
WRAP(lzma_ret, lzma_stream_decoder, LZMA_MEM_ERROR,
     (lzma_stream * s, uint64_t memory, uint32_t flags), (s, memory, flags))

/* To nothing is to free, which always succeeds. */
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size)
{
    return size > 0 && starving() ? NULL : __real_realloc(p, size);
}

#define WRAP_YAML(name, parameters, arguments) \
    int __real_##name parameters;              \
    int __wrap_##name parameters;              \
    int __wrap_##name parameters               \
    {                                          \
        if (!starving())                       \
            return __real_##name arguments;    \
        parser->error = YAML_MEMORY_ERROR;     \
        return 0;                              \
    }
WRAP_YAML(yaml_parser_initialize, (yaml_parser_t * parser), (parser))
WRAP_YAML(yaml_parser_parse, (yaml_parser_t * parser, yaml_event_t *event), (parser, event))
WRAP_YAML(yaml_parser_load, (yaml_parser_t * parser, yaml_document_t *document),
          (parser, document))

static void *zstd_take(void *context, size_t size)
{
    (void)context;
    return __wrap_malloc(size);
}

static void zstd_give(void *context, void *p)
{
    (void)context;
    free(p);
}

static const ZSTD_customMem zstd_memory = {zstd_take, zstd_give, NULL};

ZSTD_CCtx *__wrap_ZSTD_createCCtx(void);
ZSTD_CCtx *__wrap_ZSTD_createCCtx(void)
{
    return ZSTD_createCCtx_advanced(zstd_memory);
}

ZSTD_DCtx *__wrap_ZSTD_createDCtx(void);
ZSTD_DCtx *__wrap_ZSTD_createDCtx(void)
{
    return ZSTD_createDCtx_advanced(zstd_memory);
}

static void *sqlite_take(int size)
{
    return starving() ? NULL : sqlite_memory.xMalloc(size);
}

static void *sqlite_resize(void *p, int size)
{
    return starving() ? NULL : sqlite_memory.xRealloc(p, size);
}

__attribute__((constructor)) static void starve_begin(void)
{
    const char *at = getenv("STARVE_AT");
    sqlite3_mem_methods memory;

    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
    memory = sqlite_memory;
    memory.xMalloc = sqlite_take;
    memory.xRealloc = sqlite_resize;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
    if (at)
        gh_starve(strtol(at, NULL, 10), getenv("STARVE_FOR_GOOD") != NULL);
}

__attribute__((destructor)) static void starve_end(void)
{
    const char *path = getenv("STARVE_COUNT");
    FILE *out = path ? __real_fopen(path, "we") : NULL;

    if (!out)
        return;
    fprintf(out, "%ld %ld\n", asked, refused);
    fclose(out);
}
