#!/bin/sh
# Makes the lists anew with OpenSSL 3.0. The key is thrown away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > ca.cnf <<CONF
[ca]
default_ca = here
[here]
database = index
crlnumber = number
default_md = sha256
[full]
authorityKeyIdentifier = keyid
[delta]
authorityKeyIdentifier = keyid
2.5.29.27 = critical, ASN1:INTEGER:1
CONF
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -keyout ca.key -out ca.pem \
  -subj '/DC=test/DC=example/CN=Example Issuing CA' 2> /dev/null
printf 'R\t300101000000Z\t260103000000Z,keyCompromise\t1A2B\tunknown\t/CN=ws101.example.test\n' > index
printf 'R\t300101000000Z\t260104000000Z\t01\tunknown\t/CN=ws102.example.test\n' >> index
echo 2A > number
list() {
  openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -crlexts "$1" -crl_lastupdate 20260101000000Z \
    -crl_nextupdate 20260108000000Z 2> /dev/null | openssl crl -outform DER -out "$here/$1.der"
}
list full
list delta
