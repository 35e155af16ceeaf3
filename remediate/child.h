/* child.h - other programs, started without a shell and with nothing of ours
 * but what is named here. */
#ifndef CHECK_CERTS_CHILD_H
#define CHECK_CERTS_CHILD_H

#include <sys/types.h>
#include "lib/base/err.h"

struct child {
	const char *program;         /* a path */
	char *const *argv;           /* ends with NULL; nothing secret: everybody can read it */
	char *const *envp;           /* the whole environment */
	int fds[3];                  /* its 0, 1 and 2; -1: /dev/null */
};

/* Start it in a process group of its own.  It has run when this returns; no
 * other descriptor of ours is open there.  On Linux it ends when we do.  Its
 * process id, which the caller waits for; -1: ERR_IO, ERR_TIMEOUT. */
pid_t child_start(const struct child *c, struct err *e) MUST_USE;

/* Start it in a session of its own, in "/", as nobody's child: nothing that is
 * done to us or to our group reaches it.  -1: ERR_IO, ERR_TIMEOUT. */
int child_detach(const struct child *c, struct err *e) MUST_USE;

#endif
