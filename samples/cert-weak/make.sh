#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
MD=sha1 certificate mp01 'Example Issuing CA'
point
during hit.pcap visit ws101

# SHA-256, and an RSA key of just 2048 bits.
fresh
host mp01 11; host ws101 101
KEY=rsa:2048 certificate mp01 'Example Issuing CA'
point
during miss.pcap visit ws101

# A short key, with a good signature.
fresh
host mp01 11; host ws101 101
KEY=rsa:1024 certificate mp01 'Example Issuing CA'
point
during short-key.pcap visit ws101
