/* sim_ready.c - telling whoever started us that we serve, and the CA file. */
#include "tests/sim/sim_ready.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/fileio.h"
#include "lib/base/json.h"
#include "lib/base/mem.h"

int sim_ready_init(struct sim_ready *ready, const char *name, const char *ready_path, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char cwd[4096];

	ready->ready_path = ready_path;
	if (ready_path != NULL) {
		/* Whoever reads the ready file may be in another directory. */
		if (ready_path[0] == '/' || getcwd(cwd, sizeof cwd) == NULL)
			ready->ca_path = mem_printf("%s.ca.pem", ready_path);
		else
			ready->ca_path = mem_printf("%s/%s.ca.pem", cwd, ready_path);
		return 0;
	}
	ready->private_dir = mem_printf("%s/%s.XXXXXX", tmp != NULL ? tmp : "/tmp", name);
	if (mkdtemp(ready->private_dir) == NULL)
		return err_set(e, ERR_IO, "%s: %s", ready->private_dir, strerror(errno));
	ready->ca_path = mem_printf("%s/ca.pem", ready->private_dir);
	return 0;
}

int sim_ready_ca(const struct sim_ready *ready, const char *pem, size_t len, struct err *e)
{
	return fileio_replace(ready->ca_path, pem, len, 0644, e);
}

int sim_ready_say(const struct sim_ready *ready, const char *url, struct err *e)
{
	struct json_writer w;
	struct buf text;
	int status = 0;

	buf_init(&text, 65536);
	jsonw_init(&w, &text);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "url", url);
	jsonw_str(&w, "ca_file", ready->ca_path);
	jsonw_i64(&w, "pid", getpid());
	jsonw_close(&w, '}');
	buf_addc(&text, '\n');
	if (ready->ready_path != NULL) {
		status = fileio_replace(ready->ready_path, text.data, text.len, 0644, e);
	} else {
		fputs(text.data, stdout);
		fflush(stdout);
	}
	buf_clear(&text);
	return status;
}

void sim_ready_end(struct sim_ready *ready)
{
	if (ready->ca_path != NULL)
		unlink(ready->ca_path);
	if (ready->ready_path != NULL && ready->ca_path != NULL)
		unlink(ready->ready_path);
	if (ready->private_dir != NULL)
		rmdir(ready->private_dir);
	free(ready->ca_path);
	free(ready->private_dir);
	memset(ready, 0, sizeof *ready);
}
