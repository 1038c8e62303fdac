#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES="dp01:rc4-hmac files01"
host dc01 2; host dp01 12; host files01 20; host ws101 101
kdc_on dc01
SITE_SYSTEM=1 smbd_on dp01
record "$HERE/hit.pcap"
smb ws101 dp01.example.test/SCCMContentLib\$ 'WS101$@EXAMPLE.TEST' 'cd DataLib; get EX100012.INI /dev/null' "${KERBEROS[@]}"
stop; settle "$HERE/hit.pcap"

# The distribution point has a key for AES; the ticket with RC4 is that of a file server.
fresh
SERVICES="dp01 files01:rc4-hmac"
host dc01 2; host dp01 12; host files01 20; host ws101 101
kdc_on dc01
SITE_SYSTEM=1 smbd_on dp01
smbd_on files01
record "$HERE/miss.pcap"
smb ws101 dp01.example.test/SCCMContentLib\$ 'WS101$@EXAMPLE.TEST' 'cd DataLib; get EX100012.INI /dev/null' "${KERBEROS[@]}"
smb ws101 files01.example.test/SoftwareLibrary 'WS101$@EXAMPLE.TEST' 'get ccmsetup.exe /dev/null' "${KERBEROS[@]}"
stop; settle "$HERE/miss.pcap"
