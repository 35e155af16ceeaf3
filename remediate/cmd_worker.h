/* cmd_worker.h - this program again, as the worker of one target. */
#ifndef CHECK_CERTS_CMD_WORKER_H
#define CHECK_CERTS_CMD_WORKER_H

#include <sys/types.h>
#include "remediate/cmd.h"

/* As nobody's child, with nothing open: for an event, which must not wait.
 * -1: ERR_IO, ERR_TIMEOUT. */
int cmd_worker_detach(const struct cmd *c, const char *target, struct err *e) MUST_USE;

/* As our child, which says what it has to say where we do.  Its process id;
 * -1: ERR_IO, ERR_TIMEOUT. */
pid_t cmd_worker_start(const struct cmd *c, const char *target, struct err *e) MUST_USE;

#endif
