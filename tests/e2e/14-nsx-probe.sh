#!/bin/bash
# Goal of this test: the listeners that the API names are looked at: one that serves another
# certificate than the inventory says, one that is down, and none at all with probe = no.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nsx.sh"

# The second node serves, or does not, what the trust store says; "stray" has so many days left.
scenario() {   # DAYS NODE_MEMBERS [VIP_MEMBERS]
	printf '{"version":"4.1","vip":{"address":"127.41.0.10"%s},"nodes":[{"name":"nsx-01","address":"127.41.0.11"},
		{"name":"nsx-02","address":"127.41.0.12"%s},{"name":"nsx-03","address":"127.41.0.13"}],
		"issuers":[{"name":"stray","cn":"stray.example","days_left":%d,"hours_left":12}]}' "${3-}" "$2" "$1"
}
differs() { fact "[.certificates[] | . as \$c | .findings[] | select(.id == \"served-differs\") | \"\\(\$c.subject) \\(.state)\"] | join(\", \")"; }
calls() { nsx_state sim '[.listeners[] | select(.address != "127.41.0.10") | .accepted] | add'; }   # of the nodes
run() { check -f "$T/sim.conf" "$@"; }

nsx_start sim "$(scenario 300 '')"
nsx_conf sim
run -o json
is "all serve what they should" "$(fact .state) $(differs)" "OK "
is "each listener is a sighting" "$(fact '[.certificates[].sightings[] | select(.via == "tls") | "\(.endpoint | split(":")[0]) \(.uses[0].node_name)"] | sort | join(", ")')" \
	"127.41.0.10 cluster, 127.41.0.11 nsx-01, 127.41.0.12 nsx-02, 127.41.0.13 nsx-03"

nsx_scenario sim "$(scenario 300 ',"serves":"stray"')"
run -o json
sums "a node serves another one"
is "a node serves another one: WARNING" "$(fact .state) $(differs)" "WARNING CN=stray.example WARNING"
is "a node serves another one: in the inventory it is not" "$(fact '.certificates[] | select(.subject == "CN=stray.example") | [.sightings[].via] | unique | join(" ")')" tls
like "a node serves another one: what and where" "$(fact '.certificates[].findings[] | select(.id == "served-differs") | .message')" \
	'^127\.41\.0\.12:[0-9]+ serves [0-9a-f]{8}, but the inventory says that API of nsx-02 is "api-nsx-02" \([0-9a-f]{8}\)$'
run
state "a node serves another one" WARNING
like "a node serves another one: on the first line" "$text" 'nsx-02.* serves '
one_line "a node serves another one"
nsx_scenario sim "$(scenario 300 '' ',"serves":"stray"')"
nsx_conf sim pin_sha256="$(nsx_state sim '.listeners[] | select(.address == "127.41.0.10") | .sha256')"
run -o json
is "the VIP serves another one" "$(fact .state) $(differs)" "WARNING CN=stray.example WARNING"
like "the VIP serves another one: said" "$(fact '.certificates[].findings[] | select(.id == "served-differs") | .message')" 'says that MGMT_CLUSTER of cluster is "mp-cluster"'
nsx_conf sim
for days in -3 2; do
	nsx_scenario sim "$(scenario $days ',"serves":"stray"')"
	run -o json
	is "and that has $days days left: CRITICAL" "$(fact .state) $(differs)" "CRITICAL CN=stray.example CRITICAL"
	like "and that has $days days left: both are said" "$(fact '.certificates[] | select(.subject == "CN=stray.example") | [.findings[].id] | join(" ")')" "^(expired|expiring).* served-differs"
done
nsx_scenario sim "$(scenario 20 ',"serves":"stray"')"
run -o json
is "and that ends within its warning limit: CRITICAL" "$(differs)" "CN=stray.example CRITICAL"

nsx_scenario sim "$(scenario 300 ',"down":true')"
run -o json
sums "a node is down"
is "a node is down: a note" "$(fact '"\(.state) \(.sources[0].state) \([.sources[0].findings[].state] | join(" "))"')" "OK OK OK"
like "a node is down: named" "$(fact '.sources[0].findings[].message')" 'probe of nsx-02: 127\.41\.0\.12:[0-9]+: .*refused'
is "a node is down: its certificate is judged all the same" "$(fact '[.certificates[].sightings[] | select(.name == "api-nsx-02") | .via] | join(" ")')" api
nsx_conf sim probe=required
run -o json
sums "a node is down, probe = required"
is "a node is down, probe = required: UNKNOWN" "$(fact '"\(.state) \(.sources[0].state)"')" "UNKNOWN UNKNOWN"
run
like "a node is down, probe = required: on the first line" "$text" 'probe of nsx-02: 127\.41\.0\.12'
nsx_scenario sim "$(scenario 300 '' | jq -c '. + {faults: [{match: "CONNECT 127.41.0.13", do: "silent", times: 0}]}')"
began=$SECONDS
run -o json -t 3
ok "a silent node: the deadline holds" [ $((SECONDS - began)) -le 5 ]
is "a silent node: UNKNOWN" "$(fact .state)" UNKNOWN
is "a silent node: the others are there" "$(fact '[.certificates[].sightings[] | select(.via == "tls") | .endpoint | split(":")[0]] | sort | join(" ")')" "127.41.0.10 127.41.0.11 127.41.0.12"
like "a silent node: named" "$(fact '[.sources[0].findings[].message] | join(" ")')" '127\.41\.0\.13'
nsx_conf sim
run -o json -t 3
is "a silent node, probe = yes: nothing but a note" "$(fact '"\(.state) \(.counts.unknown)"')" "OK 0"

nsx_scenario sim "$(scenario 300 ',"serves":"stray"')"
nsx_conf sim probe=no
before=$(calls)
run -o json
is "probe = no: nothing is compared" "$(fact .state) $(differs)" "OK "
is "probe = no: no handshake" "$(fact '[.certificates[].sightings[] | select(.via == "tls")] | length')" 0
is "probe = no: nobody was called" "$(calls)" "$before"
nsx_conf sim probe=yes
run -o json
is "probe = yes: each was called once" "$(calls)" "$((before + 3))"
