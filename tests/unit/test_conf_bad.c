/* test_conf_bad.c - what a configuration file must not say. */
#include "lib/conf.h"

#include <stdlib.h>
#include <string.h>
#include "tests/unit/conf_text.h"
#include "tests/unit/unit.h"

#define NSX "[nsx prod]\nurl = https://nsx.example\n"
#define OPSMAN "[opsman tas]\nurl = https://opsman.example\n"
#define IGNORE "[ignore x]\nreason = gone\nuntil = 2027-01-31\n"

/* What must be refused, and a part of the sentence that says so. */
static const struct { const char *text, *problem, *comment; } bad_files[] = {
	{ "url = x\n", "t.conf:1: \"url\" stands before the first section", "no section" },
	{ "[nxs prod]\n", "t.conf:1: there is no kind of section \"nxs\" (did you mean \"nsx\"?)",
	  "a slip in the section" },
	{ "[vcenter a]\nurl = x\n", "t.conf:1: there is no kind of section \"vcenter\": there are",
	  "an unknown section" },
	{ "[nsx]\n", "t.conf:1: want [nsx NAME]", "no name" },
	{ "[nsx .hidden]\n", "t.conf:1: want [nsx NAME]", "a name that begins with a point" },
	{ "[nsx a/b]\n", "t.conf:1: want [nsx NAME]", "a name that leaves its directory" },
	{ "[nsx a b]\n", "t.conf:1: want [nsx NAME]", "two names" },
	{ "[nsx a1234567890123456789012345678901234567890]\n", "t.conf:1: want [nsx NAME]",
	  "40 characters" },
	{ "[thresholds x]\n", "t.conf:1: section \"thresholds\" takes no name", "a name too many" },
	{ "[nsx prod\n", "t.conf:1: ']' is missing", "an open header" },
	{ "[nsx prod] url = x\n", "t.conf:1: text after ']'", "text after a header" },
	{ "[nsx prod]\n", "t.conf:1: section \"nsx prod\" needs the key \"url\"",
	  "an empty section, which inih does not tell" },
	{ "[tls a]\n[files b]\n", "t.conf:2: section \"files b\" needs the key \"path\"",
	  "two empty sections" },
	{ NSX "[tls prod]\nendpoint = a\n",
	  "t.conf:3: section \"tls prod\" is there already, in line 1", "a name twice" },
	{ "[thresholds]\n[thresholds]\n", "t.conf:2: section \"thresholds\" is there already",
	  "thresholds twice" },
	{ NSX "url = https://b\n", "t.conf:3: url was set in line 2 already", "a key twice" },
	{ NSX "ulr = https://b\n",
	  "t.conf:3: section \"nsx\" has no key \"ulr\" (did you mean \"url\"?)",
	  "a slip in the key" },
	{ NSX "endpoint = a:443\n",
	  "t.conf:3: section \"nsx\" has no key \"endpoint\" (section \"tls\" has)",
	  "a key of another section" },
	{ NSX "zzzzzzzzzz = 1\n", "t.conf:3: section \"nsx\" has no key \"zzzzzzzzzz\"\n",
	  "an unknown key" },
	{ NSX "probe\n", "t.conf:3: a line is", "no equals sign" },
	{ NSX "probe: yes\n", "t.conf:3: a line is", "a colon, which inih would take" },
	{ NSX "= yes\n", "t.conf:3: a line is", "no key" },
	{ NSX "probe =\n", "t.conf:3: probe has no value", "no value" },
	{ NSX "probe = ; yes\n", "t.conf:3: probe has no value", "only a comment" },
	{ NSX "probe = maybe\n", "t.conf:3: probe: want one of yes|no|required",
	  "an unknown word" },
	{ NSX "probe = via-nsx\n", "t.conf:3: probe: via-nsx is not supported by this version:",
	  "a word of a later version" },
	{ NSX "unused = notes\n", "t.conf:3: unused: want one of note|same", "almost a word" },
	{ NSX "auth_retry = 60\n", "t.conf:3: auth_retry: want a duration",
	  "a number without a unit" },
	{ NSX "warning = 10abc\n", "t.conf:3: warning: \"10abc\"", "text after a limit" },
	{ NSX "critical = 31\n", "t.conf:3: critical is looser than the warning that applies here",
	  "looser than the default" },
	{ NSX "warning = 6\n", "t.conf:3: warning is tighter than the critical that applies here",
	  "tighter than the default" },
	{ "[thresholds]\nca_critical = 20\nca_warning = 10\n" NSX,
	  "t.conf:2: ca_critical is looser than ca_warning", "CA pair" },
	{ NSX "ca_file = ca.pem\n", "t.conf:3: ca_file: want an absolute path", "a relative path" },
	{ NSX "pin_sha256 = 00:11\n", "t.conf:3: pin_sha256: want the SHA-256",
	  "a short fingerprint" },
	{ "[nsx a]\nurl = http://a\n", "t.conf:2: url: want https://", "plain HTTP" },
	{ "[nsx a]\nurl = https://\n", "t.conf:2: url: want https://", "no host" },
	{ "[nsx a]\nurl = https://u:p@a\n", "t.conf:2: url: want https://HOST[:PORT] without user",
	  "a password in the URL" },
	{ "[nsx a]\nurl = https://a/login\n",
	  "t.conf:2: url: want https://HOST[:PORT] without user, path", "a path" },
	{ "[nsx a]\nurl = https://a?b\n",
	  "t.conf:2: url: want https://HOST[:PORT] without user, path", "a query" },
	{ "[nsx a]\nurl = https://::1\n",
	  "t.conf:2: url: want https://HOST[:PORT] or https://[IPV6]", "IPv6 without brackets" },
	{ "[nsx a]\nurl = https://a:0\n", "t.conf:2: url: want https://", "port 0" },
	{ "[tls a]\nendpoint = a:65536\n", "t.conf:2: endpoint: want HOST", "port 65536" },
	{ "[tls a]\nendpoint = a:+443\n", "t.conf:2: endpoint: want HOST",
	  "a sign before the port" },
	{ "[tls a]\nendpoint = a b\n", "t.conf:2: endpoint: want HOST", "a blank" },
	{ "[tls a]\nendpoint = -a\n", "t.conf:2: endpoint: want HOST", "looks like an option" },
	{ "[tls a]\nendpoint = [::1\n", "t.conf:2: endpoint: want HOST", "an open bracket" },
	{ "[tls a]\nendpoint = [a]:443\n", "t.conf:2: endpoint: want HOST", "a name in brackets" },
	{ "[tls a]\nendpoint = :443\n", "t.conf:2: endpoint: want HOST", "no host" },
	{ "[ignore x]\n", "t.conf:1: section \"ignore x\" needs the key \"reason\"",
	  "an exception without a reason" },
	{ "[ignore x]\n", "t.conf:1: section \"ignore x\" needs the key \"until\"",
	  "an exception without an end" },
	{ IGNORE "match = name:*\n", "\"name:*\" would ignore every certificate", "everything" },
	{ IGNORE "match = sha256:ab12\n", "t.conf:4: match: want 8 to 64 hex digits",
	  "a short prefix" },
	{ IGNORE "match = sha256:ab12…\n", "t.conf:4: match: want 8 to 64 hex digits", "dots" },
	{ IGNORE "match = old\n", "t.conf:4: match: want sha256:HEX, id:ID", "no kind of match" },
	{ "[ignore x]\nuntil = 2027-02-29\n", "t.conf:2: until: want a day", "an impossible day" },
	{ "[ignore x]\nuntil = 2027-01-31T00:00:00Z\n", "t.conf:2: until: want a day",
	  "a time of day" },
	{ "[remediate prod]\n", "t.conf:1: there is no section \"nsx prod\" or \"opsman prod\"",
	  "a target that is not there" },
	{ "[tls a]\nendpoint = a\n[remediate a]\n",
	  "t.conf:3: there is no section \"nsx a\" or \"opsman a\"",
	  "a listener cannot be mended" },
	{ NSX "[remediate prod]\nmode = auto\nreplacement = existing\n",
	  "t.conf:4: mode auto needs worker_host", "no worker" },
	{ NSX "[remediate prod]\nmode = approve\nworker_host = m\n",
	  "t.conf:4: mode approve needs replacement", "no source" },
	{ NSX "[remediate prod]\nmode = off\n", "t.conf:4: mode: want one of plan|approve|auto",
	  "an unknown mode" },
	{ NSX "[remediate prod]\nerrands = all\n", "t.conf:4: errands is for opsman targets",
	  "a key of the other kind" },
	{ OPSMAN "[remediate tas]\nsite = a\n", "t.conf:4: site is for nsx targets",
	  "a key of the other kind" },
	{ OPSMAN "[remediate tas]\nprocedures = nsx-apply\n",
	  "t.conf:4: nsx-apply is not a procedure for tas", "of the other kind" },
	{ NSX "[remediate prod]\nprocedures = manual\n",
	  "t.conf:4: procedures: there is no procedure \"manual\"", "not one of ours" },
	{ NSX "[remediate prod]\nreplacement = pem:a.pem\n", "t.conf:4: replacement: want existing",
	  "a relative path" },
	{ NSX "[remediate prod]\nreplacement = pem:/a /b\n", "t.conf:4: replacement: want existing",
	  "no key: before the key" },
	{ NSX "[remediate prod]\nreplacement = command:/a b\n",
	  "t.conf:4: replacement: want existing", "arguments" },
	{ NSX "[remediate prod]\nreplacement = existing:\n", "t.conf:4: replacement: want existing",
	  "no id" },
	{ NSX "[remediate prod]\nwindow = Sat, Sun 02:00-06:00\n", "t.conf:4: window: want",
	  "a blank in the days" },
	{ NSX "[remediate prod]\nwindow = Fun 02:00-06:00\n", "t.conf:4: window: want", "no day" },
	{ NSX "[remediate prod]\nwindow = Sat,\n", "t.conf:4: window: want", "no hours" },
	{ NSX "[remediate prod]\nwindow = Mon-Tue-Wed 02:00-06:00\n", "t.conf:4: window: want",
	  "three ends" },
	{ NSX "[remediate prod]\nwindow = Sat 02:00-02:00\n", "t.conf:4: window: want",
	  "no time at all" },
	{ NSX "[remediate prod]\nwindow = Sat 24:00-02:00\n", "t.conf:4: window: want",
	  "a start after the end of the day" },
	{ NSX "[remediate prod]\nwindow = Sat 2:00-06:00\n", "t.conf:4: window: want",
	  "one digit" },
	{ NSX "[remediate prod]\nwindow = Sat 02:00-24:01\n", "t.conf:4: window: want",
	  "after 24:00" },
	{ NSX "[remediate prod]\nwindow = Sat 02:60-05:00\n", "t.conf:4: window: want",
	  "60 minutes" },
	{ NSX "[remediate prod]\ntimezone = Mars/Base\n",
	  "t.conf:4: timezone: there is no time zone", "an unknown zone" },
	{ NSX "[remediate prod]\ntimezone = ../../../etc/passwd\n",
	  "t.conf:4: timezone: there is no time zone", "out of the directory" },
	{ NSX "[remediate prod]\ntimezone = /etc/passwd\n",
	  "t.conf:4: timezone: there is no time zone", "an absolute path" },
	{ NSX "[remediate prod]\ntimezone = .\n", "t.conf:4: timezone: there is no time zone",
	  "a directory" },
	{ NSX "[remediate prod]\nmax_per_day = -1\n",
	  "t.conf:4: max_per_day: want a whole number from 0 to 1000", "negative" },
	{ NSX "[remediate prod]\nbreaker_after = 0\n",
	  "t.conf:4: breaker_after: want a whole number from 1", "0" },
	{ NSX "[remediate prod]\nsubject = nsx.example\n", "t.conf:4: subject: want CN=",
	  "no attribute" },
	{ NSX "[remediate prod]\nsubject = CN=a,\n", "t.conf:4: subject: want CN=",
	  "an attribute missing" },
	{ NSX "[remediate prod]\nworker_host = a b\n", "t.conf:4: worker_host: want a host name",
	  "two names" },
	{ NSX "[remediate prod]\nglobal_manager = gm\n", "t.conf:4: there is no section \"nsx gm\"",
	  "no such manager" },
	{ NSX "a\x01 = b\n", "t.conf:3: a control character", "a control character" },
	{ NSX "reason = \xff\n", "t.conf:3: not valid UTF-8", "not UTF-8" },
};

START_TEST(refuses_bad_files)
{
	struct conf c;
	char *problems = conf_problems(bad_files[_i].text, strlen(bad_files[_i].text), &c);

	ck_assert_msg(problems != NULL && strstr(problems, bad_files[_i].problem) != NULL,
	    "%s: want \"%s\", have \"%s\"", bad_files[_i].comment, bad_files[_i].problem,
	    problems != NULL ? problems : "");
	free(problems);
	conf_clear(&c);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("conf_bad");
	TCase *t = tcase_create("conf_bad");

	tcase_add_loop_test(t, refuses_bad_files, 0, UNIT_ROWS(bad_files));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
