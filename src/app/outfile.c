/* outfile.c - see outfile.h. */
#include "app/outfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum gh_status gh_outfile_open(struct gh_outfile *out, const char *path, struct gh_error *error)
{
    *out = (struct gh_outfile){.path = path};
    if (!path)
        return GH_OK;
    out->file = strcmp(path, "-") != 0 ? fopen(path, "we") : stdout;
    if (!out->file)
        return gh_error_set(error, GH_EIO, "%s: cannot be written: %s", path, strerror(errno));
    return GH_OK;
}

void gh_outfile_line(struct gh_outfile *out, char *line)
{
    if (out->file) {
        out->failed |= !line;
        if (line) {
            fputs(line, out->file);
            fputc('\n', out->file);
        }
    }
    free(line);
}

enum gh_status gh_outfile_close(struct gh_outfile *out, struct gh_error *error)
{
    FILE *file = out->file;
    enum gh_status status = GH_OK;
    bool bad;

    if (!file)
        return GH_OK;
    bad = ferror(file);
    bad |= (file == stdout ? fflush(file) : fclose(file)) != 0;
    out->file = NULL;
    if (bad)
        status = gh_error_set(error, GH_EIO, "%s: could not be written in full", out->path);
    else if (out->failed)
        status = gh_error_set(error, GH_EMEMORY, "%s: out of memory", out->path);
    return status;
}
