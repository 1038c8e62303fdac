#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host intranet 30
serve mp01
record "$HERE/hit.pcap"
fetch ws101 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST'
sleep 1
ccm ws101 --sign mplist policy
stop; settle "$HERE/hit.pcap"

# What fails here is HTTPS to a server that has nothing to do with the site.
record "$HERE/miss.pcap"
fetch ws101 'https://intranet.example.test/'
sleep 1
ccm ws101 --sign mplist policy
stop; settle "$HERE/miss.pcap"
