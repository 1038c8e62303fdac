#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
host cm01 10
for n in 1 2 3 4 5; do host ws10$n 10$n; smbd_on ws10$n; done
record "$HERE/hit.pcap"
for n in 1 2 3 4 5; do push_lock cm01 ws10$n.example.test svc-push "${NTLM[@]}"; done
stop; settle "$HERE/hit.pcap"

# Three accounts for five computers.
record "$HERE/miss.pcap"
for n in 1 2; do push_lock cm01 ws10$n.example.test svc-push "${NTLM[@]}"; done
for n in 3 4; do push_lock cm01 ws10$n.example.test svc-push2 "${NTLM[@]}"; done
push_lock cm01 ws105.example.test svc-push3 "${NTLM[@]}"
stop; settle "$HERE/miss.pcap"
