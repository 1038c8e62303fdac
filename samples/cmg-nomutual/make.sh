#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1_2
record "$HERE/hit.pcap"
ccm ws101 --sign mplist policy
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/
stop; settle "$HERE/hit.pcap"

# The client has a certificate and shows it.
fresh
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1_2 -verify 1
record "$HERE/miss.pcap"
ccm ws101 --sign mplist policy
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/ --cert "$SCRATCH/cloud.pem" --key "$SCRATCH/cloud.key"
stop; settle "$HERE/miss.pcap"
