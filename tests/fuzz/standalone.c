/* standalone.c - runs a fuzz target over files and the files of folders, without
 * libFuzzer: PROGRAM [-OPTION...] PATH... Options are
 * libFuzzer's and do nothing here. Each file is copied to a block of its exact size, so that a
 * sanitizer sees a read past its end. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file_run(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    int status = 1;

    if (!file || fseek(file, 0, SEEK_END) != 0)
        goto out;
    const long size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0)
        goto out;
    bytes = malloc((size_t)size + (size == 0));
    if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        goto out;
    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    status = 0;
out:
    if (status != 0)
        perror(path);
    free(bytes);
    if (file)
        fclose(file);
    return status;
}

static int path_run(const char *path, unsigned *count)
{
    DIR *folder = opendir(path);
    int status = 0;

    if (!folder) {
        ++*count;
        return file_run(path);
    }
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char inside[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        status |= path_run(inside, count);
    }
    closedir(folder);
    return status;
}

int main(int count, char **path)
{
    unsigned files = 0;
    int status = 0;

    for (int i = 1; i < count; i++)
        if (path[i][0] != '-')
            status |= path_run(path[i], &files);
    printf("%u inputs, %s\n", files, status ? "failed" : "all hold");
    return status || files == 0;
}
