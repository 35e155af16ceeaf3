/* opsman_world.h - an inventory, a target and a context for tests of the Ops
 * Manager source, the recorded answers, and questions about what came out. */
#ifndef CHECK_CERTS_OPSMAN_WORLD_H
#define CHECK_CERTS_OPSMAN_WORLD_H

#include "lib/model/inventory.h"
#include "lib/source/fetch.h"
#include "lib/source/source.h"

struct world {
	struct inventory inv;
	struct target target;
	struct source_context c;
};

/* url and the two paths are borrowed; the paths may be NULL. */
void world_open(
    struct world *w, const char *url, const char *credentials_path, const char *state_dir);
void world_close(struct world *w);

/* A file of tests/fixtures/opsman, to be freed. */
char *world_fixture(const char *directory, const char *name);

/* An answer with this status and body. */
void world_answer(struct fetch_answer *a, int status, const char *body);

/* The certificates of a PEM file there as the chain of a handshake. */
void world_chain(struct fetch_answer *a, const char *name);

/* The nth sighting (from 0) with this id, or NULL. */
const struct sighting *world_sighting(const struct world *w, const char *id, size_t nth);
const struct cert *world_cert(const struct world *w, const struct sighting *s);

/* How many sightings have this role. */
size_t world_count_role(const struct world *w, enum role role);

/* How many issues have this kind, and code, and this part in their text. */
size_t world_count_issues(
    const struct world *w, enum issue_kind kind, enum err_code code, const char *part);
size_t world_count_all_issues(const struct world *w);

/* Epoch seconds of an RFC 3339 text. */
int64_t world_time(const char *text);

#endif
