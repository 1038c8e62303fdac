#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
ccm ws101 --sign --hash sha1 policy
stop; settle "$HERE/hit.pcap"

# The same message signed with SHA-256.
record "$HERE/miss.pcap"
ccm ws101 --sign policy
stop; settle "$HERE/miss.pcap"
