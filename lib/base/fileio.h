/* fileio.h - whole files: read with a cap, replace durably. */
#ifndef CHECK_CERTS_FILEIO_H
#define CHECK_CERTS_FILEIO_H

#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Append the whole of path to b (whose ceiling is the cap).  ERR_IO: cannot
 * be opened, is not a regular file (or a FIFO would hang us), or is larger
 * than the ceiling; the message names the path. */
int fileio_read(const char *path, struct buf *b, struct err *e) MUST_USE;

/* The same from an open descriptor, from where it stands to its end, whatever
 * kind of file it is: for a caller that has looked at it already. */
int fileio_read_fd(int fd, const char *path, struct buf *b, struct err *e) MUST_USE;

/* Replace path by these bytes so that after a crash either the old or the new
 * content is there: temporary file in the same directory, write, fsync,
 * rename, fsync the directory.  mode as for open(2). */
int fileio_replace(const char *path, const void *bytes, size_t n, unsigned mode,
    struct err *e) MUST_USE;

/* The same with exactly this mode, whatever the umask: for other users. */
int fileio_publish(const char *path, const void *bytes, size_t n, unsigned mode,
    struct err *e) MUST_USE;

/* Put a new file into a directory that somebody watches: its name begins with
 * a dot until it is whole and on the disk, then it is "STEM-" and six
 * characters that no other has.  When 0 is returned it survives a crash. */
int fileio_put(const char *dir, const char *stem, const void *bytes, size_t n, unsigned mode,
    struct err *e) MUST_USE;

#endif
