/* sim_options.c - the command line of a simulator. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "tests/sim/sim_core.h"

static const char usage[] =
	"usage: %s [--scenario FILE] [--listen ADDR:PORT] [--ready-file FILE] [--at TIME]\n"
	"  --scenario FILE     JSON, see README.md; without it a small healthy installation\n"
	"  --listen ADDR:PORT  the main address, and the port of all; port 0 picks one\n"
	"  --ready-file FILE   {\"url\",\"ca_file\",\"pid\"} once it serves; default: stdout\n"
	"  --at TIME           the simulated time at start: RFC 3339, or +90d from now\n";

void sim_options_usage(FILE *out, const char *name)
{
	fprintf(out, usage, name);
}

int sim_listen_read(const char *text, char address[SIM_ADDRESS_BYTES], int *port_out)
{
	const char *colon = strrchr(text, ':');
	const char *begin = text, *end;
	int64_t port = 0;

	if (colon != NULL && strchr(text, ':') != colon && text[0] != '[')
		colon = NULL;                 /* a bare IPv6 address */
	if (colon != NULL && colon[1] != '\0' && text_to_i64(colon + 1, 0, 65535, &port) != 0)
		return -1;
	end = colon != NULL ? colon : text + strlen(text);
	if (*begin == '[' && end > begin && end[-1] == ']') {
		begin++;
		end--;
	}
	if ((size_t)(end - begin) >= SIM_ADDRESS_BYTES)
		return -1;
	memcpy(address, begin, (size_t)(end - begin));
	address[end - begin] = '\0';
	*port_out = (int)port;
	return 0;
}

static int read_at(const char *text, int64_t now_s, int64_t *at_s)
{
	int64_t span_s;

	if (text[0] != '+')
		return text_to_time(text, at_s);
	if (text_to_duration(text + 1, 0, &span_s) != 0)
		return -1;
	*at_s = now_s + span_s;
	return 0;
}

int sim_options_read(int argc, char **argv, struct sim_options *opt)
{
	static const struct option longs[] = {
		{ "scenario", required_argument, NULL, 's' },
		{ "listen", required_argument, NULL, 'l' },
		{ "ready-file", required_argument, NULL, 'r' },
		{ "at", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int c, bad = 0;

	memset(opt, 0, sizeof *opt);
	opt->at_s = clock_wall_s();
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 's')
			opt->scenario_path = optarg;
		else if (c == 'l')
			bad |= sim_listen_read(optarg, opt->listen_address, &opt->listen_port);
		else if (c == 'r')
			opt->ready_path = optarg;
		else if (c == 'a')
			bad |= read_at(optarg, clock_wall_s(), &opt->at_s);
		else if (c == 'h')
			return 1;
		else
			bad = -1;
	}
	return bad != 0 || optind != argc ? -1 : 0;
}
