# shellcheck shell=bash
# Servers and clients of TLS whose keys are kept, and the frame of a case. Sourced by make.sh after lab.sh and site.sh.

export PYTHONWARNINGS=ignore::DeprecationWarning # of old versions, which are meant

FAILED=()

# A case: begins CASE 'WHY', servers, taping, clients, done_as SERVER CLIENT.
begins() {
  CASE=$1 WHY=$2 FOLDER=$HERE/$1
  WANTED=
  [ ${#CASES[@]} -eq 0 ] || for want in "${CASES[@]}"; do [[ $CASE != $want ]] || WANTED=yes; done
  [ -n "$WANTED" ] || [ ${#CASES[@]} -eq 0 ] || return 1
  rm -rf "$FOLDER"; mkdir "$FOLDER"
  export SSLKEYLOGFILE=$SCRATCH/keys.log
  rm -f "$SSLKEYLOGFILE"
}
taping() { record "$FOLDER/capture.pcap" "tcp and not port 8080"; }
tape_ends() {
  stop 0.3; settle "$FOLDER/capture.pcap"
  local job
  for job in "${JOBS[@]:-}"; do [ -z "$job" ] || kill -- "-$job" 2>/dev/null || kill "$job" 2>/dev/null || true; done
  for job in "${JOBS[@]:-}"; do [ -z "$job" ] || wait "$job" 2>/dev/null || true; done
  JOBS=()
}
keep_keys() { sed '/^#/d' "$SSLKEYLOGFILE" > "$FOLDER/keys.log"; }
keep_server_key() { cp "$SCRATCH/${1:-rsa}.key" "$FOLDER/server.key"; chmod 644 "$FOLDER/server.key"; }
expect() { "$PY" "$HERE/expect.py" write "$FOLDER" "$1" "$2" "$WHY" || FAILED+=("$CASE"); }
done_as() { tape_ends; keep_keys; expect "$1" "$2"; }

# Certificates: the management point with a key of ECDSA and of RSA, and the client.
certificates() {
  openssl ecparam -name prime256v1 -out "$SCRATCH/p256.pem"
  FQDN=mp01.$DOMAIN KEY=ec:$SCRATCH/p256.pem certificate ecdsa 'Example Issuing CA'
  FQDN=mp01.$DOMAIN certificate rsa 'Example Issuing CA'
  FQDN=ws101.$DOMAIN EKU=clientAuth KEY=ec:$SCRATCH/p256.pem certificate ws101 'Example Clients CA'
  cp "$SCRATCH/ca.pem" "$SCRATCH/clients.pem"
}

# OpenSSL's server with the list of management points as a file: openssl_server ecdsa|rsa [OPTIONS].
openssl_server() {
  local key=$1; shift
  mkdir -p "$SCRATCH/www/SMS_MP"
  cp "$SCRATCH/answer" "$SCRATCH/www/SMS_MP/.sms_aut?MPLIST&$SITE"
  start mp01 env -C "$SCRATCH/www" openssl s_server -accept 443 -cert "$SCRATCH/$key.pem" -key "$SCRATCH/$key.key" -quiet \
    -HTTP "$@"
  listening mp01 443
}

# OpenSSL's client, which sends what it reads: openssl_client [OPTIONS].
openssl_client() {
  (cat "$SCRATCH/mplist.http"; sleep 0.7) | on ws101 timeout 8 openssl s_client -connect mp01.example.test:443 \
    -servername mp01.example.test -keylogfile "$SSLKEYLOGFILE" -quiet -verify_quiet -no_ign_eof "$@" > /dev/null 2>&1 || true
}

# The management point of lib/mp.py behind nginx: nginx_server ecdsa|rsa [LINES of its server block...]. Port 80 is plain.
nginx_server() {
  local key=$1 dir=$SCRATCH/nginx; shift
  mkdir -p "$dir"
  { cat <<CONF
daemon off; master_process off; user root; pid $dir/pid; error_log $dir/error;
events {}
http {
  access_log off;
  upstream mp { server 127.0.0.1:8080; }
  server {
    listen 80; listen 443 ssl ${LISTEN:-};
    server_name mp01.example.test;
    ssl_certificate $SCRATCH/$key.pem; ssl_certificate_key $SCRATCH/$key.key;
    location / { proxy_pass http://mp; proxy_http_version 1.1; proxy_set_header Host \$host; }
CONF
    printf '    %s\n' "$@" '}' '}'
  } > "$dir/nginx.conf"
  serve mp01 8080
  start mp01 nginx -c "$dir/nginx.conf" -e "$dir/error"
  listening mp01 443
}

# lib/mp.py behind Python's ssl: python_server ecdsa|rsa [OPTIONS of server.py].
python_server() {
  local key=$1; shift
  start mp01 "$PY" "$HERE/server.py" 443 --cert "$SCRATCH/$key.pem" --key "$SCRATCH/$key.key" "$@"
  listening mp01 443
}

# client.py over TLS: python_client [OPTIONS] STEP... [/ STEP...].
python_client() { on ws101 "$PY" "$HERE/client.py" --name WS101 --id "$(smsid ws101)" --tls --port 443 "$@" > /dev/null; }

# curl asks for the list, then posts a status message over the same connection: curl_client [OPTIONS].
curl_client() {
  on ws101 curl -sSk -m 10 -A 'SMS CCM 5.0' -o /dev/null "$@" 'https://mp01.example.test/SMS_MP/.sms_aut?MPLIST&EX1' \
    --next -sSk -m 10 -A ccmhttp -o /dev/null "$@" -X CCM_POST -H 'Content-Type: multipart/mixed; boundary="aAbBcCdDv1234567890VxXyYzZ"' \
    --data-binary "@$SCRATCH/status.body" https://mp01.example.test/ccm_system/request || true
}

# Requests and an answer as files, for programs that send what they are given.
requests() {
  on ws101 "$PY" "$HERE/client.py" --name WS101 --id "$(smsid ws101)" --dump "$SCRATCH" mplist status
  local list='<MPList><MP Name="MP01.EXAMPLE.TEST" FQDN="mp01.example.test" SiteCode="EX1"><Version>9128</Version></MP></MPList>'
  printf 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s' ${#list} "$list" > "$SCRATCH/answer"
}

# How OpenSSL's programs call a version: -tls1, -tls1_1, -tls1_2, -tls1_3.
s_version() { local name=-tls${1/./_}; echo "${name%_0}"; }

# OpenSSL's client with commands (k, K, R) among what it reads: typed_client [OPTIONS].
typed_client() {
  on ws101 timeout 15 openssl s_client -connect mp01.example.test:443 -servername mp01.example.test \
    -keylogfile "$SSLKEYLOGFILE" "$@" > /dev/null 2>&1
}

# OpenSSL's server that answers by the clock from its start: typing_server 'SCRIPT' ecdsa|rsa [OPTIONS]. The script has
# seconds to wait, `a` for an answer, and the commands of s_server (R, r, k, K).
typing_server() {
  local script=$1 key=$2; shift 2
  printf '%s\n' "${script// /$'\n'}" > "$SCRATCH/script"
  start mp01 bash -c 'script=$1 answer=$2; shift 2
    while read -r word; do case $word in a) cat "$answer" ;; [0-9]*) sleep "$word" ;; *) echo "$word" ;; esac; done < "$script" |
      openssl s_server "$@"' - "$SCRATCH/script" "$SCRATCH/answer" -accept 443 -cert "$SCRATCH/$key.pem" -key "$SCRATCH/$key.key" \
    -cipher ALL:@SECLEVEL=0 "$@"
  listening mp01 443
}

# Which segment of a side holds what belongs to the second request, if each has one: second VERSION SIDE. In TLS 1.3
# two tickets of the server look the same.
second() {
  case $1.$2 in 1.3.server) echo 4 ;; *) echo 2 ;; esac
}

# Harms the capture of a case after asking what it holds as it is: harmed HARM SIDE NTH, as tamper.py takes them.
harmed() {
  "$PY" "$HERE/expect.py" whole "$FOLDER" && "$PY" "$HERE/tamper.py" "$1" "$FOLDER/capture.pcap" "$2" "$3"
}

# The peers of rustls: rustls_server SUITE id|ticket ecdsa|rsa, rustls_client SUITE REQUEST... [/ REQUEST...].
RUSTLS=${CCM_SAMPLES_VENV:-/var/cache/ccmscope-samples}/rustls
rustls_peers() { cargo build -q --locked --manifest-path "$HERE/rustls/Cargo.toml" --target-dir "$RUSTLS"; }
rustls_server() {
  # The client's keys are enough; two writers of one file are too many.
  start mp01 env -u SSLKEYLOGFILE "$RUSTLS/debug/ccmscope-rustls-peer" server 443 "$1" "$2" "$SCRATCH/$3.pem" "$SCRATCH/$3.key" \
    "$SCRATCH/answer"
  listening mp01 443
}
rustls_client() {
  local suite=$1 word files=(); shift
  for word in "$@"; do [ "$word" = / ] && files+=(/) || files+=("$SCRATCH/$word.http"); done
  on ws101 "$RUSTLS/debug/ccmscope-rustls-peer" client mp01.example.test 443 "$suite" "${files[@]}"
}

# slapd on dc01, which knows one management point: directory_server [LINES of its configuration...].
directory_server() {
  local dir=$SCRATCH/slapd; rm -rf "$dir"; mkdir -p "$dir/db"
  { cat <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
attributetype ( 1.3.6.1.4.1.32473.1.1 NAME 'mSSMSSiteCode' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.32473.1.2 NAME 'mSSMSMPName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.32473.1.3 NAME 'mSSMSDefaultMP' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 )
objectclass ( 1.3.6.1.4.1.32473.2.1 NAME 'mSSMSManagementPoint' STRUCTURAL MUST cn MAY ( mSSMSSiteCode \$ mSSMSMPName \$ mSSMSDefaultMP ) )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $dir/pid
TLSCertificateFile $SCRATCH/rsa.pem
TLSCertificateKeyFile $SCRATCH/rsa.key
CONF
    printf '%s\n' "$@" 'database mdb' "suffix \"dc=example,dc=test\"" "directory $dir/db"
  } > "$dir/slapd.conf"
  slapadd -q -f "$dir/slapd.conf" <<'LDIF'
dn: dc=example,dc=test
objectClass: domain
dc: example

dn: cn=SMS-MP-EX1-MP01.EXAMPLE.TEST,dc=example,dc=test
objectClass: mSSMSManagementPoint
cn: SMS-MP-EX1-MP01.EXAMPLE.TEST
mSSMSSiteCode: EX1
mSSMSMPName: MP01
mSSMSDefaultMP: TRUE
LDIF
  start dc01 slapd -d 0 -f "$dir/slapd.conf" -h ldaps:///
  listening dc01 636
}

# curl asks the directory for the management points of the site.
directory_client() {
  on ws101 curl -sSk -m 10 -o /dev/null \
    "ldaps://dc01.example.test/dc=example,dc=test?mSSMSMPName,mSSMSDefaultMP?sub?(%26(objectClass=mSSMSManagementPoint)(mSSMSSiteCode=EX1))" "$@"
}
