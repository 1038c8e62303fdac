# shellcheck shell=bash
# A management point and the programs that talk to it, for the http-, msg-, status-, state- and sup- samples. Sourced
# after lab.sh.

# A server of lib/mp.py on a host: serve HOST [PORT] [OPTIONS].
serve() {
  local name=$1 port=${2:-80}; shift; [ $# -eq 0 ] || shift
  start "$name" "$PY" "$LIB/mp.py" "$port" "$@"
  listening "$name" "$port"
}

# A client's steps: ccm HOST [OPTIONS] STEP...
ccm() { local name=$1; shift; on "$name" "$PY" "$LIB/ccm.py" --name "${name^^}" --id "$(smsid "$name")" "$@"; }
smsid() { printf 'GUID:0A1B2C3D-0%s-4000-8000-00000000BEEF' "${1#ws}"; }

# nginx on port 80 of a host, with files at these paths: web_root HOST PATH...
web_root() {
  local name=$1 dir=$SCRATCH/nginx-$1 path; shift
  for path in "$@"; do mkdir -p "$dir/www/$(dirname "$path")"; echo "<html><body>$path</body></html>" > "$dir/www/$path"; done
  cat > "$dir/nginx.conf" <<CONF
daemon off; user root; pid $dir/pid; error_log $dir/error;
events {}
http { access_log off; server { listen 80; root $dir/www; default_type text/html; } }
CONF
  start "$name" nginx -c "$dir/nginx.conf" -e "$dir/error"
  listening "$name" 80
}

# A certificate for NAME.example.test, in $SCRATCH/NAME.pem and NAME.key: certificate NAME ISSUER. An authority called
# ISSUER is made with it; where ISSUER is `-`, the certificate is signed by its own key. Captures are settled at
# 2026-01-05, so it is valid from 2025-06-01 to 2035-06-01. Variables change it: FROM and TO (YYYYMMDD), KEY (as
# `openssl req -newkey` takes it), MD, FQDN, EKU (serverAuth), and the extensions REVOKED, which says where to ask whether
# it was revoked (nothing, if empty), and POLICY. With SAME, the authority made last is taken.
certificate() {
  local name=$1 issuer=$2 fqdn=${FQDN:-$1.$DOMAIN}
  local signer=(-cert "$SCRATCH/ca.pem" -keyfile "$SCRATCH/ca.key")
  [ "$issuer" != - ] || signer=(-selfsign -keyfile "$SCRATCH/$name.key")
  rm -rf "$SCRATCH/ca"; mkdir "$SCRATCH/ca"; : > "$SCRATCH/ca/index"
  [ -n "${SAME:-}" ] || authority "$issuer"
  openssl req -newkey "${KEY:-rsa:2048}" -nodes -subj "/CN=$fqdn" -keyout "$SCRATCH/$name.key" -out "$SCRATCH/$name.csr" 2>/dev/null
  { echo "subjectAltName=DNS:$fqdn"
    echo "extendedKeyUsage=${EKU:-serverAuth}"
    echo "${POLICY:-}"
    echo "${REVOKED-crlDistributionPoints=URI:http://pki.$DOMAIN/issuing.crl}"
  } > "$SCRATCH/$name.ext"
  openssl ca -batch -config "$LIB/ca.cnf" "${signer[@]}" -md "${MD:-sha256}" -in "$SCRATCH/$name.csr" -notext \
    -startdate "${FROM:-20250601}000000Z" -enddate "${TO:-20350601}000000Z" -extfile "$SCRATCH/$name.ext" \
    -out "$SCRATCH/$name.pem" 2> "$SCRATCH/$name.log" || { cat "$SCRATCH/$name.log" >&2; exit 1; }
}

# An authority, in $SCRATCH/ca.pem and ca.key, valid from 2025-01-01 to 2045-01-01.
authority() {
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$SCRATCH/ca.key" -out "$SCRATCH/ca.csr" 2>/dev/null
  printf '%s\n' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign subjectKeyIdentifier=hash > "$SCRATCH/ca.ext"
  openssl ca -batch -config "$LIB/ca.cnf" -selfsign -keyfile "$SCRATCH/ca.key" -md sha256 -in "$SCRATCH/ca.csr" -notext \
    -startdate 20250101000000Z -enddate 20450101000000Z -extfile "$SCRATCH/ca.ext" -out "$SCRATCH/ca.pem" 2> /dev/null
}

# OpenSSL's server on a host: tls_server HOST PORT [OPTIONS of s_server].
tls_server() {
  local name=$1 port=$2; shift 2
  start "$name" openssl s_server -accept "$port" -cert "$SCRATCH/$name.pem" -key "$SCRATCH/$name.key" -WWW -quiet \
    -cipher ALL:@SECLEVEL=0 "$@"
  listening "$name" "$port"
}

# curl over TLS: fetch HOST URL [OPTIONS of curl]. A server of s_server ends connections as it likes.
fetch() { local name=$1 url=$2; shift 2; on "$name" curl -sSk -m 10 --ciphers ALL:@SECLEVEL=0 -A 'SMS CCM 5.0' -o /dev/null "$url" "$@" || true; }

# The management point mp01, which takes messages on port 80, and on port 443 speaks TLS with the certificate that was made
# for it: there it asks clients for theirs, or does what OPTIONS of s_server say: point [OPTIONS].
point() {
  [ $# -gt 0 ] || set -- -tls1_2 -verify 1
  serve mp01
  tls_server mp01 443 "$@"
}

# A client that goes to the management point, which it knows by a list that came in the clear: visit HOST [OPTIONS of curl].
visit() { ccm "$1" mplist; list "$@"; }

# It asks for the list of management points over TLS. Where SHOW is set, it shows the certificate that was made for that
# name: list HOST [OPTIONS of curl].
list() {
  local name=$1 shown=(); shift
  [ -z "${SHOW:-}" ] || shown=(--cert "$SCRATCH/$SHOW.pem" --key "$SCRATCH/$SHOW.key")
  fetch "$name" 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST' "${shown[@]}" "$@"
}
