#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host sup01 14; host ws101 101
serve sup01 8530
record "$HERE/hit.pcap"
ccm ws101 --mp sup01.example.test --port 8530 wsus
stop; settle "$HERE/hit.pcap"

# Update files and a licence over the same port: their hashes come with the metadata, so that plain HTTP is right.
record "$HERE/miss.pcap"
for file in A1/5F0C3B1E7D2A4960B8C7D6E5F4A3B2C1D0E9F8A1.cab 0B/9E8D7C6B5A4F3E2D1C0B9A8F7E6D5C4B3A2F1E0B.txt; do
  on ws101 curl -sS -o /dev/null -A 'Microsoft BITS/7.8' -r 0-1023 "http://sup01.example.test:8530/Content/$file"
done
stop; settle "$HERE/miss.pcap"
