#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/names.sh"
host ws101 101; host mp01 11
nmbd_on mp01

record "$HERE/hit.pcap" 'udp port 137 and host 192.0.2.101'
ask_all ws101 "MP_$SITE#1a"
stop; settle "$HERE/hit.pcap"

record "$HERE/miss.pcap" 'udp port 137 and host 192.0.2.101'
ask_all ws101 "MP01#20"
ask_all ws101 "MP_ROOM#1a"
ask_all ws101 "MP_$SITE#1d"
ask_all ws101 "SMS_SLP2#1a"
stop; settle "$HERE/miss.pcap"
