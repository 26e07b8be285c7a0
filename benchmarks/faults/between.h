/* What stands between a process and its files: which descriptors are the database's, from open to close.
 *
 * Included by each library that is preloaded. It says what is ours (`look`) and may do more where something is
 * opened (`opened`); here are the calls that open and close.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define DESCRIPTORS 65536
#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static unsigned char kind_of[DESCRIPTORS];

/* Reads what the library was told by the environment; called before each file is opened. */
static void get_ready(void);
/* Which of the library's kinds of file a path is; 0 where it is not the database's. */
static int look(const char *path);
/* A file of such a kind was opened; `existed`: it was there before. */
static void opened(int kind, int existed);

static int kind(int fd) { return fd >= 0 && fd < DESCRIPTORS ? kind_of[fd] : 0; }

static int exists(const char *path) { return access(path, F_OK) == 0; }

static int really_open(const char *path, int flags, mode_t mode) {
    static int (*real)(const char *, int, ...);
    if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
    return real(path, flags, mode);
}

static int any_open(const char *path, int flags, va_list more) {
    mode_t mode = 0;
    if (flags & (O_CREAT | __O_TMPFILE)) mode = va_arg(more, mode_t);
    get_ready();
    int what = look(path), existed = what ? exists(path) : 1;
    int fd = really_open(path, flags, mode), error = errno;
    if (fd >= 0 && fd < DESCRIPTORS) {
        kind_of[fd] = what;
        if (what) opened(what, existed);
    }
    errno = error;
    return fd;
}

int open(const char *path, int flags, ...) {
    va_list more; va_start(more, flags);
    int fd = any_open(path, flags, more);
    va_end(more);
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list more; va_start(more, flags);
    int fd = any_open(path, flags, more);
    va_end(more);
    return fd;
}

int close(int fd) {
    REAL(close);
    if (fd >= 0 && fd < DESCRIPTORS) kind_of[fd] = 0;
    return real(fd);
}
