#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/names.sh"
host wins 5; host mp01 11; host mp02 13; host guest7 66
nmbd_on wins 'wins support = yes'

record "$HERE/hit.pcap" 'udp port 137 and not broadcast'
nbns mp01 register 192.0.2.5 MP_$SITE 1a 192.0.2.11
sleep 1
nbns guest7 register 192.0.2.5 MP_$SITE 1a 192.0.2.66 || true
stop 2; settle "$HERE/hit.pcap"

fresh
host wins 5; host mp01 11; host mp02 13
nmbd_on wins 'wins support = yes'
# A management point of another site that moves: the old one releases the name before the new one takes it; then
# the new one refreshes.
record "$HERE/miss.pcap" 'udp port 137 and not broadcast'
nbns mp01 register 192.0.2.5 MP_EX2 1a 192.0.2.11
sleep 1
nbns mp01 release 192.0.2.5 MP_EX2 1a 192.0.2.11
sleep 1
nbns mp02 register 192.0.2.5 MP_EX2 1a 192.0.2.13
sleep 1
nbns mp02 refresh 192.0.2.5 MP_EX2 1a 192.0.2.13
stop; settle "$HERE/miss.pcap"
