#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
host cm01 10; host ws101 101
smbd_on ws101 'server min protocol = NT1'
record "$HERE/hit.pcap"
push cm01 ws101.example.test svc-push "${NTLM[@]}" -m NT1
stop; settle "$HERE/hit.pcap"

# The connection begins with an SMB1 negotiation that offers SMB2 as well, as every Windows host does; SMB2 is what is spoken.
record "$HERE/miss.pcap"
push cm01 ws101.example.test svc-push "${NTLM[@]}"
stop; settle "$HERE/miss.pcap"
