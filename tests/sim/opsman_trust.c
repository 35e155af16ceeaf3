/* opsman_trust.c - who trusts whom: the VMs of all products meet each other.
 *
 * Ops Manager itself does not look at this.  It is what a rotation in the wrong
 * order breaks, and how a test sees that it did. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/opsman_write.h"

uint64_t opsman_listed(const struct opsman_state *s)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < s->n_cas; i++)
		mask |= s->cas[i].gone ? 0 : OPSMAN_BIT(i);
	return mask;
}

/* A leaf that VMs present to each other: Ops Manager's own are on none. */
static bool is_on_vms(const struct opsman_row *row)
{
	const char *guid = json_str(json_get(row->given, "product_guid"));

	return row->n > 0 && (guid == NULL || strcmp(guid, "ops_manager") != 0);
}

/* Every VM has a leaf of its agent, which no row shows; then the rows. */
uint64_t opsman_signers(const struct opsman_state *s, int product)
{
	uint64_t mask = s->signer >= 0 ? OPSMAN_BIT(s->signer) : 0;

	for (size_t i = 0; i < s->n_rows; i++) {
		const struct opsman_row *row = &s->rows[i];
		const struct sim_cert *cert = row->staged != NULL ? row->staged : row->cert;
		int ca = row->product == product && is_on_vms(row) && cert != NULL && !cert->is_ca ?
		    opsman_ca_of(s, cert->issuer) : -1;

		mask |= ca >= 0 ? OPSMAN_BIT(ca) : 0;
	}
	return mask;
}

void opsman_outage(struct opsman_state *s, const char *fmt, ...)
{
	va_list args;

	if (s->n_outages++ > 0)
		return;
	va_start(args, fmt);
	vsnprintf(s->first_outage, sizeof s->first_outage, fmt, args);
	va_end(args);
}

/* The first CA of a mask; there is one. */
static const char *first_guid(const struct opsman_state *s, uint64_t mask)
{
	size_t i = 0;

	while (i + 1 < s->n_cas && (mask & OPSMAN_BIT(i)) == 0)
		i++;
	return s->cas[i].guid;
}

/* Everyone meets everyone: each VM once for as long as it is cut off. */
static void meet(struct opsman_state *s)
{
	uint64_t presented = 0;

	for (size_t i = 0; i < s->n_vms; i++)
		presented |= s->vms[i].signers;
	for (size_t i = 0; i < s->n_vms; i++) {
		struct opsman_vm *vm = &s->vms[i];
		uint64_t unknown = presented & ~vm->trusts;

		if (unknown != 0 && !vm->cut_off)
			opsman_outage(s,
			    "VM %zu of %s meets a leaf of %s, which it does not trust", i,
			    s->products[vm->product].guid, first_guid(s, unknown));
		vm->cut_off = unknown != 0;
	}
}

void opsman_move_vm(struct opsman_state *s, const struct opsman_run *run, struct opsman_vm *vm)
{
	bool director = (size_t)vm->product == s->director;

	/* An agent's settings are written when its VM is made. */
	if (s->pace.needs_recreate && !run->recreate && !director)
		return;
	vm->trusts = run->trusts;
	vm->signers = run->signers[vm->product];
	vm->n_moved++;
	meet(s);
}

bool opsman_is_dirty(const struct opsman_state *s, int product)
{
	uint64_t listed = opsman_listed(s), signers = opsman_signers(s, product);

	for (size_t i = 0; i < s->n_vms; i++) {
		const struct opsman_vm *vm = &s->vms[i];

		if (vm->product == product && (vm->trusts != listed || vm->signers != signers))
			return true;
	}
	for (size_t i = 0; i < s->n_rows; i++) {
		if (s->rows[i].product == product && s->rows[i].staged != NULL)
			return true;
	}
	return false;
}

bool opsman_all_trust(const struct opsman_state *s, int ca)
{
	for (size_t i = 0; i < s->n_vms; i++) {
		if ((s->vms[i].trusts & OPSMAN_BIT(ca)) == 0)
			return false;
	}
	return true;
}

bool opsman_any_leaf_of(const struct opsman_state *s, int ca)
{
	for (size_t i = 0; i < s->n_vms; i++) {
		if ((s->vms[i].signers & OPSMAN_BIT(ca)) != 0)
			return true;
	}
	return false;
}
