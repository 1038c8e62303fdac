#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
# The KDC knows no service of ws101: its SPN is missing.
SERVICES=
host dc01 2; host cm01 10; host ws101 101
kdc_on dc01
smbd_on ws101
record "$HERE/hit.pcap"
push cm01 ws101.example.test svc-push@EXAMPLE.TEST "${EITHER[@]}"
stop; settle "$HERE/hit.pcap"

# The KDC refuses a ticket too, but for a service that has nothing to do with the push; the push itself never tried Kerberos.
record "$HERE/miss.pcap"
printf "%s\n" "$PASSWORD" | on cm01 kinit -c "$SCRATCH/cc" svc-push2 > /dev/null
on cm01 kvno -c "$SCRATCH/cc" http/intranet.example.test || true
push cm01 ws101.example.test svc-push "${NTLM[@]}"
stop; settle "$HERE/miss.pcap"

# Another hit: no KDC answers, its port is closed.
fresh
host dc01 2; host cm01 10; host ws101 101
smbd_on ws101
record "$HERE/no-kdc.pcap"
push cm01 ws101.example.test svc-push@EXAMPLE.TEST "${EITHER[@]}"
stop; settle "$HERE/no-kdc.pcap"
