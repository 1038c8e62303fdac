#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
MD=sha1 certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/hit.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/hit.pcap"

# SHA-256, and an RSA key of just 2048 bits.
fresh
host mp01 11; host ws101 101
KEY=rsa:2048 certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/miss.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/miss.pcap"

# A short key, with a good signature.
fresh
host mp01 11; host ws101 101
KEY=rsa:1024 certificate mp01 'Example Issuing CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
record "$HERE/short-key.pcap"
ccm ws101 mplist
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/short-key.pcap"
