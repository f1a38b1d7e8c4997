/* fail_io.c - a disk that takes no writes: preloaded into a real program, it lets writes and
 * syncs of files below FAIL_IO_FOLDER fail.
 *
 *   FAIL_IO_FLAG=FILE   while FILE is there, with the errno that its text says ("28")
 *   FAIL_IO_AT=N        the N-th such call, from 1, and all after it
 *   FAIL_IO_ONCE=1      that call alone
 *   FAIL_IO_ERRNO=E     with this errno; 0: kill the program instead
 *   FAIL_IO_COUNT=FILE  at the end, the number of such calls */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long calls;

static long number(const char *name)
{
    const char *text = getenv(name);

    return text ? strtol(text, NULL, 10) : 0;
}

static int below(int file)
{
    const char *folder = getenv("FAIL_IO_FOLDER");
    char link[64], path[4096];

    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t size = readlink(link, path, sizeof path - 1);
    return folder && size > 0 && strncmp(path, folder, strlen(folder)) == 0;
}

static int flag_errno(void)
{
    char text[16] = "";
    const char *flag = getenv("FAIL_IO_FLAG");
    const int file = flag ? open(flag, O_RDONLY | O_CLOEXEC) : -1;

    if (file < 0)
        return 0;
    const ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    return size > 0 ? (int)strtol(text, NULL, 10) : ENOSPC;
}

/* 0, or what errno the call fails with. */
static int failure(int file)
{
    if (!below(file))
        return 0;
    const long at = number("FAIL_IO_AT"), now = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    const int hit = at > 0 && (now == at || (now > at && !number("FAIL_IO_ONCE")));
    if (hit && number("FAIL_IO_ERRNO") == 0)
        kill(getpid(), SIGKILL);
    return hit ? (int)number("FAIL_IO_ERRNO") : flag_errno();
}

#define FAIL_OR(file)                  \
    const int trouble = failure(file); \
    if (trouble) {                     \
        errno = trouble;               \
        return -1;                     \
    }
#define NEXT(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *at, size_t size)
{
    FAIL_OR(file)
    return NEXT(ssize_t, write, int, const void *, size_t)(file, at, size);
}

ssize_t pwrite64(int file, const void *at, size_t size, off64_t offset)
{
    FAIL_OR(file)
    return NEXT(ssize_t, pwrite64, int, const void *, size_t, off64_t)(file, at, size, offset);
}

ssize_t pwrite(int file, const void *at, size_t size, off_t offset)
{
    FAIL_OR(file)
    return NEXT(ssize_t, pwrite, int, const void *, size_t, off_t)(file, at, size, offset);
}

int fsync(int file)
{
    FAIL_OR(file)
    return NEXT(int, fsync, int)(file);
}

int fdatasync(int file)
{
    FAIL_OR(file)
    return NEXT(int, fdatasync, int)(file);
}

int ftruncate64(int file, off64_t size)
{
    FAIL_OR(file)
    return NEXT(int, ftruncate64, int, off64_t)(file, size);
}

/* The service hides its /proc from others, and so from itself when it is not root. */
int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
    return option == PR_SET_DUMPABLE ? 0
                                     : NEXT(int, prctl, int, unsigned long, unsigned long,
                                            unsigned long, unsigned long)(option, a, b, c, d);
}

int ftruncate(int file, off_t size)
{
    FAIL_OR(file)
    return NEXT(int, ftruncate, int, off_t)(file, size);
}

__attribute__((destructor)) static void calls_write(void)
{
    const char *path = getenv("FAIL_IO_COUNT");
    FILE *out = path ? fopen(path, "we") : NULL;

    if (!out)
        return;
    fprintf(out, "%ld\n", calls);
    fclose(out);
}
