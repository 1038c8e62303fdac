#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
TO=20260125 certificate mp01 'Example Issuing CA'
point
during hit.pcap visit ws101

# Five weeks are enough.
fresh
host mp01 11; host ws101 101
TO=20260210 certificate mp01 'Example Issuing CA'
point
during miss.pcap visit ws101
