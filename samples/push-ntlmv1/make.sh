#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
host cm01 10; host ws101 101
smbd_on ws101 'ntlm auth = ntlmv1-permitted'
record "$HERE/hit.pcap"
push cm01 ws101.example.test svc-push "${NTLM[@]}" --option=clientntlmv2auth=no
stop; settle "$HERE/hit.pcap"

# NTLMv2 to the same computer, which would take NTLMv1; both have extended session security in their flags.
record "$HERE/miss.pcap"
push cm01 ws101.example.test svc-push "${NTLM[@]}"
stop; settle "$HERE/miss.pcap"
