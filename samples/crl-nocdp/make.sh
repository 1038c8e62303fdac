#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
REVOKED= certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/hit.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/hit.pcap"

# No list, but a responder to ask.
fresh
host mp01 11; host ws101 101
REVOKED='authorityInfoAccess=OCSP;URI:http://pki.example.test/ocsp' certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/miss.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/miss.pcap"
