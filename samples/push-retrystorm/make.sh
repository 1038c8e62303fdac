#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
host cm01 10; host ws101 101
smbd_on ws101
attempts() { local n; for n in 1 2 3; do SECRET=wrong push_lock cm01 ws101.example.test svc-push "${NTLM[@]}"; sleep 3; done; }
record "$HERE/hit.pcap"
attempts
stop
"$PY" "$LIB/retime.py" gap "$HERE/hit.pcap" 2 3600
settle "$HERE/hit.pcap"

# As many attempts, twenty minutes apart: somebody tries things out.
record "$HERE/miss.pcap"
attempts
stop
"$PY" "$LIB/retime.py" gap "$HERE/miss.pcap" 2 1200
settle "$HERE/miss.pcap"
