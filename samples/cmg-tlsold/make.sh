#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1
record "$HERE/hit.pcap"
ccm ws101 --sign mplist policy
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/ --tlsv1.0
stop; settle "$HERE/hit.pcap"

# TLS 1.0 with such a name too, but of a computer of which nothing is known; and nothing is certain of the server.
fresh
host mp01 11; host ws101 101; host cloud 60 cmg.westeurope.cloudapp.azure.com
FQDN=cmg.westeurope.cloudapp.azure.com certificate cloud 'Example Public CA'
serve mp01
tls_server cloud 443 -tls1
record "$HERE/miss.pcap"
fetch ws101 https://cmg.westeurope.cloudapp.azure.com/ --tlsv1.0
stop; settle "$HERE/miss.pcap"
