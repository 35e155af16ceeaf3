/* measure.c - run two commands in turn, A B A B ..., as whole processes, and
 * print what the kernel accounts for each, and the ratio pair by pair.
 *
 *   measure RUNS LABEL -- A ... -- B ...        (-- B ... may be left out)
 *
 * A ratio of two commands in one run holds when the machine's speed drifts;
 * an absolute time does not.  Output of the commands goes to /dev/null. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 101

/* wait4 is not POSIX; every system with these plugins has it. */
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);

struct sample { double cpu_s, wall_s, rss_kib; };

static double mono_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void become(char **argv)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

static struct sample run_once(char **argv)
{
	struct sample s = { 0 };
	struct rusage usage;
	double start = mono_s();
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		become(argv);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == 127) || WIFSIGNALED(status)) {
		fprintf(stderr, "measure: %s did not run\n", argv[0]);
		exit(1);
	}
	s.wall_s = mono_s() - start;
	s.cpu_s = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	s.rss_kib = (double)usage.ru_maxrss;
	return s;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

typedef double pick_fn(const struct sample *);
static double cpu(const struct sample *s) { return s->cpu_s; }
static double wall(const struct sample *s) { return s->wall_s; }
static double rss(const struct sample *s) { return s->rss_kib / 1024; }

static void row(const char *label, const char *what, pick_fn *pick, const struct sample *a,
    const struct sample *b, int n)
{
	double va[RUNS_MAX], vb[RUNS_MAX], ratio[RUNS_MAX];

	for (int i = 0; i < n; i++) {
		va[i] = pick(&a[i]);
		vb[i] = b != NULL ? pick(&b[i]) : 0;
		ratio[i] = vb[i] > 0 ? va[i] / vb[i] : 0;
	}
	if (b == NULL)
		printf("%-28s %-9s %9.4f\n", label, what, median(va, n));
	else
		printf("%-28s %-9s %9.4f  against %9.4f  ratio %6.3f\n", label, what,
		    median(va, n), median(vb, n), median(ratio, n));
}

/* The argument after the next "--", that one set to NULL; NULL when none. */
static char **split(char **argv)
{
	for (; *argv != NULL; argv++)
		if (strcmp(*argv, "--") == 0) {
			*argv = NULL;
			return argv + 1;
		}
	return NULL;
}

int main(int argc, char **argv)
{
	static struct sample a[RUNS_MAX], b[RUNS_MAX];
	char **command_a = argc > 4 ? split(argv + 3) : NULL;
	char **command_b = command_a != NULL ? split(command_a) : NULL;
	int runs = argc > 1 ? atoi(argv[1]) : 0;

	if (command_a == NULL || runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: measure RUNS LABEL -- A ... [-- B ...]\n");
		return 2;
	}
	for (int i = -1; i < runs; i++) {       /* the first pair warms the caches */
		a[i < 0 ? 0 : i] = run_once(command_a);
		if (command_b != NULL)
			b[i < 0 ? 0 : i] = run_once(command_b);
	}
	row(argv[2], "cpu s", cpu, a, command_b != NULL ? b : NULL, runs);
	row(argv[2], "wall s", wall, a, command_b != NULL ? b : NULL, runs);
	row(argv[2], "peak MiB", rss, a, command_b != NULL ? b : NULL, runs);
	return 0;
}
