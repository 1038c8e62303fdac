#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
certificate mp01 -
point
during hit.pcap visit ws101

# The same from an authority.
fresh
host mp01 11; host ws101 101
certificate mp01 'Example Issuing CA'
point
during miss.pcap visit ws101
