/* api_login.c - which login was refused, and is not tried again.
 *
 * The products do not tell a wrong password from a locked account, and lock it
 * for everybody after a few tries: a refusal is final. */
#include "remediate/api_internal.h"

#include "lib/base/clock.h"

struct login_guard api_login_guard(const struct api *a)
{
	return (struct login_guard){ .dir = a->remember_dir, .account = a->account,
	    .credentials_path = a->credentials_path, .retry_s = a->target->auth_retry_s,
	    .now_at = clock_wall_s() };
}

int api_login_held(const struct api *a, struct err *e)
{
	const struct login_guard guard = api_login_guard(a);

	if (a->refused.code != ERR_NONE) {
		*e = a->refused;
		return -1;
	}
	return a->is_proven ? 0 : login_held(&guard, a->credentials.identity, e);
}

void api_login_worked(struct api *a)
{
	const struct login_guard guard = api_login_guard(a);

	if (!a->is_proven)
		login_worked(&guard);
	a->is_proven = true;
}

/* It counts in this process whether or not it can be written down. */
void api_login_refused(struct api *a)
{
	const struct login_guard guard = api_login_guard(a);
	struct err e = { ERR_NONE, "" };

	if (login_refused(&guard, a->credentials.identity, &e) != 0)
		trace_line(a->trace, TRACE_REQUEST, "%s: the refused login cannot be remembered: %s",
		    a->target->name, e.text);
}
