#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
fetch ws101 https://mp01.example.test:10123/
sleep 1
ccm ws101 --agent '' bgb
stop; settle "$HERE/hit.pcap"

# Client notification over TLS, as it should be, and a web page in a folder that is called bgb as well.
fresh
host mp01 11; host ws101 101; host intranet 30
certificate mp01 'Example Issuing CA'
tls_server mp01 10123 -tls1_2
web_root intranet bgb/index.html
record "$HERE/miss.pcap"
fetch ws101 https://mp01.example.test:10123/
fetch ws101 http://intranet.example.test/bgb/index.html
stop; settle "$HERE/miss.pcap"
