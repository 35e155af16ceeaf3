/* publish.c - facts out. */
#include "remediate/publish.h"

#include <stdlib.h>
#include "lib/base/fileio.h"

#define FACTS_MODE 0644

int publish_facts(const struct paths *p, const struct facts *f, struct err *e)
{
	char *path = paths_facts(p, f->target);
	struct buf text;
	int failed;

	buf_init(&text, FACTS_MAX_BYTES);
	facts_print(f, &text);
	if (text.overflow)
		failed = err_set(e, ERR_IO, "the facts of %s are larger than %zu bytes", f->target,
		    FACTS_MAX_BYTES);
	else
		failed = fileio_publish(path, text.data, text.len, FACTS_MODE, e);
	buf_clear(&text);
	free(path);
	return failed;
}
