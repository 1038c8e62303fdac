#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
certificate mp01 'SMS Issuing'
tls_server mp01 443 -tls1
record "$HERE/hit.pcap"
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST' --tlsv1.0
stop; settle "$HERE/hit.pcap"

# TLS 1.0 too, but with a printer; the management point speaks TLS 1.2 to the same client.
fresh
host mp01 11; host ws101 101; host printer7 40
certificate printer7 'Example Devices CA'
tls_server printer7 443 -tls1
certificate mp01 'SMS Issuing'
tls_server mp01 443 -tls1_2
record "$HERE/miss.pcap"
fetch ws101 https://printer7.example.test/status --tlsv1.0
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST' --tlsv1.0
stop; settle "$HERE/miss.pcap"
