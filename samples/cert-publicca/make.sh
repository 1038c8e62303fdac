#!/bin/bash
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"

# A client's certificate, of an authority whose own words are in POLICY: client NAME ISSUER.
client() { EKU=clientAuth certificate "$1" "$2"; }

# A management point that asks for a certificate, and a client that shows one.
host mp01 11; host ws101 101
POLICY='certificatePolicies=2.23.140.1.2.1' client ws101 'Example Public CA'
certificate mp01 'Example Issuing CA'
point
SHOW=ws101 during hit.pcap visit ws101

# The authority is the organisation's.
fresh
host mp01 11; host ws101 101
client ws101 'Example Issuing CA'
SAME=1 certificate mp01 'Example Issuing CA'
cp "$SCRATCH/ca.pem" "$HERE/issuing.pem"
# A list on which the management point's certificate is.
{ cat "$LIB/ca.cnf"; echo '[here]'; echo 'crlnumber = $dir/number'; } > "$SCRATCH/crl.cnf"
echo 01 > "$SCRATCH/ca/number"
revoke() { openssl ca -config "$SCRATCH/crl.cnf" -cert "$SCRATCH/ca.pem" -keyfile "$SCRATCH/ca.key" "$@" 2> /dev/null; }
revoke -revoke "$SCRATCH/mp01.pem"
revoke -gencrl -crl_lastupdate 20260101000000Z -crl_nextupdate 20360101000000Z -out "$HERE/revoked.crl"
point
SHOW=ws101 during miss.pcap visit ws101

# Three clients have their certificates from one authority, the fourth from another. The management point has its own
# from a third.
fresh
host mp01 11; host ws101 101; host ws102 102; host ws103 103; host ws104 104
client ws101 'Example Client CA'
for name in ws102 ws103; do SAME=1 client $name 'Example Client CA'; done
client ws104 'Sideline CA'
certificate mp01 'Example Issuing CA'
point
record "$HERE/unlike.pcap"
ccm ws101 mplist
for name in ws101 ws102 ws103 ws104; do
  SHOW=$name list $name
done
stop; settle "$HERE/unlike.pcap"

# The management point refuses what is not of the organisation's authority.
fresh
host mp01 11; host ws101 101
POLICY='certificatePolicies=2.23.140.1.2.1' client ws101 'Example Public CA'
certificate mp01 'Example Issuing CA'
point -tls1_2 -Verify 1 -verify_return_error -CAfile "$SCRATCH/ca.pem"
SHOW=ws101 during refused.pcap visit ws101
