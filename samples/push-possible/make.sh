#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES=ws101
host dc01 2; host cm01 10; host admin1 50; host ws101 101
kdc_on dc01
smbd_on ws101 'server smb encrypt = required'
record "$HERE/hit.pcap"
push cm01 ws101.example.test svc-push@EXAMPLE.TEST "${KERBEROS[@]}"
stop; settle "$HERE/hit.pcap"

# An administrator's encrypted session, from a workstation.
record "$HERE/miss.pcap"
smb admin1 ws101.example.test/ADMIN$ ann@EXAMPLE.TEST "cd Temp; put ccmsetup.exe" "${KERBEROS[@]}"
stop; settle "$HERE/miss.pcap"
