/* A disk that fails when it is told to: preloaded into the process that writes SMSWATCH_LOSS_DATABASE.
 *
 * SMSWATCH_FAIL_CONTROL is a file of four 32-bit numbers, mapped and changed while the process runs: which
 * kind of call on the database's files fails (1 writing, 2 syncing, 3 both), with which error, after how many
 * that still pass, and how often.
 */
#include "between.h"
#include <sys/mman.h>

enum { WRITING = 1, SYNCING = 2 };
struct control { volatile int which, error, pass, times; };

static struct control *control;
static const char *database;

static void get_ready(void) {
    static int is_ready;
    if (is_ready) return;
    is_ready = 1;
    database = getenv("SMSWATCH_LOSS_DATABASE");
    const char *path = getenv("SMSWATCH_FAIL_CONTROL");
    if (!database || !path) { database = NULL; return; }
    int fd = really_open(path, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) abort();
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (control == MAP_FAILED) abort();
}

static int look(const char *path) {
    return database && strncmp(path, database, strlen(database)) == 0 && !strstr(path, ".lock");
}

static void opened(int what, int existed) { (void)what; (void)existed; }

static int fails(int fd, int call) {
    if (!control || !kind(fd) || !(control->which & call) || !control->times) return 0;
    if (control->pass > 0) { control->pass--; return 0; }
    control->times--;
    errno = control->error;
    return 1;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t at) {
    REAL(pwrite64);
    return fails(fd, WRITING) ? -1 : real(fd, data, length, at);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return pwrite64(fd, data, length, at); }

ssize_t write(int fd, const void *data, size_t length) {
    REAL(write);
    return fails(fd, WRITING) ? -1 : real(fd, data, length);
}

int ftruncate64(int fd, off_t length) { REAL(ftruncate64); return fails(fd, WRITING) ? -1 : real(fd, length); }
int fdatasync(int fd) { REAL(fdatasync); return fails(fd, SYNCING) ? -1 : real(fd); }
int fsync(int fd) { REAL(fsync); return fails(fd, SYNCING) ? -1 : real(fd); }
