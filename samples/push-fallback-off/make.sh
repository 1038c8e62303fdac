#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES=ws101
host dc01 2; host cm01 10; host ws101 101
kdc_on dc01
smbd_on ws101
record "$HERE/hit.pcap"
push_with cm01 --kerberos dc01.example.test --no-fallback ws101.example.test
stop; settle "$HERE/hit.pcap"

# The same offer with NTLM in it: fallback is possible, although it was not needed.
record "$HERE/miss.pcap"
push_with cm01 --kerberos dc01.example.test ws101.example.test
stop; settle "$HERE/miss.pcap"
