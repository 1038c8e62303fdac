#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES=ws101
host dc01 2; host cm01 10; host ws101 101
kdc_on dc01
smbd_on ws101

record "$HERE/hit.pcap"
push cm01 ws101.example.test svc-push "${NTLM[@]}"
stop; settle "$HERE/hit.pcap"

# The same push, with Kerberos.
record "$HERE/miss.pcap"
push cm01 ws101.example.test svc-push@EXAMPLE.TEST "${KERBEROS[@]}"
stop; settle "$HERE/miss.pcap"
