#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
ccm ws101 --brief --keep --count 61 --pause 0.001 status
stop; settle "$HERE/hit.pcap"

# Twenty messages of a busy afternoon: ten times as many as usual, over ten minutes.
record "$HERE/miss.pcap"
ccm ws101 --brief --keep --count 20 status
stop
"$PY" "$LIB/retime.py" spread "$HERE/miss.pcap" 600
settle "$HERE/miss.pcap"
