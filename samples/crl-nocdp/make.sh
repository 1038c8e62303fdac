#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
REVOKED= certificate mp01 'Example Issuing CA'
point
during hit.pcap visit ws101

# No list, but a responder to ask.
fresh
host mp01 11; host ws101 101
REVOKED='authorityInfoAccess=OCSP;URI:http://pki.example.test/ocsp' certificate mp01 'Example Issuing CA'
point
during miss.pcap visit ws101
