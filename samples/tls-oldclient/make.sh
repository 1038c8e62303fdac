#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host ws102 102
certificate mp01 'SMS Issuing'
tls_server mp01 443 -tls1_2
# The management point refuses; that it is one shows in the other client's handshake.
record "$HERE/hit.pcap"
fetch ws102 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST' --tlsv1.0 --tls-max 1.1
stop; settle "$HERE/hit.pcap"

# A client that offers TLS 1.0 to 1.2 to the management point, and no more than 1.1 to a printer.
fresh
host mp01 11; host ws101 101; host printer7 40
certificate printer7 'Example Devices CA'
tls_server printer7 443 -tls1_1
certificate mp01 'SMS Issuing'
tls_server mp01 443 -tls1_2
record "$HERE/miss.pcap"
fetch ws101 https://printer7.example.test/status --tlsv1.0 --tls-max 1.1
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST' --tlsv1.0 --tls-max 1.2
stop; settle "$HERE/miss.pcap"
