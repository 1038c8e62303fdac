#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host ws102 102
serve mp01
record "$HERE/hit.pcap"
# Two registered clients; then one sends a signed status message in the name of the other.
ccm ws101 --key "$SCRATCH/key1" --sign register policy
ccm ws102 --key "$SCRATCH/key2" --sign register
ccm ws102 --key "$SCRATCH/key2" --sign --claim "$(smsid ws101)" status
stop; settle "$HERE/hit.pcap"

# Both send in their own name, which one of them writes in lower case.
record "$HERE/miss.pcap"
ccm ws101 --key "$SCRATCH/key1" --sign register policy
ccm ws102 --key "$SCRATCH/key2" --sign register
ccm ws102 --key "$SCRATCH/key2" --sign --claim "$(smsid ws102 | tr A-Z a-z)" status
stop; settle "$HERE/miss.pcap"
