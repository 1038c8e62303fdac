#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"
host mp01 11; host ws101 101
certificate mp01 'SMS Issuing'
# OpenSSL is built without such suites; GnuTLS still has 3DES.
ALL='NORMAL:-VERS-ALL:+VERS-TLS1.2:+3DES-CBC:+ARCFOUR-128:+RSA:+SHA1'
start mp01 gnutls-serv --http -p 443 --priority 'NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+3DES-CBC:+SHA1:-KX-ALL:+ECDHE-RSA' \
  --x509certfile "$SCRATCH/mp01.pem" --x509keyfile "$SCRATCH/mp01.key"
listening mp01 443
record "$HERE/hit.pcap"
echo | on ws101 gnutls-cli --insecure --priority "$ALL" mp01.example.test > /dev/null 2>&1 || true
stop; settle "$HERE/hit.pcap"

# The same client, which offers 3DES, RC4 and key exchange without forward secrecy; the server chooses none of them.
fresh
host mp01 11; host ws101 101
certificate mp01 'SMS Issuing'
tls_server mp01 443 -tls1_2 -cipher ECDHE+AESGCM
record "$HERE/miss.pcap"
echo | on ws101 gnutls-cli --insecure --priority "$ALL" mp01.example.test > /dev/null 2>&1 || true
stop; settle "$HERE/miss.pcap"
