/* metrics_process.c - what the kernel says about this process. */
#include "edge/operate/metrics.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define AT(name) (GH_METRIC_##name - GH_METRIC_OWN_COUNT)

/* Fields of /proc/self/stat, counted from 1; man 5 proc. */
enum { STAT_STATE = 3, STAT_USER = 14, STAT_SYSTEM = 15, STAT_THREADS = 20, STAT_START = 22 };
enum { STAT_VIRTUAL = 23, STAT_RESIDENT = 24, STAT_FIELDS = 24 };

static bool stat_read(double field[STAT_FIELDS + 1])
{
    char text[1024];
    FILE *file = fopen("/proc/self/stat", "re");
    const size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose(file);
    text[size] = '\0';
    /* The name of the program stands in brackets and may have blanks and brackets itself. */
    char *at = strrchr(text, ')');
    if (!at)
        return false;
    at += strspn(at + 1, " ") + 1;
    for (int i = STAT_STATE; i <= STAT_FIELDS; i++) {
        field[i] = strtod(at, NULL); /* the state is a letter: 0 */
        at += strcspn(at, " ");
        if (*at != ' ' && i < STAT_FIELDS)
            return false;
        at += *at == ' ';
    }
    return true;
}

static double descriptors(void)
{
    double count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return NAN;
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* that of the folder itself */
}

/* When the process began is told as a time since the machine did. */
static double machine_start_s(void)
{
    struct timespec wall, up;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_BOOTTIME, &up);
    return (double)(wall.tv_sec - up.tv_sec) + (double)(wall.tv_nsec - up.tv_nsec) / 1e9;
}

void gh_metrics_process(double value[GH_PROCESS_METRIC_COUNT])
{
    const double ticks = (double)sysconf(_SC_CLK_TCK), page = (double)sysconf(_SC_PAGESIZE);
    double field[STAT_FIELDS + 1];
    struct rlimit limit;
    for (size_t i = 0; i < GH_PROCESS_METRIC_COUNT; i++)
        value[i] = NAN;
    if (stat_read(field)) {
        value[AT(cpu_seconds_total)] = (field[STAT_USER] + field[STAT_SYSTEM]) / ticks;
        value[AT(resident_memory_bytes)] = field[STAT_RESIDENT] * page;
        value[AT(virtual_memory_bytes)] = field[STAT_VIRTUAL];
        value[AT(threads)] = field[STAT_THREADS];
        value[AT(start_time_seconds)] = machine_start_s() + field[STAT_START] / ticks;
    }
    value[AT(open_fds)] = descriptors();
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        value[AT(max_fds)] = (double)limit.rlim_cur;
}
