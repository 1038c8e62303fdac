#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
ccm ws101 --sign --corrupt policy
stop; settle "$HERE/hit.pcap"

# A signature that verifies, and one of an encrypted message, which nobody on the way can verify.
record "$HERE/miss.pcap"
ccm ws101 --sign policy
ccm ws101 --sign --encrypt state
stop; settle "$HERE/miss.pcap"
