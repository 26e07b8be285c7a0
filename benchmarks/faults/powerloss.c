/* A disk that forgets: keeps, beside a database, what a loss of power would leave of it.
 *
 * Preloaded into the process that writes SMSWATCH_LOSS_DATABASE. A file in SMSWATCH_LOSS_DISK holds only what
 * was written to its counterpart before the last completed fsync or fdatasync of that file; a file that was
 * made or deleted since the last sync of the folder is not yet there, or still there. SMSWATCH_LOSS_LOG gets
 * a letter for each write to the log of the database (W), each sync of it (S) and each answer 200 (A).
 */
#include "between.h"
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { NONE, DATABASE, LOG, JOURNAL, FOLDER, KINDS };
static const char *ENDING[KINDS] = { "", "", "-wal", "-journal", "" };

struct range { off_t from, to; };
struct file {
    char path[4096], kept[4096], fresh[4096];
    struct range *dirty;
    size_t count, room;
    int is_gone;
};

static struct file files[KINDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1, is_ready;

static void get_ready(void) {
    if (is_ready) return;
    is_ready = 1;
    const char *database = getenv("SMSWATCH_LOSS_DATABASE"), *disk = getenv("SMSWATCH_LOSS_DISK");
    const char *log = getenv("SMSWATCH_LOSS_LOG");
    if (!database || !disk) return;
    const char *slash = strrchr(database, '/');
    for (int kind = DATABASE; kind <= JOURNAL; kind++) {
        snprintf(files[kind].path, 4096, "%s%s", database, ENDING[kind]);
        snprintf(files[kind].kept, 4096, "%s%s%s", disk, slash, ENDING[kind]);
        snprintf(files[kind].fresh, 4096, "%s%s%s.fresh", disk, slash, ENDING[kind]);
    }
    snprintf(files[FOLDER].path, 4096, "%.*s", (int)(slash - database), database);
    if (log) log_fd = really_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(char letter) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (log_fd >= 0 && real(log_fd, &letter, 1) != 1) abort();
}

static int look(const char *path) {
    for (int k = DATABASE; k < KINDS && files[DATABASE].path[0]; k++)
        if (strcmp(path, files[k].path) == 0) return k;
    return NONE;
}

static void opened(int k, int existed) {
    if (k == FOLDER || existed) return;
    pthread_mutex_lock(&lock);
    close(really_open(files[k].fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    files[k].count = 0;
    pthread_mutex_unlock(&lock);
}

static void wrote(int k, off_t from, ssize_t length) {
    if (k == NONE || k == FOLDER || length <= 0) return;
    pthread_mutex_lock(&lock);
    struct file *f = &files[k];
    if (f->count == f->room) {
        f->room = f->room ? 2 * f->room : 256;
        f->dirty = realloc(f->dirty, f->room * sizeof *f->dirty);
        if (!f->dirty) abort();
    }
    f->dirty[f->count++] = (struct range){ from, from + length };
    if (k == LOG) note('W');
    pthread_mutex_unlock(&lock);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t at) {
    REAL(pwrite64);
    ssize_t done = real(fd, data, length, at);
    wrote(kind(fd), at, done);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return pwrite64(fd, data, length, at); }

ssize_t write(int fd, const void *data, size_t length) {
    REAL(write);
    off_t at = kind(fd) ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = real(fd, data, length);
    wrote(kind(fd), at, done);
    return done;
}

/* What a folder's sync makes last: new names, and deletions. */
static void folder_synced(void) {
    for (int k = DATABASE; k <= JOURNAL; k++) {
        if (files[k].is_gone) unlink(files[k].kept);
        files[k].is_gone = 0;
        if (exists(files[k].fresh)) rename(files[k].fresh, files[k].kept);
    }
}

static void file_synced(int fd, struct file *f) {
    static char page[65536];
    struct stat now;
    int disk = really_open(exists(f->fresh) ? f->fresh : f->kept, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (disk < 0 || fstat(fd, &now)) abort();
    for (size_t i = 0; i < f->count; i++)
        for (off_t at = f->dirty[i].from; at < f->dirty[i].to;) {
            size_t left = f->dirty[i].to - at;
            ssize_t got = pread(fd, page, left < sizeof page ? left : sizeof page, at);
            static ssize_t (*put)(int, const void *, size_t, off_t);
            if (!put) put = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
            if (got <= 0) break;
            if (put(disk, page, got, at) != got) abort();
            at += got;
        }
    if (ftruncate(disk, now.st_size)) abort();
    f->count = 0;
    close(disk);
}

static void synced(int fd) {
    int k = kind(fd), error = errno;
    if (k == NONE) return;
    pthread_mutex_lock(&lock);
    if (k == FOLDER) folder_synced();
    else file_synced(fd, &files[k]);
    if (k == LOG) note('S');
    pthread_mutex_unlock(&lock);
    errno = error;
}

int fdatasync(int fd) { REAL(fdatasync); int r = real(fd); if (r == 0) synced(fd); return r; }
int fsync(int fd) { REAL(fsync); int r = real(fd); if (r == 0) synced(fd); return r; }

int unlink(const char *path) {
    REAL(unlink);
    int done = real(path), error = errno;
    if (done == 0)
        for (int k = DATABASE; k <= JOURNAL; k++)
            if (files[k].path[0] && strcmp(path, files[k].path) == 0) {
                pthread_mutex_lock(&lock);
                real(files[k].fresh);
                files[k].is_gone = 1;
                files[k].count = 0;
                pthread_mutex_unlock(&lock);
            }
    errno = error;
    return done;
}

static void answered(const void *data, size_t length) {
    if (length >= 12 && memcmp(data, "HTTP/1.1 200", 12) == 0) {
        pthread_mutex_lock(&lock);
        note('A');
        pthread_mutex_unlock(&lock);
    }
}

ssize_t send(int fd, const void *data, size_t length, int flags) {
    REAL(send);
    answered(data, length);
    return real(fd, data, length, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    REAL(sendmsg);
    if (message->msg_iovlen) answered(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
    return real(fd, message, flags);
}
