/* basis.c - see basis.h. */
#include "app/basis.h"

#include "base/hash.h"
#include "edge/edge_options.h"
#include "edge/embedded.h"
#include "edge/json.h"
#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a model, a price table, a basis. */
enum { FILE_BYTES_MAX = 16 << 20, NAME_SIZE = 64 };

/* The whole of an open file, with a NUL behind it; NULL: errno says why. */
static char *stream_read(FILE *file, size_t *size)
{
    char *at = malloc(FILE_BYTES_MAX + 1);

    *size = at ? fread(at, 1, FILE_BYTES_MAX, file) : 0;
    if (at && (ferror(file) || fgetc(file) != EOF)) {
        errno = ferror(file) ? errno : EFBIG;
        free(at);
        return NULL;
    }
    if (at)
        at[*size] = '\0';
    return at;
}

static enum gh_status file_read(const char *path, char **at, size_t *size,
                                struct gh_error *error)
{
    FILE *file = fopen(path, "re");

    *at = file ? stream_read(file, size) : NULL;
    const int trouble = errno;
    if (file)
        fclose(file);
    return *at ? GH_OK
               : gh_error_set(error, GH_EIO, "%s: cannot be read: %s", path, strerror(trouble));
}

/* Writes a new file that is whole when it has its name. */
static enum gh_status file_write(const char *folder, const char *path, struct gh_text bytes,
                                 struct gh_error *error)
{
    char *fresh = gh_path_join(folder, "basis.new");
    const int file =
        fresh ? open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR) : -1;
    bool good = file >= 0;
    size_t done = 0;

    while (good && done < bytes.size) {
        const ssize_t n = write(file, bytes.at + done, bytes.size - done);
        good = n > 0 || (n < 0 && errno == EINTR);
        done += n > 0 ? (size_t)n : 0;
    }
    good = good && fsync(file) == 0 && rename(fresh, path) == 0;
    const int trouble = errno;
    if (file >= 0)
        close(file);
    free(fresh);
    if (!good)
        return gh_error_set(error, gh_errno_status(trouble), "%s: cannot be written: %s", path,
                            strerror(trouble));
    return gh_folder_sync(folder, error);
}

/* Keeps bytes as a file KIND-HASH.SUFFIX, unless it is there. */
static enum gh_status bytes_keep(const char *folder, const char *form, struct gh_text bytes,
                                 char name[NAME_SIZE], struct gh_error *error)
{
    char hash[GH_BASIS_SIZE];

    gh_hash_hex(bytes.at, bytes.size, hash);
    snprintf(name, NAME_SIZE, form, hash);
    char *path = gh_path_join(folder, name);
    if (!path)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
    const enum gh_status status =
        access(path, R_OK) == 0 ? GH_OK : file_write(folder, path, bytes, error);
    free(path);
    return status;
}

/* A file that an option names, or the copy built in. The caller frees *own, which may be what
 * *bytes points to. */
static enum gh_status resource_read(const char *option, const char *built_in, char **own,
                                    struct gh_text *bytes, struct gh_error *error)
{
    size_t size = 0;
    const char *at = gh_embedded(built_in, &size);
    const enum gh_status status = option[0] ? file_read(option, own, &size, error) : GH_OK;

    *bytes = (struct gh_text){*own ? *own : at, (uint32_t)size};
    return status;
}

static const char model_file[] = "default.json", prices_file[] = "prices.json";

static enum gh_status resource_keep(const char *folder, const char *option, const char *form,
                                    char name[NAME_SIZE], struct gh_error *error)
{
    const bool model = strncmp(form, "model", 5) == 0;
    struct gh_text bytes;
    char *own = NULL;
    enum gh_status status =
        resource_read(option, model ? model_file : prices_file, &own, &bytes, error);

    if (status == GH_OK)
        status = bytes_keep(folder, form, bytes, name, error);
    free(own);
    return status;
}

static enum gh_status resource_hash(const char *option, const char *built_in,
                                    char hash[GH_BASIS_SIZE], struct gh_error *error)
{
    struct gh_text bytes;
    char *own = NULL;
    const enum gh_status status = resource_read(option, built_in, &own, &bytes, error);

    if (status == GH_OK)
        gh_hash_hex(bytes.at, bytes.size, hash);
    free(own);
    return status;
}

enum gh_status gh_basis_files(const struct gh_config *config, struct gh_resource_hash *hash,
                              struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(config, "service");
    const enum gh_status status =
        resource_hash(service->model.text, model_file, hash->model, error);

    return status == GH_OK
               ? resource_hash(service->prices.text, prices_file, hash->prices, error)
               : status;
}

/* The options of a group, or one of them. */
static void group_write(struct gh_json *text, const struct gh_config *config,
                        const struct gh_option_group *group, const char *only)
{
    char value[GH_CONFIG_PRINT_SIZE], line[GH_CONFIG_PRINT_SIZE + 128];

    snprintf(line, sizeof line, "%s:\n", group->name);
    gh_json_raw(text, line, strlen(line));
    for (size_t i = 0; i < group->count; i++) {
        const struct gh_option *option = &group->options[i];
        if (only && strcmp(only, option->name) != 0)
            continue;
        gh_config_print(config, group, option, value, sizeof value);
        snprintf(line, sizeof line, "  %s: %s\n", option->name, value);
        gh_json_raw(text, line, strlen(line));
    }
}

/* Every option of the engine, what teams and roles have of their own, and of the shell's
 * those on which an alert depends. */
static char *basis_text(const struct gh_config *config, const char *model, const char *prices)
{
    char *overrides = gh_config_overrides_print(config);
    struct gh_json text = {.failed = !overrides};
    char line[3 * NAME_SIZE];

    gh_json_raw(&text, "# goodhart " GH_VERSION "\n", strlen("# goodhart " GH_VERSION "\n"));
    for (size_t i = 0; i < gh_config_group_count(); i++) {
        const struct gh_option_group *group = gh_config_group_at(i);
        if (i < gh_engine_group_count())
            group_write(&text, config, group, NULL);
        else if (strcmp(group->name, "alerts") == 0)
            group_write(&text, config, group, "source");
    }
    snprintf(line, sizeof line, "service:\n  model: \"%s\"\n  prices: \"%s\"\n", model, prices);
    gh_json_raw(&text, line, strlen(line));
    gh_json_raw(&text, overrides, overrides ? strlen(overrides) : 0);
    free(overrides);
    return gh_json_take(&text);
}

enum gh_status gh_basis_keep(const char *folder, const struct gh_config *config,
                             char hash[GH_BASIS_SIZE], struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(config, "service");
    char model[NAME_SIZE], prices[NAME_SIZE], name[NAME_SIZE];
    enum gh_status status =
        resource_keep(folder, service->model.text, "model-%s.json", model, error);

    if (status == GH_OK)
        status = resource_keep(folder, service->prices.text, "prices-%s.json", prices, error);
    if (status != GH_OK)
        return status;
    char *text = basis_text(config, model, prices);
    if (!text)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
    const struct gh_text bytes = {text, (uint32_t)strlen(text)};
    gh_hash_hex(bytes.at, bytes.size, hash);
    status = bytes_keep(folder, "basis-%s.yaml", bytes, name, error);
    free(text);
    return status;
}

/* Reads a file that has its hash in its name, and checks that it is the one. */
static enum gh_status kept_read(const char *path, char **at, size_t *size,
                                struct gh_error *error)
{
    char hash[GH_BASIS_SIZE];
    enum gh_status status = file_read(path, at, size, error);

    if (status != GH_OK)
        return status;
    gh_hash_hex(*at, *size, hash);
    const char *dash = strrchr(path, '-');
    if (dash && strncmp(dash + 1, hash, sizeof hash - 1) == 0)
        return GH_OK;
    free(*at);
    *at = NULL;
    return gh_error_set(error, GH_EFORMAT, "%s: is not what its name says: it was changed",
                        path);
}

/* The option names a file of the folder: makes it a path, and checks the file. */
static enum gh_status resource_config(const char *folder, struct gh_config *config,
                                      const char *option, const char *name,
                                      struct gh_error *error)
{
    char *path = gh_path_join(folder, name), *bytes = NULL;
    char assignment[GH_CONFIG_PRINT_SIZE + 64];
    size_t size = 0;

    if (!path)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
    enum gh_status status = kept_read(path, &bytes, &size, error);
    if (status == GH_OK) {
        free(bytes);
        snprintf(assignment, sizeof assignment, "%s=%s", option, path);
        status = gh_config_set(config, assignment, error);
    }
    free(path);
    return status;
}

static enum gh_status text_config(const char *folder, const char *path,
                                  struct gh_config *config, struct gh_error *error)
{
    const struct gh_service_options *service = gh_config_group(config, "service");
    char *text = NULL;
    size_t size = 0;
    enum gh_status status = kept_read(path, &text, &size, error);

    if (status != GH_OK)
        return status;
    status = gh_config_yaml(config, path, text, size, error);
    free(text);
    const struct gh_option_text model = service->model, prices = service->prices;
    if (status == GH_OK)
        status = resource_config(folder, config, "service.model", model.text, error);
    if (status == GH_OK)
        status = resource_config(folder, config, "service.prices", prices.text, error);
    return status;
}

enum gh_status gh_basis_config(const char *folder, const char *hash, struct gh_config **config,
                               struct gh_error *error)
{
    char name[NAME_SIZE];
    struct gh_config *made = NULL;

    snprintf(name, sizeof name, "basis-%.32s.yaml", hash);
    char *path = gh_path_join(folder, name);
    if (!path)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", folder);
    enum gh_status status = gh_config_new(&made, error);
    if (status == GH_OK)
        status = text_config(folder, path, made, error);
    free(path);
    if (status == GH_OK)
        *config = made;
    else
        gh_config_free(made);
    return status;
}
