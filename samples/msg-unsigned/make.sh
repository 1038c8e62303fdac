#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
ccm ws101 policy
stop; settle "$HERE/hit.pcap"

# Registration and location requests have no signature hook by design; policy is asked for with one.
record "$HERE/miss.pcap"
ccm ws101 --key "$SCRATCH/key" register location
ccm ws101 --key "$SCRATCH/key" --sign policy
stop; settle "$HERE/miss.pcap"
