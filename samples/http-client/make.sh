#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
serve mp01
record "$HERE/hit.pcap"
ccm ws101 --sign mplist policy policy-body
stop; settle "$HERE/hit.pcap"

# An ordinary web server (nginx) whose paths look like those of a management point.
fresh
host intranet 30; host ws101 101
web_root intranet ccm/dashboard ccm_systems/request sms/mp/list SMS_MPS/.sms_authors ccmsetup.html
record "$HERE/miss.pcap"
for path in ccm/dashboard ccm_systems/request sms/mp/list 'SMS_MPS/.sms_authors?list' ccmsetup.html; do
  on ws101 curl -sS -o /dev/null "http://intranet.example.test/$path"
done
stop; settle "$HERE/miss.pcap"
