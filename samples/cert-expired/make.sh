#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
TO=20251231 certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/hit.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/hit.pcap"

# Valid since the day before.
fresh
host mp01 11; host ws101 101
FROM=20260104 TO=20270104 certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/miss.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/miss.pcap"

# The management point's is valid, the client's ended on 2025-12-31.
fresh
host mp01 11; host ws101 101
TO=20251231 EKU=clientAuth certificate ws101 'Example Issuing CA'
SAME=1 certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/client.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST' --cert "$SCRATCH/ws101.pem" --key "$SCRATCH/ws101.key"
stop; settle "$HERE/client.pcap"
