#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
host cm01 10; host ws101 101
smbd_on ws101 'ntlm auth = ntlmv1-permitted'
record "$HERE/hit.pcap"
push_with cm01 --ntlmv1 ws101.example.test
stop; settle "$HERE/hit.pcap"

# NTLMv2, with extended session security offered as NTLMv1 may have it too.
record "$HERE/miss.pcap"
push_with cm01 ws101.example.test
stop; settle "$HERE/miss.pcap"
