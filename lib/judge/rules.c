/* rules.c - the table of rules.  A further rule is one row and one function. */
#include "lib/judge/judging.h"

#include "lib/judge/evaluate.h"

#define TALLY(count) .tally = offsetof(struct report, count)

/* In the order in which the findings of one certificate are told. */
#define RULES(ROW) \
	ROW("unreadable", .judge_cert = rule_unreadable, .judge_new = fit_unreadable, \
	    TALLY(n_invalid), \
	    .clause = "RFC 5280 4.1; an end that is not known cannot be watched") \
	ROW("expired", .judge_cert = rule_expired, .judge_new = fit_expired, \
	    TALLY(n_expired), \
	    .clause = "RFC 5280 4.1.2.5: notAfter is the last valid second") \
	ROW("not-yet-valid", .judge_cert = rule_not_yet_valid, .judge_new = fit_not_yet_valid, \
	    TALLY(n_not_yet_valid), \
	    .clause = "RFC 5280 4.1.2.5") \
	ROW("expiring", .judge_cert = rule_expiring, \
	    .clause = "limits of the configuration, in whole seconds") \
	ROW("served-differs", .judge_cert = rule_served_differs, TALLY(n_drift), \
	    .clause = "NSX: used_by names what a service shall present") \
	ROW("rejected", .judge_fit = fit_rejected, TALLY(n_invalid), \
	    .clause = "NSX: action=validate, the product's own verdict") \
	ROW("leaf-is-ca", .judge_fit = fit_leaf_is_ca, TALLY(n_invalid), \
	    .clause = "RFC 5280 4.2.1.9; NSX: a replacement needs basicConstraints CA:FALSE") \
	ROW("usage-unfit", .judge_fit = fit_usage, TALLY(n_invalid), \
	    .clause = "RFC 5280 4.2.1.3 and 4.2.1.12; NSX: extended_key_usage of the profile") \
	ROW("chain-order", .judge_fit = fit_chain_order, TALLY(n_invalid), \
	    .clause = "RFC 5246 7.4.2; NSX: leaf, intermediates, root") \
	ROW("chain-broken", .judge_fit = fit_chain_broken, TALLY(n_invalid), \
	    .clause = "RFC 5280 6.1, as OpenSSL verifies it, dates apart") \
	ROW("chain-untrusted", .judge_fit = fit_chain_untrusted, TALLY(n_invalid), \
	    .clause = "RFC 5280 6.1, under the CA file of the target") \
	ROW("name-mismatch", .judge_fit = fit_name_mismatch, TALLY(n_invalid), \
	    .clause = "RFC 6125; NSX 4.2: CN or SAN must match the node or VIP") \
	ROW("no-private-key", .judge_fit = fit_no_private_key, TALLY(n_invalid), \
	    .clause = "NSX: has_private_key; without it the certificate cannot be presented") \
	ROW("weak-key", .judge_cert = rule_weak_key, .judge_new = fit_weak_key, TALLY(n_invalid), \
	    .clause = "NIST SP 800-131A: at least 112 bits of strength") \
	ROW("weak-signature", .judge_cert = rule_weak_signature, .judge_new = fit_weak_signature, \
	    TALLY(n_invalid), \
	    .clause = "NIST SP 800-131A; CA/Browser Forum baseline 7.1.3.2") \
	ROW("renewal-overdue", .judge_cert = rule_renewal_overdue, \
	    .clause = "NSX 4.2.1: automatic renewal of appliance certificates, lead time") \
	ROW("rotation-unfinished", .judge_cert = rule_rotation_unfinished, \
	    .clause = "Ops Manager: activate, apply, delete the old CA, apply") \
	ROW("deadline-passed", .judge_cert = rule_deadline_passed, \
	    .clause = "Ops Manager: with an expired CA there is no rotation by its API") \
	ROW("unused", .judge_cert = rule_unused, TALLY(n_unused), .tally_notes = true, \
	    .clause = "NSX: an empty used_by; replaced certificates stay in the trust store") \
	ROW("ignore-ended", .judge_cert = rule_ignore_ended, \
	    .clause = "an exception has an end") \
	ROW("source-failed", .judge_source = rule_source_failed, \
	    .clause = "what was not read may be expired") \
	ROW("partial", .judge_source = rule_partial, .judge_run = rule_too_few, \
	    .clause = "what was not read may be expired") \
	ROW("clock-skew", .judge_source = rule_clock_skew, \
	    .clause = "RFC 9110 6.6.1: Date")

#define AS_RULE(name, ...) { .id = name, __VA_ARGS__ },
#define AS_ID(name, ...) name,

static const struct rule rules[] = { RULES(AS_RULE) };
static const char *const ids[] = { RULES(AS_ID) NULL };
#define N_RULES (sizeof rules / sizeof rules[0])

size_t rules_n(void)
{
	return N_RULES;
}

const struct rule *rules_at(size_t i)
{
	return &rules[i];
}

const char *const *evaluate_rule_ids(void)
{
	return ids;
}
