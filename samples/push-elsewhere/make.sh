#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
host cm01 10; host ws101 101; host ws102 102; host guest7 66
smbd_on ws101; smbd_on ws102
record "$HERE/hit.pcap"
push cm01 ws101.example.test svc-push "${NTLM[@]}"
smb guest7 ws102.example.test/Public svc-push 'get readme.txt /dev/null' "${NTLM[@]}"
stop; settle "$HERE/hit.pcap"

# An account of the same name, of another domain.
record "$HERE/miss.pcap"
push cm01 ws101.example.test svc-push "${NTLM[@]}"
smb guest7 ws102.example.test/Public 'OTHER\svc-push' 'get readme.txt /dev/null' "${NTLM[@]}"
stop; settle "$HERE/miss.pcap"
