#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
REVOKED='crlDistributionPoints=URI:ldap:///CN=Example%20Issuing%20CA?certificateRevocationList' certificate mp01 'Example Issuing CA'
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
tls_server cloud 443 -tls1_3
record "$HERE/hit.pcap"
ccm ws101 --sign mplist policy
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/
stop; settle "$HERE/hit.pcap"

# By HTTP as well.
fresh
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
REVOKED='crlDistributionPoints=URI:ldap:///CN=Example%20Issuing%20CA?certificateRevocationList,URI:http://pki.example.test/issuing.crl' certificate mp01 'Example Issuing CA'
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server mp01 443 -tls1_2 -verify 1
tls_server cloud 443 -tls1_3
record "$HERE/miss.pcap"
ccm ws101 --sign mplist policy
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/
stop; settle "$HERE/miss.pcap"
