#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES="dp01 files01"
host dc01 2; host dp01 12; host files01 20; host ws101 101
kdc_on dc01
SITE_SYSTEM=1 smbd_on dp01 'map to guest = Bad User' 'server signing = auto'
smbd_on files01 'map to guest = Bad User' 'server signing = auto'
record "$HERE/hit.pcap"
smb ws101 dp01.example.test/SCCMContentLib\$ visitor 'cd DataLib; get EX100012.INI /dev/null' "${NTLM[@]}"
stop; settle "$HERE/hit.pcap"

# The distribution point gives a session of a known account; it is a file server that makes the visitor a guest.
record "$HERE/miss.pcap"
smb ws101 dp01.example.test/SCCMContentLib\$ 'WS101$@EXAMPLE.TEST' 'cd DataLib; get EX100012.INI /dev/null' "${KERBEROS[@]}"
smb ws101 files01.example.test/SoftwareLibrary visitor 'get ccmsetup.exe /dev/null' "${NTLM[@]}"
stop; settle "$HERE/miss.pcap"
