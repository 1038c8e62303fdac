#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
certificate mp01 'SMS Issuing'
tls_server mp01 443 -tls1_2
record "$HERE/hit.pcap"
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/hit.pcap"

# The certificate of a PKI whose authority only sounds like the site's own.
fresh
host mp01 11; host ws101 101
certificate mp01 'Example SMS Issuing CA'
tls_server mp01 443 -tls1_2
record "$HERE/miss.pcap"
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
stop; settle "$HERE/miss.pcap"
