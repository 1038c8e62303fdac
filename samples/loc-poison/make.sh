#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/names.sh"
host ws101 101; host guest7 66
# What a poisoning tool answers: every broadcast name, an end node's answer without a question section, node flags 0,
# a lifetime of 300,000 seconds.
start guest7 "$PY" "$LIB/nbns.py" answer none 300000 '*' 192.0.2.66
sleep 1
record "$HERE/hit.pcap" 'udp port 137'
ask_all ws101 "MP_$SITE#1a"
ask_all ws101 "WPAD#20"
stop; settle "$HERE/hit.pcap"

fresh
host ws101 101; host files 20; host mp01 11
# A file server with many aliases (Samba's nmbd) answers for its own names, and the management point for its own.
nmbd_on files 'netbios aliases = FILES2 ARCHIVE SCANS'
start mp01 "$PY" "$LIB/nbns.py" answer H 300000 MP_$SITE 192.0.2.11
sleep 6
record "$HERE/miss.pcap" 'udp port 137 and host 192.0.2.101'
for name in FILES FILES2 ARCHIVE SCANS; do ask_all ws101 "$name#20"; done
ask_all ws101 "MP_$SITE#1a"
stop; settle "$HERE/miss.pcap"
