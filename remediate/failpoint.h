/* failpoint.h - places where a test may end the worker.
 *
 * In the installed programs FAIL_POINT() is nothing.  In the binary of the
 * crash tests (compiled with -DFAIL_POINTS) each one is counted, and number
 * CHECK_CERTS_FAIL_AT of the environment ends the process by SIGKILL. */
#ifndef CHECK_CERTS_FAILPOINT_H
#define CHECK_CERTS_FAILPOINT_H

#ifdef FAIL_POINTS
void fail_point(const char *name);
#define FAIL_POINT(name) fail_point(name)
#else
#define FAIL_POINT(name) ((void)0)
#endif

#endif
