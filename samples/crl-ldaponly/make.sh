#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
REVOKED='crlDistributionPoints=URI:ldap:///CN=Example%20Issuing%20CA?certificateRevocationList' certificate mp01 'Example Issuing CA'
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
point
tls_server cloud 443 -tls1_3
record "$HERE/hit.pcap"
ccm ws101 --sign mplist policy
list ws101
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/
stop; settle "$HERE/hit.pcap"

# By HTTP as well.
fresh
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
REVOKED='crlDistributionPoints=URI:ldap:///CN=Example%20Issuing%20CA?certificateRevocationList,URI:http://pki.example.test/issuing.crl' certificate mp01 'Example Issuing CA'
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
point
tls_server cloud 443 -tls1_3
record "$HERE/miss.pcap"
ccm ws101 --sign mplist policy
list ws101
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/
stop; settle "$HERE/miss.pcap"
