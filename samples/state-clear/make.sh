#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
export V6=1
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
ccm ws101 --sign state
stop; settle "$HERE/hit.pcap"

# The same report, encrypted for the management point.
record "$HERE/miss.pcap"
ccm ws101 --sign --encrypt state
stop; settle "$HERE/miss.pcap"
