#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
EKU=clientAuth certificate ws101 'Example Client CA'
TO=20251231 FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1_2 -verify 1
record "$HERE/hit.pcap"
ccm ws101 --sign mplist policy
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/ --cert "$SCRATCH/ws101.pem" --key "$SCRATCH/ws101.key"
stop; settle "$HERE/hit.pcap"

# A valid one.
fresh
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
EKU=clientAuth certificate ws101 'Example Client CA'
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1_2 -verify 1
record "$HERE/miss.pcap"
ccm ws101 --sign mplist policy
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/ --cert "$SCRATCH/ws101.pem" --key "$SCRATCH/ws101.key"
stop; settle "$HERE/miss.pcap"
