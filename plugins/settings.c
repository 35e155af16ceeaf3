/* settings.c - command line and configuration file together. */
#include "plugins/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/mem.h"
#include "lib/model/facts.h"

#define HTTPS_PORT 443
#define NAME_MAX_BYTES 100

const char *settings_path(const struct options *o)
{
	if (o->conf_path != NULL)
		return o->conf_path;
	return options_are_quick(o) ? NULL : CHECK_CERTS_CONF;
}

static bool is_missing(const char *path)
{
	return access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static int read_file(const struct options *o, const char *path, struct conf *c,
    struct buf *problems)
{
	if (o->conf_path == NULL && is_missing(path)) {
		buf_addf(problems,
		    "there is no configuration file %s: write it, or name what to check "
		    "with -H, --file, --nsx or --opsman\n",
		    path);
		return -1;
	}
	return conf_read(path, c, problems);
}

static struct target *add_target(struct conf *c, enum source_kind kind, const char *name,
    struct err *e)
{
	for (size_t i = 0; i < c->n_targets; i++) {
		if (strcmp(c->targets[i].name, name) == 0) {
			err_set(e, ERR_USAGE, "there is a target \"%s\" already, which is the name "
			    "of what the command line adds", name);
			return NULL;
		}
	}
	return conf_add_target(c, kind, name);
}

/* The host (and port) of a URL as the name of a target: several managers that
 * are checked with the same credentials file must not share the memory of a
 * refused login. */
static char *name_of_url(const char *url)
{
	const char *scheme_end = strstr(url, "://");
	const char *host = scheme_end != NULL ? scheme_end + strlen("://") : url;
	char *name;

	while (*host != '\0' && !isalnum((unsigned char)*host))
		host++;
	name = mem_strndup(host, strnlen(host, NAME_MAX_BYTES));
	name[strcspn(name, "/?#")] = '\0';
	for (char *c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr(".-", *c) == NULL)
			*c = '_';
	return name;
}

static int add_hosts(const struct options *o, struct conf *c, struct err *e)
{
	unsigned port = o->port != 0 ? (unsigned)o->port : HTTPS_PORT;
	struct target *t;

	if (o->hosts.n == 0)
		return 0;
	t = add_target(c, SOURCE_TLS, source_kind_name(SOURCE_TLS), e);
	if (t == NULL)
		return -1;
	for (size_t i = 0; i < o->hosts.n; i++) {
		char *endpoint;
		int failed = conf_endpoint(o->hosts.v[i], port, &endpoint, e);

		if (!failed)
			failed = conf_set_target(t, NULL, "endpoint", endpoint, e);
		free(endpoint);
		if (failed)
			return err_prefix(e, "--hostname");
	}
	return 0;
}

static int add_files(const struct options *o, struct conf *c, struct err *e)
{
	struct target *t;

	if (o->files.n == 0)
		return 0;
	t = add_target(c, SOURCE_FILES, source_kind_name(SOURCE_FILES), e);
	if (t == NULL)
		return -1;
	for (size_t i = 0; i < o->files.n; i++)
		if (conf_set_target(t, NULL, "path", o->files.v[i], e))
			return err_prefix(e, "--file");
	return 0;
}

static int set_if_given(struct target *t, const char *key, const char *value, const char *option,
    struct err *e)
{
	if (value != NULL && conf_set_target(t, NULL, key, value, e))
		return err_prefix(e, "%s", option);
	return 0;
}

static int set_api(const struct options *o, struct target *t, const char *url, const char *option,
    struct err *e)
{
	if (set_if_given(t, "url", url, option, e) ||
	    set_if_given(t, "credentials", o->credentials, "--credentials", e) ||
	    set_if_given(t, "ca_file", o->ca_file, "--ca-file", e))
		return -1;
	for (size_t i = 0; i < o->pins.n; i++)
		if (set_if_given(t, "pin_sha256", o->pins.v[i], "--pin-sha256", e))
			return -1;
	return 0;
}

static int add_api(const struct options *o, struct conf *c, enum source_kind kind, const char *url,
    struct err *e)
{
	struct target *t;
	char *name;

	if (url == NULL)
		return 0;
	name = name_of_url(url);
	t = add_target(c, kind, *name != '\0' ? name : source_kind_name(kind), e);
	free(name);
	if (t == NULL)
		return -1;
	return set_api(o, t, url, kind == SOURCE_NSX ? "--nsx" : "--opsman", e);
}

static void apply_switches(const struct options *o, struct conf *c)
{
	c->policy.unreachable_state = o->unreachable_state;
	c->policy.timeout_state = o->timeout_state;
	c->policy.min_certs = o->min_certs;
	c->policy.clock_is_given = o->has_at;
	for (size_t i = 0; i < c->n_targets; i++)
		c->targets[i].family = o->family;
}

static int apply(const struct options *o, struct conf *c, struct err *e)
{
	if (add_hosts(o, c, e) || add_files(o, c, e) || add_api(o, c, SOURCE_NSX, o->nsx_url, e) ||
	    add_api(o, c, SOURCE_OPSMAN, o->opsman_url, e))
		return -1;
	if (c->n_targets == 0)
		return err_set(e, ERR_CONFIG,
		    "%s has no target: a section [nsx NAME], [opsman NAME], [tls NAME] "
		    "or [files NAME]",
		    settings_path(o));
	if (o->targets != NULL && conf_select(c, o->targets, e))
		return err_prefix(e, "--target");
	if (conf_override_limits(c, &o->limits, e))
		return -1;
	apply_switches(o, c);
	return 0;
}

int settings_load(const struct options *o, struct conf *c, struct buf *problems)
{
	const char *path = settings_path(o);
	struct err e;

	if (path != NULL && read_file(o, path, c, problems))
		return -1;
	if (apply(o, c, &e)) {
		buf_addf(problems, "%s\n", e.text);
		return -1;
	}
	return 0;
}

static void add_pins(const struct facts *f, struct trust *t)
{
	for (size_t i = 0; i < f->n_pins; i++)
		if (!trust_has_pin(t, f->pins[i]))
			trust_add_pin(t, f->pins[i]);
}

void settings_add_facts(const char *state_dir, struct conf *c, const struct trace *trace)
{
	for (size_t i = 0; i < c->n_targets; i++) {
		struct target *t = &c->targets[i];
		struct facts facts;
		struct err e;
		int found = t->trust.n_pins > 0 ? facts_load(state_dir, t->name, &facts, &e) : 0;

		if (found < 0)
			trace_line(trace, TRACE_REQUEST,
			    "%s: no pins of a change that goes on: %s", t->name, e.text);
		if (found <= 0)
			continue;
		add_pins(&facts, &t->trust);
		facts_clear(&facts);
	}
}
