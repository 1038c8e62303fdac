#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES="dp01 files01"
host dc01 2; host dp01 12; host files01 20; host ws101 101
kdc_on dc01
SITE_SYSTEM=1 smbd_on dp01
smbd_on files01
record "$HERE/hit.pcap"
smb ws101 dp01.example.test/SCCMContentLib\$ ann 'cd DataLib; get EX100012.INI /dev/null' "${NTLM[@]}"
stop; settle "$HERE/hit.pcap"

# Kerberos to the distribution point; NTLM to a file server that has no part in the site.
record "$HERE/miss.pcap"
smb ws101 dp01.example.test/SCCMContentLib\$ 'WS101$@EXAMPLE.TEST' 'cd DataLib; get EX100012.INI /dev/null' "${KERBEROS[@]}"
smb ws101 files01.example.test/SoftwareLibrary ann 'get ccmsetup.exe /dev/null' "${NTLM[@]}"
stop; settle "$HERE/miss.pcap"
