/* journal_sql.c - the tables of the journal, and every statement.
 *
 * trail.id only ever grows: "since" and "last" are asked of it, since clocks go
 * back.  Times are seconds since 1970, 0 for "not".  No column holds a key, a
 * token or a certificate. */
#include "remediate/journal_internal.h"

const char *const journal_schema =
	"CREATE TABLE trail ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, target TEXT,"
	" kind TEXT NOT NULL, who TEXT, text TEXT NOT NULL, run INTEGER NOT NULL,"
	" step INTEGER NOT NULL);"
	"CREATE TABLE word ("
	" id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, at INTEGER NOT NULL,"
	" uid INTEGER NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL, target TEXT,"
	" state TEXT, downtime INTEGER NOT NULL, procedure TEXT, object TEXT, reason TEXT,"
	" run INTEGER NOT NULL, plan_hash TEXT, outcome TEXT NOT NULL,"
	" is_recorded INTEGER NOT NULL, trail INTEGER NOT NULL, closed_at INTEGER NOT NULL,"
	" closed TEXT);"
	"CREATE INDEX word_of_target ON word (target, kind, trail);"
	"CREATE TABLE run ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, procedure TEXT NOT NULL,"
	" finding TEXT, object TEXT, plan_json TEXT, plan_hash TEXT, state TEXT NOT NULL,"
	" is_open INTEGER NOT NULL, message TEXT, mode TEXT, request_word INTEGER NOT NULL,"
	" rollback_of INTEGER NOT NULL, created_at INTEGER NOT NULL,"
	" changed_at INTEGER NOT NULL, begun_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,"
	" approved_by TEXT, approved_at INTEGER NOT NULL, new_id TEXT, new_sha256 TEXT,"
	" old_sha256 TEXT, trail INTEGER NOT NULL);"
	"CREATE INDEX run_of_target ON run (target, id);"
	"CREATE TABLE step ("
	" run INTEGER NOT NULL REFERENCES run (id), seq INTEGER NOT NULL,"
	" state TEXT NOT NULL, intent_at INTEGER NOT NULL, acted_at INTEGER NOT NULL,"
	" verified_at INTEGER NOT NULL, tries INTEGER NOT NULL, snapshot TEXT, sha256 TEXT,"
	" said TEXT, made TEXT, PRIMARY KEY (run, seq)) WITHOUT ROWID;"
	"PRAGMA application_id = 1667592820;"
	"PRAGMA user_version = 2;";

const char *const journal_upgrades[JOURNAL_SCHEMA] = {
	[1] = "ALTER TABLE step ADD COLUMN made TEXT; PRAGMA user_version = 2;",
};

#define RUN_COLUMNS \
	"SELECT id, target, procedure, finding, object, plan_json, plan_hash, state, message," \
	" mode, request_word, rollback_of, created_at, changed_at, begun_at, ended_at," \
	" approved_by, approved_at, new_id, new_sha256, old_sha256," \
	" (SELECT count(*) FROM step s WHERE s.run = run.id)," \
	" (SELECT count(*) FROM step s WHERE s.run = run.id AND s.state = 'verified')," \
	" (SELECT count(*) FROM step s WHERE s.run = run.id AND s.intent_at > 0)," \
	" (SELECT coalesce(max(w.at), 0) FROM word w WHERE w.run = run.id" \
	"  AND w.kind = 'retry' AND w.is_recorded)" \
	" FROM run "

/* Neither a clean-up nor a rollback. */
#define IS_CHANGE "rollback_of = 0 AND finding IS NOT '" RUN_CLEANUP "'"

#define OF_STEP " WHERE run = ?1 AND seq = ?2 AND state IN "

const char *const journal_sql[SQL_N] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_BEGIN_READ] = "BEGIN",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",

	[SQL_ADD_ENTRY] =
		"INSERT INTO trail (at, target, kind, who, text, run, step)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[SQL_EACH_ENTRY] =
		"SELECT id, at, target, kind, who, text, run, step FROM trail"
		" WHERE id > ?1 AND (?2 IS NULL OR target = ?2) ORDER BY id LIMIT ?3",

	[SQL_FIND_WORD] = "SELECT id FROM word WHERE name = ?1",
	[SQL_ADD_WORD] =
		"INSERT INTO word (name, at, uid, user, kind, target, state, downtime, procedure,"
		" object, reason, run, plan_hash, outcome, is_recorded, trail, closed_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
		" 0)",
	[SQL_REQUESTS] =
		"SELECT id, target, procedure, object, reason, user FROM word w"
		" WHERE target = ?1 AND kind = 'request' AND is_recorded AND closed IS NULL"
		" AND NOT EXISTS (SELECT 1 FROM run WHERE request_word = w.id"
		"  AND state <> 'abandoned')"
		" ORDER BY id",
	[SQL_CLOSE_REQUEST] =
		"UPDATE word SET closed = ?2, closed_at = ?3"
		" WHERE id = ?1 AND kind = 'request' AND closed IS NULL",

	[SQL_OTHER_OPEN_RUN] = "SELECT id FROM run WHERE target = ?1 AND is_open LIMIT 1",
	[SQL_ADD_RUN] =
		"INSERT INTO run (target, procedure, finding, object, plan_json, plan_hash, state,"
		" is_open, message, mode, request_word, rollback_of, created_at, changed_at,"
		" begun_at, ended_at, approved_at, old_sha256, new_id, new_sha256, trail)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?15, 0,"
		" ?16, ?17, ?18, 1 + (SELECT coalesce(max(id), 0) FROM trail))",
	[SQL_ADD_STEP] =
		"INSERT INTO step (run, seq, state, intent_at, acted_at, verified_at, tries)"
		" VALUES (?1, ?2, 'none', 0, 0, 0, 0)",
	[SQL_OPEN_RUN] =
		RUN_COLUMNS "WHERE target = ?1 AND is_open"
		" ORDER BY rollback_of <> 0 DESC, id DESC LIMIT 1",
	[SQL_GET_RUN] = RUN_COLUMNS "WHERE id = ?1",
	[SQL_RUNS] =
		RUN_COLUMNS "WHERE ?1 IS NULL OR target = ?1 ORDER BY id DESC LIMIT ?2",
	[SQL_CLEANUPS] =
		RUN_COLUMNS "WHERE target = ?1 AND state = 'done' AND " IS_CHANGE
		" AND object IS NOT NULL AND old_sha256 IS NOT NULL"
		" AND NOT EXISTS (SELECT 1 FROM run c WHERE c.target = run.target"
		"  AND c.state = 'done' AND c.id > run.id"
		"  AND ((c.finding = '" RUN_CLEANUP "' AND c.object = run.object)"
		"   OR c.rollback_of = run.id))"
		" ORDER BY id",
	[SQL_SET_RUN] =
		"UPDATE run SET state = ?2, is_open = ?3, message = ?4, changed_at = ?5,"
		" begun_at = CASE WHEN begun_at = 0 THEN ?6 ELSE begun_at END, ended_at = ?7,"
		" trail = CASE WHEN state = ?2 THEN trail ELSE ?8 END WHERE id = ?1",
	[SQL_APPROVE] =
		"UPDATE run SET approved_by = ?2, approved_at = ?3, changed_at = ?3"
		" WHERE id = ?1 AND is_open",
	[SQL_BIND] =
		"UPDATE run SET new_id = coalesce(?2, new_id),"
		" new_sha256 = coalesce(?3, new_sha256), changed_at = ?4 WHERE id = ?1 AND is_open",
	[SQL_TARGET_OF_RUN] = "SELECT target FROM run WHERE id = ?1",
	[SQL_STATE_OF_RUN] = "SELECT state, message FROM run WHERE id = ?1",
	[SQL_TARGET_OF_WORD] = "SELECT target FROM word WHERE id = ?1",

	[SQL_STEPS] =
		"SELECT seq, state, intent_at, acted_at, verified_at, tries, snapshot, sha256, said,"
		" made"
		" FROM step WHERE run = ?1 ORDER BY seq",
	[SQL_INTENT] =
		"UPDATE step SET state = 'intent', intent_at = ?3, acted_at = 0, tries = tries + 1,"
		" snapshot = ?4, sha256 = ?5, said = NULL, made = NULL" OF_STEP "('none', 'intent', 'acted')",
	[SQL_ACTED] =
		"UPDATE step SET state = 'acted', acted_at = ?3, said = ?4" OF_STEP "('intent')",
	[SQL_MADE] = "UPDATE step SET made = ?3" OF_STEP "('intent', 'acted')",
	[SQL_NOT_ACTED] =
		"UPDATE step SET state = 'none', intent_at = 0, acted_at = 0, said = ?3"
		OF_STEP "('intent')",
	[SQL_VERIFIED] =
		"UPDATE step SET state = 'verified', verified_at = ?3, said = ?4"
		OF_STEP "('none', 'intent', 'acted')",

	[SQL_RETRY] =
		"UPDATE step SET state = 'none', intent_at = 0, acted_at = 0, tries = 0, said = ?2,"
		" made = NULL"
		" WHERE run = ?1 AND state <> 'verified'",

	[SQL_PAST_RUNS] =
		"SELECT coalesce(sum(begun_at > ?2 AND " IS_CHANGE "), 0),"
		" coalesce(max(CASE WHEN EXISTS (SELECT 1 FROM step s WHERE s.run = run.id"
		"  AND s.intent_at > 0) THEN ended_at END), 0)"
		" FROM run WHERE target = ?1",
	[SQL_PAST_FAILED] =
		"SELECT count(*) FROM run WHERE target = ?1 AND state IN ('failed', 'blocked')"
		" AND trail > (SELECT coalesce(max(trail), 0) FROM run"
		"  WHERE target = ?1 AND state = 'done' AND " IS_CHANGE ")"
		" AND trail > (SELECT coalesce(max(trail), 0) FROM word"
		"  WHERE target = ?1 AND kind = 'retry' AND is_recorded)",
	/* without a target it is for all: that pause ends by such a resume only */
	[SQL_PAST_PAUSE] =
		"SELECT user FROM word p WHERE kind = 'pause' AND is_recorded"
		" AND (target IS NULL OR target = ?1)"
		" AND NOT EXISTS (SELECT 1 FROM word r WHERE r.kind = 'resume' AND r.is_recorded"
		"  AND r.trail > p.trail AND (r.target IS NULL OR r.target = p.target))"
		" ORDER BY trail DESC LIMIT 1",
	[SQL_PAST_DOWNTIME] =
		"SELECT downtime, at FROM word WHERE target = ?1 AND kind = 'event' AND is_recorded"
		" AND downtime >= 0 ORDER BY trail DESC LIMIT 1",
	[SQL_PAST_EVENT] =
		"SELECT coalesce(max(at), 0) FROM word"
		" WHERE target = ?1 AND kind = 'event' AND is_recorded",
};
