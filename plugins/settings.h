/* settings.h - command line and configuration file together. */
#ifndef CHECK_CERTS_SETTINGS_H
#define CHECK_CERTS_SETTINGS_H

#include "lib/base/buf.h"
#include "lib/base/trace.h"
#include "lib/conf.h"
#include "plugins/options.h"

/* The path of the configuration file, or NULL when none is to be read. */
const char *settings_path(const struct options *o);

/* Read the file (unless the command line names what to check, and no file),
 * add what the command line names, and let it win.  c is initialised.  -1:
 * problems holds at least one line. */
int settings_load(const struct options *o, struct conf *c, struct buf *problems) MUST_USE;

/* While a certificate is being replaced, its target is trusted by the pin of
 * either: to the pins of a target that has some, add those that the worker has
 * published below the state directory.  Facts that cannot be read or trusted
 * add nothing; the trace says so. */
void settings_add_facts(const char *state_dir, struct conf *c, const struct trace *trace);

#endif
