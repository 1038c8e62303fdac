#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/names.sh"
host ws101 101; host mp01 11; host guest7 66

record "$HERE/hit.pcap" 'udp port 137'
start mp01 "$PY" "$LIB/nbns.py" answer B 259200 MP_$SITE 192.0.2.11
start guest7 "$PY" "$LIB/nbns.py" answer B 259200 MP_$SITE 192.0.2.66
sleep 1
# One client asks often enough for both answers to come in while it listens.
ask_all ws101 "MP_$SITE#1a"
stop 1; settle "$HERE/hit.pcap"

fresh
host ws101 101; host mp01 11
# One host with two addresses: both come in one answer.
record "$HERE/miss.pcap" 'udp port 137'
start mp01 "$PY" "$LIB/nbns.py" answer B 259200 MP_$SITE 192.0.2.11 192.0.2.12
sleep 1
ask_all ws101 "MP_$SITE#1a"
stop; settle "$HERE/miss.pcap"
