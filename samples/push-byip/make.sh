#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
host cm01 10; host ws101 101 192-0-2-101.example.test
smbd_on ws101
record "$HERE/hit.pcap"
push cm01 192.0.2.101 svc-push "${NTLM[@]}"
stop; settle "$HERE/hit.pcap"

# A name that is made of the address.
record "$HERE/miss.pcap"
push cm01 192-0-2-101.example.test svc-push "${NTLM[@]}"
stop; settle "$HERE/miss.pcap"
