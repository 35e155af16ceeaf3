/* sim_ready.h - telling whoever started us that we serve, and the CA file. */
#ifndef CHECK_CERTS_SIM_READY_H
#define CHECK_CERTS_SIM_READY_H

#include <stddef.h>
#include "lib/base/err.h"

struct sim_ready {
	const char *ready_path;       /* NULL: the ready line goes to standard output */
	char *ca_path;                /* owned; NULL before sim_ready_init() */
	char *private_dir;            /* owned; NULL: the CA file stands beside the ready file */
};

/* Choose the CA file's place; name is the program's. */
int sim_ready_init(struct sim_ready *ready, const char *name, const char *ready_path, struct err *e)
    MUST_USE;
int sim_ready_ca(const struct sim_ready *ready, const char *pem, size_t len,
    struct err *e) MUST_USE;
/* {"url","ca_file","pid"}, written at once or not at all. */
int sim_ready_say(const struct sim_ready *ready, const char *url, struct err *e) MUST_USE;
/* Take the files away; fine on a zeroed struct. */
void sim_ready_end(struct sim_ready *ready);

#endif
