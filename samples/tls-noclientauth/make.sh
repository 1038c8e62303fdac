#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
certificate mp01 'Example Issuing CA'
point -tls1_2
during hit.pcap visit ws101

# The same server asks.
fresh
host mp01 11; host ws101 101
certificate mp01 'Example Issuing CA'
point
during miss.pcap visit ws101

# TLS 1.3 does not show whether it asks.
fresh
host mp01 11; host ws101 101
certificate mp01 'Example Issuing CA'
point -tls1_3
during hidden.pcap visit ws101

# A certificate of enhanced HTTP.
fresh
host mp01 11; host ws101 101
REVOKED= certificate mp01 'SMS Issuing'
tls_server mp01 443 -tls1_2
during enhanced.pcap list ws101

# The server asks in a second handshake, which the encryption hides.
fresh
host mp01 11; host ws101 101
certificate mp01 'Example Issuing CA'
serve mp01
start mp01 bash -c "(sleep 4; echo R; sleep 2) | openssl s_server -accept 443 -cert $SCRATCH/mp01.pem -key $SCRATCH/mp01.key \
  -tls1_2 -cipher ALL:@SECLEVEL=0"
listening mp01 443
record "$HERE/renegotiated.pcap"
ccm ws101 mplist
(echo 'GET /SMS_MP/.sms_aut?MPLIST HTTP/1.0'; sleep 5) |
  on ws101 timeout 8 openssl s_client -connect mp01.example.test:443 -servername mp01.example.test > /dev/null 2>&1 || true
stop; settle "$HERE/renegotiated.pcap"
