#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"

# A management point whose certificate names http://pki.example.test/issuing.crl: issued [OPTIONS of s_server].
issued() {
  host mp01 11; host ws101 101
  certificate mp01 'Example Issuing CA'
  point "${@:--tls1_2}" -verify 1
}

# The list of the authority that `certificate` made, in FILE: revoked FILE FROM TO (YYYYMMDD).
revoked() {
  mkdir -p "$(dirname "$1")"
  openssl ca -config "$LIB/ca.cnf" -gencrl -cert "$SCRATCH/ca.pem" -keyfile "$SCRATCH/ca.key" -md sha256 \
    -crl_lastupdate "${2}000000Z" -crl_nextupdate "${3}000000Z" 2>/dev/null | openssl crl -outform DER -out "$1"
}

# No list on the server of lists.
forget() { rm -f "$SCRATCH/nginx-pki/www/issuing.crl"; }

# What a client of the site does that is about to speak TLS, with CryptoAPI's name: asks for the list, then goes on.
validate() {
  ccm ws101 mplist
  look
}
look() {
  on ws101 curl -sS -m 5 -A 'Microsoft-CryptoAPI/10.0' -o /dev/null http://pki.example.test/issuing.crl || true
  list ws101
}

# A name server that knows the names it is given, and whom the client asks for what its hosts file does not know.
name_server() {
  host dns 2
  start dns dnsmasq -k -C /dev/null -u root --no-resolv --no-hosts --port=53 --local=/$DOMAIN/ "$@"
  listening dns 53
  echo 'nameserver 192.0.2.2' > "/etc/netns/$NET-ws101/resolv.conf"
}

# The server has no such file.
issued; host pki 70; web_root pki other.crl
during hit.pcap validate

# It has. So has another server a list that it does not serve, which nobody's certificate of the site names.
fresh
issued; host pki 70; host intranet 30
revoked "$SCRATCH/nginx-pki/www/issuing.crl" 20260101 20260201
FQDN=intranet.example.test REVOKED='crlDistributionPoints=URI:http://intranet.example.test/web.crl' certificate intranet 'Example Web CA'
web_root pki; web_root intranet index.html
tls_server intranet 443 -tls1_2
record "$HERE/miss.pcap"
validate
fetch ws101 https://intranet.example.test/
on ws101 curl -sS -A 'Microsoft-CryptoAPI/10.0' -o /dev/null http://intranet.example.test/web.crl
stop; settle "$HERE/miss.pcap"

# Nobody listens there.
fresh
issued; host web70 70; name_server --host-record=pki.example.test,192.0.2.70
during refused.pcap validate

# The name is not known.
fresh
issued; name_server
during unknown.pcap validate

# The list should have been followed by another two days before.
fresh
issued; host pki 70
revoked "$SCRATCH/nginx-pki/www/issuing.crl" 20251227 20260103
web_root pki
during outdated.pcap validate

# TLS 1.3 hides what the certificate names.
fresh
forget; issued -tls1_3; host pki 70; web_root pki other.crl
during hidden.pcap look
