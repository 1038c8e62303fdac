#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/names.sh"
host wins 5; host mp01 11
nmbd_on wins 'wins support = yes'

record "$HERE/hit.pcap" 'udp port 137 and not broadcast'
nbns mp01 register 192.0.2.5 MP_$SITE 1a 192.0.2.11
nbns mp01 refresh 192.0.2.5 MP_$SITE 1a 192.0.2.11
stop; settle "$HERE/hit.pcap"

# The same server, its own names: the host name and two aliases that begin like a management point's name.
record "$HERE/miss.pcap" 'udp port 137 and host 192.0.2.11 and not broadcast'
nmbd_on mp01 'wins server = 192.0.2.5' 'netbios aliases = MP_ROOM MP_PRINTERS'
stop 4; settle "$HERE/miss.pcap"
