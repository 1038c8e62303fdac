#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
certificate mp01 -
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/hit.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/hit.pcap"

# The same from an authority.
fresh
host mp01 11; host ws101 101
certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/miss.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/miss.pcap"
