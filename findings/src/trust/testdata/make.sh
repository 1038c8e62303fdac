#!/bin/bash
# Makes the chains of this folder, and asks `openssl verify` what it thinks of each: ./make.sh. Needs OpenSSL 3.
#
# All is judged as of 2026-01-05 09:00 UTC. Keys are made anew each time and thrown away.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C TZ=UTC
AT=1767603600
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
rm -f ./*.pem table.tsv

cat > "$WORK/ca.cnf" <<CONF
[ca]
default_ca = here
[here]
dir = \$ENV::DB
database = \$dir/index
new_certs_dir = \$dir
rand_serial = yes
policy = any
unique_subject = no
email_in_dn = no
default_crl_days = 36500
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
CONF

CA='basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign'
server() { printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:%s' "${1:-mp.example.test}"; }

# cert NAME COMMON-NAME SIGNER EXTENSIONS: a key and a certificate; SIGNER `-` is its own key.
# FROM, TO (YYYYMMDD), KEY (arguments of genpkey), OLD (another name's key), MD and SIGOPT change it.
cert() {
  local name=$1 subject=$2 signer=$3 extensions=$4 by with=()
  export DB=$WORK/db
  rm -rf "$DB"; mkdir "$DB"; : > "$DB/index"
  if [ -n "${OLD:-}" ]; then cp "$WORK/$OLD.key" "$WORK/$name.key"
  else openssl genpkey ${KEY:--algorithm EC -pkeyopt ec_paramgen_curve:P-256} -out "$WORK/$name.key" 2>/dev/null; fi
  openssl req -new -config "$WORK/ca.cnf" -key "$WORK/$name.key" -subj "/CN=$subject" -out "$WORK/$name.csr"
  printf '%s\n' "$extensions" > "$WORK/$name.ext"
  [ -z "$extensions" ] || with=(-extfile "$WORK/$name.ext")
  by=(-cert "$WORK/$signer.crt" -keyfile "$WORK/$signer.key")
  [ "$signer" != - ] || by=(-selfsign -keyfile "$WORK/$name.key")
  openssl ca -batch -config "$WORK/ca.cnf" "${by[@]}" -md "${MD:-sha256}" ${SIGOPT:+-sigopt $SIGOPT} -in "$WORK/$name.csr" -notext \
    -startdate "${FROM:-20200101}000000Z" -enddate "${TO:-20500101}000000Z" "${with[@]}" \
    -out "$WORK/$name.crt" 2> "$WORK/log" || { cat "$WORK/log" >&2; exit 1; }
}

# crl NAME SIGNER [REVOKED...]: a list. CRLFROM and CRLTO change it.
crl() {
  local name=$1 signer=$2 revoked; shift 2
  export DB=$WORK/db
  rm -rf "$DB"; mkdir "$DB"; : > "$DB/index"
  for revoked; do
    openssl ca -config "$WORK/ca.cnf" -cert "$WORK/$signer.crt" -keyfile "$WORK/$signer.key" -md sha256 -revoke "$WORK/$revoked.crt" 2> /dev/null
  done
  echo 01 > "$DB/number"
  openssl ca -config <(cat "$WORK/ca.cnf"; echo "[here]"; echo "crlnumber = $DB/number") -gencrl -cert "$WORK/$signer.crt" -keyfile "$WORK/$signer.key" \
    -md sha256 -crl_lastupdate "${CRLFROM:-20251201}000000Z" -crl_nextupdate "${CRLTO:-20500101}000000Z" -out "$WORK/$name.crl" 2> "$WORK/log" ||
    { cat "$WORK/log" >&2; exit 1; }
}

# judge CASE USAGE NAME ANCHORS CHAIN LISTS OURS [WHY]: asks openssl, and writes what the test reads: one PEM file of the case
# (leaf first, then the chain as sent), one of each set of anchors and lists, and a line of the table. Sets are names joined
# with `,`, or `-`. OURS is what is expected of the trust module; where the two differ, WHY says why.
judge() {
  local case=$1 usage=$2 name=$3 anchors=$4 chain=$5 lists=$6 ours=$7 why=${8:--} one result
  local leaf=${chain%%,*} ask=() ca=$WORK/anchors.pem sent=$WORK/sent.pem
  : > "$ca"; : > "$sent"; : > "$case.pem"
  for one in ${anchors//,/ }; do [ "$one" = - ] || cat "$WORK/$one.crt" >> "$ca"; done
  for one in ${chain//,/ }; do
    cat "$WORK/$one.crt" >> "$case.pem"
    [ "$one" = "$leaf" ] || cat "$WORK/$one.crt" >> "$sent"
  done
  [ "$anchors" = - ] || cp "$ca" "anchors-${anchors//,/-}.pem"
  if [ "$lists" != - ]; then
    : > "$WORK/lists.pem"
    for one in ${lists//,/ }; do cat "$WORK/$one.crl" >> "$WORK/lists.pem"; done
    cp "$WORK/lists.pem" "lists-${lists//,/-}.pem"
    ask+=(${CRLCHECK:--crl_check} -CRLfile "$WORK/lists.pem")
  fi
  case $name in
    -) ;;
    *[a-z]*) ask+=(-verify_hostname "$name") ;;
    *) ask+=(-verify_ip "$name") ;;
  esac
  [ ! -s "$sent" ] || ask+=(-untrusted "$sent")
  result=$(openssl verify -no-CApath -no-CAstore -attime $AT -purpose "ssl$usage" ${PARTIAL:+-partial_chain} -CAfile "$ca" "${ask[@]}" \
    "$WORK/$leaf.crt" 2>&1) && result=OK || result=$(sed -nE 's/^error ([0-9]+) at .*lookup: ?(.*)/\1 \2/p' <<< "$result" | head -1)
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$case" "$usage" "$name" "${anchors//,/-}" "${lists//,/-}" "${result:-unreadable}" "$ours" "$why" >> table.tsv
}

printf 'case\tusage\tname\tanchors\tlists\topenssl\tours\twhy they differ\n' > table.tsv

# Authorities.
cert root 'Example Root CA' - "$CA"
cert issuing 'Example Issuing CA' root "$CA"
cert other-root 'Other Root CA' - "$CA"

# What holds.
cert good mp.example.test issuing "$(server)"
judge good server mp.example.test root good,issuing - trusted
judge good-root-sent server mp.example.test root good,issuing,root - trusted
judge good-disorder server mp.example.test root good,root,issuing - trusted
cert client PC101.example.test issuing 'basicConstraints=CA:FALSE
keyUsage=digitalSignature
extendedKeyUsage=clientAuth'
judge good-client client - root client,issuing - trusted
cert bare mp.example.test issuing 'subjectAltName=DNS:mp.example.test'
judge no-purpose server mp.example.test root bare,issuing - trusted
KEY='-algorithm RSA -pkeyopt rsa_keygen_bits:2048' cert rsa-issuing 'Example RSA CA' root "$CA"
KEY='-algorithm RSA -pkeyopt rsa_keygen_bits:2048' cert rsa mp.example.test rsa-issuing "$(server)"
judge rsa server mp.example.test root rsa,rsa-issuing - trusted
SIGOPT='rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest' cert pss mp.example.test rsa-issuing "$(server)"
judge rsa-pss server mp.example.test root pss,rsa-issuing - trusted
SIGOPT='rsa_padding_mode:pss -sigopt rsa_pss_saltlen:8' cert pss-salt mp.example.test rsa-issuing "$(server)"
judge rsa-pss-salt server mp.example.test root pss-salt,rsa-issuing - 'could not be verified: signature algorithm 1.2.840.113549.1.1.10 or its key is not supported' 'webpki takes a salt as long as the hash only'

# Time.
FROM=20200101 TO=20240101 cert expired mp.example.test issuing "$(server)"
judge expired server mp.example.test root expired,issuing - 'had expired'
FROM=20300101 cert early mp.example.test issuing "$(server)"
judge not-yet-valid server mp.example.test root early,issuing - 'was not valid yet'
TO=20240101 cert old-issuing 'Example Old CA' root "$CA"
cert under-old mp.example.test old-issuing "$(server)"
judge expired-authority server mp.example.test root under-old,old-issuing - 'depends on CN=Example Old CA, which was outside its validity'
TO=20240101 cert old-root 'Example Old Root CA' - "$CA"
cert under-old-root mp.example.test old-root "$(server)"
judge expired-root server mp.example.test old-root under-old-root - 'depends on CN=Example Old Root CA, which was outside its validity'
FROM=20200101 TO=20240101 cert expired-foreign mp.example.test other-root "$(server)"
judge expired-unknown server mp.example.test root expired-foreign - 'had expired; was issued by CN=Other Root CA, for which no authority given vouches'

# Names.
judge wrong-name server other.example.test root good,issuing - 'is not for other.example.test'
cert wild mp.example.test issuing "$(server '*.example.test')"
judge wildcard server mp.example.test root wild,issuing - trusted
judge wildcard-deep server a.mp.example.test root wild,issuing - 'is not for a.mp.example.test'
cert partial mp.example.test issuing "$(server 'm*.example.test')"
judge wildcard-part server mp.example.test root partial,issuing - 'is not for mp.example.test' 'RFC 9525 6.3 allows no star beside other characters; OpenSSL still does'
cert common mp.example.test issuing 'extendedKeyUsage=serverAuth'
judge common-name server mp.example.test root common,issuing - trusted
cert address mp.example.test issuing 'extendedKeyUsage=serverAuth
subjectAltName=IP:192.0.2.11'
judge address server 192.0.2.11 root address,issuing - trusted
judge wrong-address server 192.0.2.12 root address,issuing - 'is not for 192.0.2.12'

# Purposes.
judge client-as-server server - root client,issuing - 'is not meant for servers (extended key usage)'
judge server-as-client client - root good,issuing - 'is not meant for clients (extended key usage)'
cert mail mp.example.test issuing 'extendedKeyUsage=emailProtection
subjectAltName=DNS:mp.example.test'
judge missing-purpose server mp.example.test root mail,issuing - 'is not meant for servers (extended key usage)'
cert client-issuing 'Example Client CA' root "$CA
extendedKeyUsage=clientAuth"
cert under-client-issuing mp.example.test client-issuing "$(server)"
judge purpose-of-authority server mp.example.test root under-client-issuing,client-issuing - 'is not meant for servers (extended key usage)'
cert signs-only mp.example.test issuing 'keyUsage=nonRepudiation
extendedKeyUsage=serverAuth
subjectAltName=DNS:mp.example.test'
judge key-usage server mp.example.test root signs-only,issuing - 'has a key that may not be used in TLS (key usage)'

# Weak.
KEY='-algorithm RSA -pkeyopt rsa_keygen_bits:1024' cert short mp.example.test issuing "$(server)"
judge short-key server mp.example.test root short,issuing - trusted
KEY='-algorithm RSA -pkeyopt rsa_keygen_bits:1024' cert short-issuing 'Example Short CA' root "$CA"
cert under-short mp.example.test short-issuing "$(server)"
judge short-key-of-authority server mp.example.test root under-short,short-issuing - 'could not be verified: CN=Example Short CA signs with an RSA key of 1024 bits' 'webpki verifies RSA of 2048 to 8192 bits only; OpenSSL of any length at this level'
MD=sha1 cert sha1 mp.example.test rsa-issuing "$(server)"
judge sha1 server mp.example.test root sha1,rsa-issuing - 'could not be verified: a certificate is signed with SHA-1' 'webpki knows no SHA-1 signatures; OpenSSL takes them at security level 0, which is what verify uses'
KEY='-algorithm EC -pkeyopt ec_paramgen_curve:P-521' cert p521-issuing 'Example P-521 CA' root "$CA"
MD=sha512 cert p521 mp.example.test p521-issuing "$(server)"
judge p521 server mp.example.test root p521,p521-issuing - 'could not be verified: signature algorithm 1.2.840.10045.4.3.4 or its key is not supported' 'ring verifies P-256 and P-384 only'

# Who vouches.
cert foreign mp.example.test other-root "$(server)"
judge unknown-issuer server mp.example.test root foreign - 'was issued by CN=Other Root CA, for which no authority given vouches'
judge leaf-alone server mp.example.test root good - 'was issued by CN=Example Issuing CA, for which no authority given vouches'
PARTIAL=1 judge issuing-given server mp.example.test issuing good - trusted
cert self mp.example.test - "$(server)"
judge self-signed server mp.example.test root self - 'is signed by itself and not among those given'
judge self-signed-given server mp.example.test self self - trusted
cert twin 'Example Issuing CA' other-root "$CA"
cert forged mp.example.test twin "$(server)"
judge forged server mp.example.test root forged,issuing - 'has a signature in its chain that is not its issuer'"'"'s'

# Cross-signed: one key and name, a certificate of each of two roots.
OLD=issuing cert crossed 'Example Issuing CA' other-root "$CA"
judge cross-signed server mp.example.test other-root good,crossed,issuing - trusted
judge cross-signed-second server mp.example.test other-root good,issuing,crossed - trusted 'OpenSSL follows the first issuer that it finds, and does not come back where that leads nowhere'
judge cross-signed-either server mp.example.test root,other-root good,crossed,issuing - trusted
OLD=issuing cert crossed-old 'Example Issuing CA' old-root "$CA"
judge cross-signed-expired server mp.example.test old-root,root good,crossed-old,issuing - trusted 'OpenSSL follows the first issuer that it finds, and does not come back where its root has expired'

# Long.
last=root; chain=
for number in 1 2 3 4 5 6 7; do
  cert "long$number" "Example Long CA $number" "$last" "$CA"
  last=long$number; chain=$last,$chain
  cert "under-long$number" mp.example.test "$last" "$(server)"
  [ $number -lt 6 ] || judge "long-$number" server mp.example.test root "under-long$number,${chain%,}" - \
    "$([ $number = 6 ] && echo trusted || echo 'could not be verified: more than six authorities are in its chain')" \
    "$([ $number = 6 ] && echo - || echo 'webpki follows a path through six authorities below the root')"
done

# Constraints.
cert flat 'Example Flat CA' root 'basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign'
cert under-flat 'Example Lower CA' flat "$CA"
cert too-deep mp.example.test under-flat "$(server)"
judge path-length server mp.example.test root too-deep,under-flat,flat - 'has more authorities above it than one of them allows'
cert narrow 'Example Narrow CA' root "$CA
nameConstraints=critical,permitted;DNS:corp.example.test"
cert outside mp.example.test narrow "$(server)"
judge name-constraint server mp.example.test root outside,narrow - 'has a name that its authority may not vouch for'
cert inside mp.corp.example.test narrow "$(server mp.corp.example.test)"
judge name-constraint-kept server mp.corp.example.test root inside,narrow - trusted
cert no-ca 'Example No CA' root 'basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature,keyCertSign'
cert under-no-ca mp.example.test no-ca "$(server)"
judge not-an-authority server mp.example.test root under-no-ca,no-ca - 'is vouched for by CN=Example No CA, which is no authority'
cert no-sign 'Example No Signing CA' root 'basicConstraints=critical,CA:TRUE
keyUsage=digitalSignature,cRLSign'
cert under-no-sign mp.example.test no-sign "$(server)"
judge authority-key-usage server mp.example.test root under-no-sign,no-sign - 'is vouched for by CN=Example No Signing CA, which is no authority'
cert ca-leaf mp.example.test issuing 'basicConstraints=CA:TRUE
extendedKeyUsage=serverAuth
subjectAltName=DNS:mp.example.test'
judge authority-as-leaf server mp.example.test root ca-leaf,issuing - "could not be verified: it is an authority's own certificate" 'webpki takes no certificate of an authority for a leaf'
cert critical mp.example.test issuing "$(server)
1.2.3.4=critical,ASN1:NULL"
judge critical-extension server mp.example.test root critical,issuing - 'does not follow RFC 5280: a critical extension is unknown'

# Damage.
cert v1 mp.example.test issuing ''
judge version-1 server mp.example.test root v1,issuing - 'could not be verified: a certificate is of X.509 version 1' 'webpki reads certificates of version 3 only'
{ echo '-----BEGIN CERTIFICATE-----'; head -c 300 /dev/zero | tr '\0' 'x' | base64; echo '-----END CERTIFICATE-----'; } > "$WORK/garbage.crt"
judge garbage server mp.example.test root garbage,issuing - 'cannot be read'
judge garbage-in-chain server mp.example.test root good,garbage,issuing - trusted

# Revocation.
crl empty issuing
crl revoked issuing good
CRLTO=20251215 crl stale issuing
crl forged-list twin
crl root-revoked root issuing
crl root-empty root
judge not-revoked server mp.example.test root good,issuing empty trusted
judge revoked server mp.example.test root good,issuing revoked 'was revoked by its issuer'
judge list-out-of-date server mp.example.test root good,issuing stale trusted 'a list that is out of date proves nothing; it is told as revocation not known'
judge list-of-another server mp.example.test root good,issuing root-empty trusted 'no list of its issuer proves nothing; it is told as revocation not checked'
judge forged-list server mp.example.test root good,issuing forged-list trusted 'a list with a wrong signature proves nothing; it is told as revocation not checked'
judge forged-list-before server mp.example.test root good,issuing forged-list,revoked 'was revoked by its issuer'
CRLCHECK=-crl_check_all judge authority-revoked server mp.example.test root good,issuing empty,root-revoked 'is of an authority that was revoked'
