/* speaker.c - who a user is: his name, and the groups he is in. */
#include "remediate/spool.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define ROOM_BYTES ((size_t)4096)
#define ROOM_MAX_BYTES ((size_t)4 * 1024 * 1024)   /* a group of very many members */

/* 1: found (*room holds its strings), 0: no such user, -1: errno says why. */
static int find_user(uid_t uid, struct passwd *user, char **room)
{
	struct passwd *found = NULL;
	int cause = ERANGE;

	*room = NULL;
	for (size_t n = ROOM_BYTES; cause == ERANGE && n <= ROOM_MAX_BYTES; n *= 2) {
		*room = mem_resize(*room, n);
		cause = getpwuid_r(uid, user, *room, n, &found);
	}
	errno = cause;
	return found != NULL ? 1 : cause == 0 ? 0 : -1;
}

static int find_group(const char *name, struct group *group, char **room)
{
	struct group *found = NULL;
	int cause = ERANGE;

	*room = NULL;
	for (size_t n = ROOM_BYTES; cause == ERANGE && n <= ROOM_MAX_BYTES; n *= 2) {
		*room = mem_resize(*room, n);
		cause = getgrnam_r(name, group, *room, n, &found);
	}
	errno = cause;
	return found != NULL ? 1 : cause == 0 ? 0 : -1;
}

char *speaker_name(uid_t uid)
{
	struct passwd user;
	char *room, *name;

	if (find_user(uid, &user, &room) > 0)
		name = mem_strdup(user.pw_name);
	else
		name = mem_printf("uid %lu", (unsigned long)uid);
	free(room);
	return name;
}

static bool has_member(const struct group *group, const char *user)
{
	for (char **member = group->gr_mem; *member != NULL; member++)
		if (strcmp(*member, user) == 0)
			return true;
	return false;
}

int speaker_is_member(uid_t uid, const char *group, bool *is_member, struct err *e)
{
	struct passwd user;
	struct group g;
	char *user_room = NULL, *group_room = NULL;
	int found = find_group(group, &g, &group_room), failed = -1;

	*is_member = false;
	if (found == 0) {
		err_set(e, ERR_CONFIG, "there is no group \"%s\"", group);
		goto out;
	}
	if (found > 0)
		found = find_user(uid, &user, &user_room);
	if (found < 0) {
		err_set(e, ERR_IO, "cannot look up who is in the group %s: %s", group,
		    strerror(errno));
		goto out;
	}
	if (found > 0)   /* a user without a name is in no group */
		*is_member = user.pw_gid == g.gr_gid || has_member(&g, user.pw_name);
	failed = 0;
out:
	free(user_room);
	free(group_room);
	return failed;
}
