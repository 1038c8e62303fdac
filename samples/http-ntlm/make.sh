#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host intranet 30
serve mp01
serve intranet 80 --web
record "$HERE/hit.pcap"
ccm ws101 --variant _windowsauth register
stop; settle "$HERE/hit.pcap"

# NTLM over HTTP to an ordinary web server; the management point is asked without any logon.
record "$HERE/miss.pcap"
on ws101 curl -sS -o /dev/null --ntlm -u 'EXAMPLE\ann:an-Invented-Secret-2' http://intranet.example.test/reports_windowsauth/list
ccm ws101 mplist
stop; settle "$HERE/miss.pcap"
