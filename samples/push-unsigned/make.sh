#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES=ws101
host dc01 2; host cm01 10; host ws101 101
kdc_on dc01
smbd_on ws101 'server signing = auto'
record "$HERE/hit.pcap"
push cm01 ws101.example.test svc-push@EXAMPLE.TEST "${KERBEROS[@]}" "${UNSIGNED[@]}"
stop; settle "$HERE/hit.pcap"

# The same computer, whose server does not require signing; the site server asks for it.
record "$HERE/miss.pcap"
push cm01 ws101.example.test svc-push@EXAMPLE.TEST "${KERBEROS[@]}" --client-protection=sign
stop; settle "$HERE/miss.pcap"
