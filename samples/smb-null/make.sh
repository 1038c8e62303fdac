#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES="dp01 files01"
host dc01 2; host dp01 12; host files01 20; host ws101 101
kdc_on dc01
SITE_SYSTEM=1 smbd_on dp01 'map to guest = Bad User'
smbd_on files01 'map to guest = Bad User'
record "$HERE/hit.pcap"
smb ws101 dp01.example.test/SCCMContentLib\$ 'WS101$@EXAMPLE.TEST' 'cd DataLib; get EX100012.INI /dev/null' "${KERBEROS[@]}"
smb_nobody ws101 dp01.example.test
stop; settle "$HERE/hit.pcap"

# The same anonymous listing, of a file server.
record "$HERE/miss.pcap"
smb ws101 dp01.example.test/SCCMContentLib\$ 'WS101$@EXAMPLE.TEST' 'cd DataLib; get EX100012.INI /dev/null' "${KERBEROS[@]}"
smb_nobody ws101 files01.example.test
stop; settle "$HERE/miss.pcap"
