/* Preloaded into PostgreSQL by scripts/bench, so that a disk that takes its time can be had on any machine: each fdatasync
   and fsync first waits HUIYIN_FDATASYNC_US microseconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_first(void)
{
    static long us = -1;
    if (us < 0) {
        const char* given = getenv("HUIYIN_FDATASYNC_US");
        us = given ? atol(given) : 1000;
    }
    struct timespec left = {us / 1000000, us % 1000000 * 1000};
    while (nanosleep(&left, &left) != 0) {}
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_first();
    return real(fd);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_first();
    return real(fd);
}
