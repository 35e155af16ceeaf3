/* lock.h - one worker at a target: an advisory lock that the kernel releases
 * when its process ends, however it ends. */
#ifndef CHECK_CERTS_LOCK_H
#define CHECK_CERTS_LOCK_H

#include "lib/base/err.h"

/* A descriptor that holds the lock (close(2) it to give it up; close-on-exec),
 * or -1: ERR_BUSY, naming the process that has it, or ERR_IO. */
int lock_take(const char *path, struct err *e) MUST_USE;

#endif
