#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/names.sh"
host dns 2; host wins 5; host mp01 11; host ws101 101
nmbd_on wins 'wins support = yes'
nbns mp01 register 192.0.2.5 MP_$SITE 1a 192.0.2.11
start dns dnsmasq -k -C /dev/null -u root --no-resolv --no-hosts --port=53 --local=/$DOMAIN/ \
  --srv-host=_mssms_mp_ex1._tcp.$DOMAIN,mp01.$DOMAIN,80 --host-record=mp01.$DOMAIN,192.0.2.11
listening dns 53

record "$HERE/hit.pcap" 'udp port 53 or (udp port 137 and not broadcast)'
on ws101 dig +noedns @192.0.2.2 SRV _mssms_mp_ex1._tcp.$DOMAIN
sleep 1
ask_wins ws101 "MP_$SITE#1a"
stop; settle "$HERE/hit.pcap"

# The same order, but DNS knows no management point of that site: WINS is the next place to ask, not a needless one.
record "$HERE/miss.pcap" 'udp port 53 or (udp port 137 and not broadcast)'
on ws101 dig +noedns @192.0.2.2 SRV _mssms_mp_ex2._tcp.$DOMAIN
sleep 1
ask_wins ws101 "MP_$SITE#1a"
stop; settle "$HERE/miss.pcap"
