#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101; host ws102 102
serve mp01
record "$HERE/hit.pcap"
ccm ws101 --key "$SCRATCH/image" register
ccm ws102 --key "$SCRATCH/image" register
stop; settle "$HERE/hit.pcap"

# Each has a key of its own; one of them gets another address and registers once more.
record "$HERE/miss.pcap"
ccm ws101 --key "$SCRATCH/own101" register
ccm ws102 --key "$SCRATCH/own102" register
on ws101 ip addr del 192.0.2.101/24 dev eth0
on ws101 ip addr add 192.0.2.111/24 dev eth0
ccm ws101 --key "$SCRATCH/own101" register
stop; settle "$HERE/miss.pcap"

# The certificate of a PKI, proved in TLS 1.2 by two hosts.
fresh
host mp01 11; host ws101 101; host ws102 102
certificate image 'Example Issuing CA'
certificate mp01 'Example Issuing CA'
point -tls1_2 -Verify 1 -verify_quiet
record "$HERE/tls.pcap"
ccm ws101 mplist
for name in ws101 ws102; do
  SHOW=image list $name
done
stop; settle "$HERE/tls.pcap"
