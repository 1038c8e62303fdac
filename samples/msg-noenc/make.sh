#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
ccm ws101 --sign hinv
stop; settle "$HERE/hit.pcap"

# The same report, encrypted for the management point; the request for policy is never encrypted.
record "$HERE/miss.pcap"
ccm ws101 --sign --encrypt hinv
ccm ws101 --sign policy
stop; settle "$HERE/miss.pcap"
