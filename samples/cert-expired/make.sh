#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
TO=20251231 certificate mp01 'Example Issuing CA'
point
during hit.pcap visit ws101

# Valid since the day before.
fresh
host mp01 11; host ws101 101
FROM=20260104 TO=20270104 certificate mp01 'Example Issuing CA'
point
during miss.pcap visit ws101

# The management point's is valid, the client's ended on 2025-12-31.
fresh
host mp01 11; host ws101 101
TO=20251231 EKU=clientAuth certificate ws101 'Example Issuing CA'
SAME=1 certificate mp01 'Example Issuing CA'
point
SHOW=ws101 during client.pcap visit ws101
