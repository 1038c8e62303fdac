#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/names.sh"
host wins 5; host ws101 101; host mp01 11
nmbd_on wins 'wins support = yes'
nbns mp01 register 192.0.2.5 MP_$SITE 1a 192.0.2.11

record "$HERE/hit.pcap" 'udp port 137 and not broadcast'
ask_wins ws101 "MP_$SITE#1a"
ask_wins ws101 "SMS_SLP#1a"
stop; settle "$HERE/hit.pcap"

record "$HERE/miss.pcap" 'udp port 137 and not broadcast'
ask_wins ws101 "MP_ROOM#20"
ask_wins ws101 "MP_ROOM#1a"
ask_wins ws101 "DOMAINX#1a"
ask_wins ws101 "MP_$SITE#03"
stop; settle "$HERE/miss.pcap"
