/* mandate.c - a [remediate NAME] section as typed values.
 *
 * lib/conf has checked how each value is written, and holds the defaults. */
#include "remediate/mandate.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* In the order of the enums. */
static const char *const modes[] = { "plan", "approve", "auto" };
static const char *const rollbacks[] = { "ask", "auto", "off" };
static const char *const starters[] = { "detached", "systemd", "none" };

const char *mode_name(enum mode m)
{
	return modes[m];
}

/* --- values of one kind ------------------------------------------------------------- */

static void *at_offset(struct mandate *m, size_t offset)
{
	return (char *)m + offset;
}

static int bad(struct err *e, const char *key, const char *value)
{
	return err_set(e, ERR_CONFIG, "%s: \"%s\" is none of its values", key, value);
}

static void take_texts(const struct remediate_conf *section, struct mandate *m)
{
	static const struct { const char *key; size_t offset; } texts[] = {
		{ "worker_host", offsetof(struct mandate, worker_host) },
		{ "credentials", offsetof(struct mandate, credentials_path) },
		{ "window", offsetof(struct mandate, window) },
		{ "timezone", offsetof(struct mandate, timezone) },
		{ "approvers", offsetof(struct mandate, approvers) },
		{ "key_type", offsetof(struct mandate, key_type) },
		{ "subject", offsetof(struct mandate, subject) },
		{ "global_manager", offsetof(struct mandate, global_manager) },
		{ "site", offsetof(struct mandate, site) },
		{ "site_credentials", offsetof(struct mandate, site_credentials_path) },
		{ "errands", offsetof(struct mandate, errands) },
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		const char **text = at_offset(m, texts[i].offset);

		*text = conf_remediate_value(section, texts[i].key);
	}
}

static int take_numbers(const struct remediate_conf *section, struct mandate *m, struct err *e)
{
	static const struct { const char *key; size_t offset; bool is_duration; } numbers[] = {
		{ "approval_valid", offsetof(struct mandate, approval_valid_s), true },
		{ "max_per_day", offsetof(struct mandate, max_per_day), false },
		{ "cool_down", offsetof(struct mandate, cool_down_s), true },
		{ "breaker_after", offsetof(struct mandate, breaker_after), false },
		{ "keep_old", offsetof(struct mandate, keep_old_s), true },
		{ "downtime_hold", offsetof(struct mandate, downtime_hold_s), true },
		{ "poll_interval", offsetof(struct mandate, poll_interval_s), true },
		{ "days", offsetof(struct mandate, days), false },
		{ "rotation_needs", offsetof(struct mandate, rotation_needs_s), true },
		{ "rotation_stale", offsetof(struct mandate, rotation_stale_s), true },
	};

	for (size_t i = 0; i < COUNT(numbers); i++) {
		const char *value = conf_remediate_value(section, numbers[i].key);
		int64_t *number = at_offset(m, numbers[i].offset);
		int failed = value == NULL ? -1 : numbers[i].is_duration
		    ? text_to_duration(value, 0, number)
		    : text_to_i64(value, 0, INT64_MAX, number);

		if (failed)
			return bad(e, numbers[i].key, value != NULL ? value : "");
	}
	return 0;
}

/* Index of the section's word for a key, or -1 with *e. */
static int find_word(const struct remediate_conf *section, const char *key,
    const char *const *words, size_t n, struct err *e)
{
	const char *value = conf_remediate_value(section, key);

	for (size_t i = 0; value != NULL && i < n; i++)
		if (strcmp(words[i], value) == 0)
			return (int)i;
	return bad(e, key, value != NULL ? value : "");
}

static int take_words(const struct remediate_conf *section, struct mandate *m, struct err *e)
{
	const char *managed_by = conf_remediate_value(section, "managed_by");
	int mode = find_word(section, "mode", modes, COUNT(modes), e);
	int back = find_word(section, "rollback", rollbacks, COUNT(rollbacks), e);
	int start = find_word(section, "start", starters, COUNT(starters), e);

	if (mode < 0 || back < 0 || start < 0)
		return -1;
	if (state_parse(conf_remediate_value(section, "act_on"), &m->act_on) != 0)
		return bad(e, "act_on", conf_remediate_value(section, "act_on"));
	m->mode = (enum mode)mode;
	m->rollback = (enum rollback)back;
	m->start = (enum starter)start;
	m->managed_by_vcf = managed_by == NULL || strcmp(managed_by, "none") != 0;
	return 0;
}

/* Keys of Ops Manager whose words are two; conf has said which there are. */
static int take_opsman(const struct remediate_conf *section, struct mandate *m, struct err *e)
{
	static const struct { const char *key, *yes; size_t offset; } flags[] = {
		{ "approval", "unit", offsetof(struct mandate, approval_by_unit) },
		{ "apply_pending", "yes", offsetof(struct mandate, apply_pending) },
		{ "leafs_handled", "yes", offsetof(struct mandate, leafs_handled) },
	};
	const char *recreate = conf_remediate_value(section, "recreate_vms");

	for (size_t i = 0; i < COUNT(flags); i++) {
		const char *value = conf_remediate_value(section, flags[i].key);
		bool *flag = at_offset(m, flags[i].offset);

		*flag = value != NULL && strcmp(value, flags[i].yes) == 0;
	}
	m->recreate_vms = recreate == NULL ? -1 : strcmp(recreate, "yes") == 0;
	if (m->errands != NULL && strcmp(m->errands, "none") != 0 &&
	    strcmp(m->errands, "all") != 0)
		return bad(e, "errands", m->errands);
	return 0;
}

/* --- lists and sources -------------------------------------------------------------- */

static void take_procedures(const struct remediate_conf *section, struct mandate *m)
{
	const char *list = conf_remediate_value(section, "procedures");
	size_t cap = 0;

	for (const char *word = list; word != NULL && *word != '\0'; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		m->procedures = mem_grow(m->procedures, &cap, m->n_procedures + 1,
		    sizeof *m->procedures);
		m->procedures[m->n_procedures++] = mem_strndup(word, n);
		word += n;
	}
}

/* "FILE" or "FILE key:FILE". */
static void take_files(struct mandate *m, const char *files)
{
	size_t n = strcspn(files, " \t");
	const char *key = files + n + strspn(files + n, " \t");

	m->chain_path = mem_strndup(files, n);
	if (*key != '\0')
		m->key_path = mem_strdup(key + strlen("key:"));
}

static int take_replacement(const struct remediate_conf *section, struct mandate *m,
    struct err *e)
{
	static const struct { const char *word; enum replacement kind; } forms[] = {
		{ "existing", REPLACEMENT_EXISTING }, { "pem", REPLACEMENT_PEM },
		{ "self-signed", REPLACEMENT_SELF_SIGNED }, { "command", REPLACEMENT_COMMAND },
	};
	const char *value = conf_remediate_value(section, "replacement"), *rest;
	size_t n, i = 0;

	if (value == NULL)
		return 0;
	n = strcspn(value, ":");
	while (i < COUNT(forms) && (strlen(forms[i].word) != n || strncmp(forms[i].word, value, n)))
		i++;
	if (i == COUNT(forms))
		return bad(e, "replacement", value);
	m->replacement = forms[i].kind;
	rest = value[n] == ':' ? value + n + 1 : NULL;
	if (m->replacement == REPLACEMENT_EXISTING)
		m->replacement_id = mem_strdup(rest);
	else if (m->replacement == REPLACEMENT_COMMAND)
		m->program = mem_strdup(rest);
	else if (m->replacement == REPLACEMENT_PEM)
		take_files(m, rest != NULL ? rest : "");
	return 0;
}

/* --- what needs more than one key --------------------------------------------------- */

static int need(const struct mandate *m, bool is_there, const char *key, const char *what,
    struct err *e)
{
	if (is_there)
		return 0;
	return err_set(e, ERR_CONFIG, "mode %s needs %s: %s", mode_name(m->mode), key, what);
}

static int check_mode(const struct mandate *m, struct err *e)
{
	if (m->mode == MODE_PLAN)
		return 0;
	if (need(m, m->worker_host != NULL, "worker_host", "the one host that may act", e) ||
	    need(m, m->credentials_path != NULL, "credentials",
		"the file with the account that may change things", e) ||
	    need(m, m->replacement != REPLACEMENT_NONE || m->target->kind != SOURCE_NSX,
		"replacement", "where the new certificate comes from", e))
		return -1;
	return need(m, m->approvers != NULL || m->mode != MODE_APPROVE, "approvers",
	    "the group whose members may approve", e);
}

/* Without these the Global Manager could not be told of a new thumbprint, and
 * that would show only after the certificate was replaced. */
static int check_federation(const struct mandate *m, struct err *e)
{
	if (m->global_manager == NULL || (m->site != NULL && m->site_credentials_path != NULL))
		return 0;
	return err_set(e, ERR_CONFIG, "global_manager needs %s too",
	    m->site == NULL ? "site" : "site_credentials");
}

static const struct target *find_target(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_targets; i++)
		if (strcmp(conf->targets[i].name, name) == 0)
			return &conf->targets[i];
	return NULL;
}

int mandate_make(const struct conf *conf, const struct remediate_conf *section,
    struct mandate *out, struct err *e)
{
	*out = (struct mandate){ .target = find_target(conf, section->target) };
	if (out->target == NULL)
		return err_set(e, ERR_CONFIG, "remediate %s: there is no such target",
		    section->target);
	take_texts(section, out);
	take_procedures(section, out);
	if (take_numbers(section, out, e) == 0 && take_words(section, out, e) == 0 &&
	    take_opsman(section, out, e) == 0 && take_replacement(section, out, e) == 0 &&
	    check_mode(out, e) == 0 && check_federation(out, e) == 0)
		return 0;
	mandate_clear(out);
	return err_prefix(e, "remediate %s", section->target);
}

void mandate_clear(struct mandate *m)
{
	for (size_t i = 0; i < m->n_procedures; i++)
		free(m->procedures[i]);
	free(m->procedures);
	free(m->replacement_id);
	free(m->chain_path);
	free(m->key_path);
	free(m->program);
	*m = (struct mandate){ 0 };
}

bool mandate_allows(const struct mandate *m, const char *procedure)
{
	for (size_t i = 0; i < m->n_procedures; i++)
		if (strcmp(m->procedures[i], procedure) == 0)
			return true;
	return false;
}
