#!/bin/bash
# Goal of this test: after a Local Manager's VIP certificate changed, the active Global Manager gets the
# new thumbprint with all it needs to keep the site; skipped without a VIP; said where nobody does it.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/nsx.sh
. "$e2e/nsx.sh"
# shellcheck source=tests/e2e/handler.sh
. "$e2e/handler.sh"

pair() { cert old 3 "$1"; cert new 700 ''; }
# The Global Manager looks at the listener of the Local one before it takes a thumbprint.
gm_world() {
	world 4.1.2 1 "$(cert web 700 'nsx-01:API cluster:MGMT_CLUSTER' '"san":["127.51.0.20","127.51.0.21"]')" '"mode":"global-manager","global_manager_mode":"ACTIVE",
		"nodes":[{"name":"nsx-01","address":"127.51.0.21"}],"vip":{"address":"127.51.0.20","fqdn":"gm.example"},
		"sites":[{"name":"paris","id":"paris","fqdn":"nsx.example","username":"admin","password":"simulator-only",
			"lm_address":"127.51.0.10","lm_port":'"${sim_url##*:}"'}]'
}
lm_identity() { cert lm 700 cluster:LOCAL_MANAGER '"cn":"LocalManager"'; }
start() {
	afresh sim "$(world 4.1.2 1 "$(pair 'nsx-01:API cluster:MGMT_CLUSTER'; lm_identity)")"
	nsx_scenario gm "$(gm_world)"
	nsx_mark gm
}
# conf_with KEY=VALUE...: the Local Manager's mandate, and the Global Manager's beside it
conf_with() {
	local lm_conf=$T/both.conf
	handler_conf gm poll_interval=0s procedures=nsx-federation-thumbprint credentials="$T/gm.admin"
	cp "$conf" "$lm_conf"
	handler_conf sim poll_interval=0s procedures="nsx-apply nsx-federation-thumbprint" "$@"
	cat "$conf" >> "$lm_conf"
	conf=$lm_conf
}
with_gm=(global_manager=gm site=paris site_credentials="$T/site.cred")
thumbprint() { nsx_state gm '.sites[] | select(.id == "paris") | .thumbprint'; }
updates() { nsx_state gm '.sites[] | select(.id == "paris") | .updates'; }

handler_start sim "$(world 4.1.2 1 "$(pair 'nsx-01:API cluster:MGMT_CLUSTER')")"
handler_start gm "$(gm_world)"
credentials "$T/site.cred" username=admin password=simulator-only

# --- the follow-up ------------------------------------------------------------------------------------

conf_with "${with_gm[@]}"
start
handle plan --target sim
like "the plan has the step" "$said" 'PATCH /global-manager/api/v1/global-infra/sites/paris'
work sim
is "done" "$code" 0
is "the Local Manager presents the new one" "$(served sim 127.51.0.10)" "$(leaf sim new)"
is "the Global Manager has its thumbprint" "$(thumbprint | tr A-F a-f | tr -d :)" "$(leaf sim new)"
is "told once" "$(updates) $(changed gm | wc -l)" "1 1"
unlike "no password in the history" "$(handle history; echo "$said")" 'simulator-only'
work sim
is "again: nothing" "$code $(updates)" "0 1"

# Asked for by a person, when somebody replaced the certificate by hand.
start
handler_conf sim poll_interval=0s
work sim
conf_with "${with_gm[@]}"
is "replaced without it: the Global Manager was not told" "$(updates)" 0
handle request --target sim --procedure nsx-federation-thumbprint --reason 'replaced by hand'
work sim
is "on request: done" "$code $(updates) $(thumbprint | tr A-F a-f | tr -d :)" "0 1 $(leaf sim new)"

# --- trouble -----------------------------------------------------------------------------------------------

start
nsx_faults gm '[{"match":"PATCH *","do":"lose"}]'
work sim
is "a lost answer: done" "$code" 0
# The Global Manager shows no thumbprint, so that it may be told again: once and twice are the same.
ok "a lost answer: told again at most once" [ "$(changed gm | wc -l)" -le 2 ]
is "a lost answer: it has the thumbprint" "$(thumbprint | tr A-F a-f | tr -d :)" "$(leaf sim new)"
start
nsx_faults gm '[{"match":"PATCH *","do":"status","value":503,"times":1}]'
work sim
is "503 at first: done" "$code $(changed gm | wc -l)" "0 1"
credentials "$T/site.cred" username=admin password=wrong
start
work sim
is "a wrong password of the site: not done" "$code $(changed gm)" "1 "
is "a wrong password of the site: the certificate is replaced all the same" "$(uses sim new)" "API@nsx-01 MGMT_CLUSTER"
like "a wrong password of the site: why" "$said" 'Global Manager|thumbprint|site'
credentials "$T/site.cred" username=admin password=simulator-only
handle retry 1
work sim
is "a wrong password of the site: mended, then retry" "$code $(changed gm | wc -l)" "0 1"

# --- where there is nothing to do ------------------------------------------------------------------------------

conf_with
start
handle plan --target sim
like "no global_manager: the plan says what is to be done by hand" "$said" 'no global_manager is configured'
work sim
is "no global_manager: replaced" "$code $(uses sim new) $(changed gm)" "0 API@nsx-01 MGMT_CLUSTER "

# Without a VIP.
handler_start lone "$(world 4.1.2 1 "$(pair nsx-01:API; cert lm 700 cluster:LOCAL_MANAGER '"cn":"LocalManager"')" '"vip":null')"
handler_conf gm poll_interval=0s procedures=nsx-federation-thumbprint
cp "$conf" "$T/both.conf"
handler_conf lone poll_interval=0s procedures="nsx-apply nsx-federation-thumbprint" "${with_gm[@]}"
cat "$conf" >> "$T/both.conf"
conf=$T/both.conf
nsx_mark gm
work lone
is "without a VIP: done" "$code $(uses lone new)" "0 API@nsx-01"
is "without a VIP: the Global Manager is not told" "$(changed gm)" ""
handler_conf sim poll_interval=0s

# A Global Manager's own certificate: its standby has to be told.
afresh sim "$(world 4.1.2 1 "$(pair nsx-01:API; cert gm 700 cluster:GLOBAL_MANAGER '"cn":"GlobalManager"')" '"mode":"global-manager","global_manager_mode":"ACTIVE"')"
handle plan --target sim
like "a Global Manager's own: the plan tells of the standby" "$said" 'standby'
