#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
ccm ws101 --key "$SCRATCH/key" --sign register status
stop; settle "$HERE/hit.pcap"

# The same status message, encrypted.
record "$HERE/miss.pcap"
ccm ws101 --key "$SCRATCH/key" --sign --encrypt register status
stop; settle "$HERE/miss.pcap"
