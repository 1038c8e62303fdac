#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1_3
record "$HERE/hit.pcap"
ccm ws101 --sign mplist policy
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/
stop; settle "$HERE/hit.pcap"

# The same client, and a service of Azure's that is named otherwise.
fresh
host mp01 11; host ws101 101; host cloud 60 shop.azurewebsites.example.test
FQDN=shop.azurewebsites.example.test certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1_3
record "$HERE/miss.pcap"
ccm ws101 --sign mplist policy
fetch ws101 https://shop.azurewebsites.example.test/
stop; settle "$HERE/miss.pcap"

# The name alone.
fresh
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1_2
record "$HERE/name-only.pcap"
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/
stop; settle "$HERE/name-only.pcap"
