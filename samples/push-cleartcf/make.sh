#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/smb.sh"
SERVICES=ws101
host dc01 2; host cm01 10; host ws101 101
kdc_on dc01
smbd_on ws101
record "$HERE/hit.pcap"
push cm01 ws101.example.test svc-push@EXAMPLE.TEST "${KERBEROS[@]}"
stop; settle "$HERE/hit.pcap"

# A push without the settings file: the lock file and the program.
record "$HERE/miss.pcap"
smb cm01 ws101.example.test/ADMIN$ svc-push@EXAMPLE.TEST "put empty SMSClientInstall.$SITE; mkdir ccmsetup; cd ccmsetup;
  put ccmsetup.exe; cd ..; del SMSClientInstall.$SITE" "${KERBEROS[@]}"
stop; settle "$HERE/miss.pcap"
