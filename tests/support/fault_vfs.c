/* fault_vfs.c - see fault_vfs.h. */
#include "support/fault_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
    const char *name; /* SQLite keeps it while the file is open */
};

static struct gh_fault fault = {.left = -1};
static sqlite3_vfs *real_vfs;
static bool keep_synced;

void gh_fault_keep(bool keep)
{
    keep_synced = keep;
}

static sqlite3_file *real(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

/* Whether the call that is about to be made fails. */
static bool fails(bool sync)
{
    if (sync != (fault.kind == GH_FAULT_SYNC) || fault.left < 0)
        return false;
    if (fault.left > 0) {
        fault.left--;
        return false;
    }
    if (!fault.for_good)
        fault.left = -1;
    fault.failed++;
    return true;
}

static int code_of(int io)
{
    return fault.kind == GH_FAULT_FULL ? SQLITE_FULL : io;
}

static int file_close(sqlite3_file *file)
{
    sqlite3_file *inner = real(file);
    const int code = inner->pMethods ? inner->pMethods->xClose(inner) : SQLITE_OK;

    free(inner);
    return code;
}

static int file_read(sqlite3_file *file, void *at, int size, sqlite3_int64 offset)
{
    return real(file)->pMethods->xRead(real(file), at, size, offset);
}

static int file_write(sqlite3_file *file, const void *at, int size, sqlite3_int64 offset)
{
    const bool bad = fails(false);
    const int part = bad ? size / 2 : size;
    const int code = real(file)->pMethods->xWrite(real(file), at, part, offset);

    return bad ? code_of(SQLITE_IOERR_WRITE) : code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return fails(false) ? code_of(SQLITE_IOERR_TRUNCATE)
                        : real(file)->pMethods->xTruncate(real(file), size);
}

static int synced_copy(sqlite3_file *file)
{
    const char *name = ((struct fault_file *)file)->name;
    char path[512], bytes[65536];
    sqlite3_int64 size = 0;
    FILE *copy;
    bool good;

    snprintf(path, sizeof path, "%s.synced", name);
    copy = fopen(path, "w");
    good = copy && real(file)->pMethods->xFileSize(real(file), &size) == SQLITE_OK;
    for (sqlite3_int64 at = 0; good && at < size;) {
        const int part = size - at < (int)sizeof bytes ? (int)(size - at) : (int)sizeof bytes;
        good = real(file)->pMethods->xRead(real(file), bytes, part, at) == SQLITE_OK &&
               fwrite(bytes, 1, (size_t)part, copy) == (size_t)part;
        at += part;
    }
    return copy && fclose(copy) == 0 && good ? SQLITE_OK : SQLITE_IOERR;
}

static int file_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    if (fails(true))
        return SQLITE_IOERR_FSYNC;
    return keep_synced ? synced_copy(file) : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int file_reserved(sqlite3_file *file, int *reserved)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), reserved);
}

static int file_control(sqlite3_file *file, int what, void *argument)
{
    return real(file)->pMethods->xFileControl(real(file), what, argument);
}

static int file_sector(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int file_traits(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **at)
{
    return extend && fails(false)
               ? SQLITE_IOERR_SHMSIZE
               : real(file)->pMethods->xShmMap(real(file), page, size, extend, at);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void shm_barrier(sqlite3_file *file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}

static int shm_unmap(sqlite3_file *file, int remove)
{
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *flags_out)
{
    struct fault_file *opened = (struct fault_file *)file;
    int code = SQLITE_NOMEM;

    (void)vfs;
    opened->base.pMethods = NULL;
    opened->name = name;
    if ((flags & SQLITE_OPEN_CREATE) && fails(false))
        return SQLITE_CANTOPEN;
    opened->real = calloc(1, (size_t)real_vfs->szOsFile);
    if (opened->real)
        code = real_vfs->xOpen(real_vfs, name, opened->real, flags, flags_out);
    if (code == SQLITE_OK)
        opened->base.pMethods = &methods;
    else
        free(opened->real);
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)sync;
    return fault.kind == GH_FAULT_WRITE && fails(false) ? SQLITE_IOERR_DELETE
                                                        : real_vfs->xDelete(real_vfs, name, 0);
}

static int vfs_error(sqlite3_vfs *vfs, int size, char *text)
{
    (void)vfs;
    (void)size;
    (void)text;
    return fault.kind == GH_FAULT_FULL ? ENOSPC : EIO;
}

struct gh_fault *gh_fault_vfs(void)
{
    static sqlite3_vfs vfs;

    if (!real_vfs) {
        real_vfs = sqlite3_vfs_find(NULL);
        vfs = *real_vfs;
        vfs.szOsFile = sizeof(struct fault_file);
        vfs.pNext = NULL;
        vfs.zName = GH_FAULT_VFS;
        vfs.xOpen = vfs_open;
        vfs.xDelete = vfs_delete;
        vfs.xGetLastError = vfs_error;
        sqlite3_vfs_register(&vfs, 0);
    }
    fault = (struct gh_fault){.left = -1};
    return &fault;
}
