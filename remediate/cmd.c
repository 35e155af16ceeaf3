/* cmd.c - what several subcommands need. */
#include "remediate/cmd.h"

#include <string.h>
#include <unistd.h>
#include "lib/base/text.h"

#define PROBLEMS_MAX_BYTES ((size_t)256 * 1024)

int cmd_load(struct cmd *c)
{
	struct buf problems;
	int failed;

	buf_init(&problems, PROBLEMS_MAX_BYTES);
	failed = conf_read(c->command->conf_path, &c->conf, &problems);
	buf_adds(&c->err, buf_str(&problems));
	buf_clear(&problems);
	return failed;
}

const struct remediate_conf *cmd_section(const struct cmd *c, const char *target)
{
	for (size_t i = 0; i < c->conf.n_remediates; i++)
		if (strcmp(c->conf.remediates[i].target, target) == 0)
			return &c->conf.remediates[i];
	return NULL;
}

int cmd_mandate(const struct cmd *c, const char *target, struct mandate *m, struct err *e)
{
	const struct remediate_conf *section = cmd_section(c, target);

	*m = (struct mandate){ .target = NULL };
	if (section == NULL)
		return err_set(e, ERR_USAGE, "%s has no section [remediate %s]",
		    c->command->conf_path, target);
	return mandate_make(&c->conf, section, m, e);
}

int cmd_fail(struct cmd *c, const struct err *e)
{
	buf_adds(&c->err, "remediate_certs: ");
	text_clean(&c->err, e->text, SIZE_MAX, 0);
	buf_addc(&c->err, '\n');
	return EXIT_MISUSE;
}

void cmd_host(char out[CMD_HOST_BYTES])
{
	if (gethostname(out, CMD_HOST_BYTES))
		out[0] = '\0';
	out[CMD_HOST_BYTES - 1] = '\0';
}

void cmd_say(struct buf *out, const char *text)
{
	text_clean(out, text, SIZE_MAX, 0);
}
