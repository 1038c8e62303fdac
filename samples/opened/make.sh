#!/bin/bash
# Makes the captures of TLS with keys again, or those named: samples/opened/make.sh [CASE...]. Cases may be patterns.
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"; . "$HERE/peers.sh"
CASES=("$@")
host mp01 11; host ws101 101
certificates
requests
set +e # a client that is refused is no failure of the script; what is missing shows in expect.json

# The same conversation in plain HTTP.
if begins plain 'The conversation of the other captures without TLS: the list of management points, an unsigned status message.'; then
  nginx_server ecdsa; taping
  on ws101 "$PY" "$HERE/client.py" --name WS101 --id "$(smsid ws101)" mplist status > /dev/null
  tape_ends; expect 'Python' 'nginx'
fi

# Every version with every peer.
for version in 1.0 1.1 1.2 1.3; do
  if begins "openssl-$version" "TLS $version between OpenSSL's s_client and s_server."; then
    openssl_server ecdsa "$(s_version $version)" -cipher ALL:@SECLEVEL=0; taping; openssl_client -cipher ALL:@SECLEVEL=0; done_as 'OpenSSL s_client' 'OpenSSL s_server'
  fi
  if begins "nginx-curl-$version" "TLS $version between curl and nginx, two requests over one connection."; then
    nginx_server ecdsa "ssl_protocols TLSv${version/1.0/1};" 'ssl_ciphers ALL:@SECLEVEL=0;'
    taping; curl_client --ciphers ALL:@SECLEVEL=0; done_as curl nginx
  fi
  if begins "python-$version" "TLS $version between two Python programs, two requests over one connection."; then
    python_server rsa --version "$version" --ciphers ALL:@SECLEVEL=0; taping
    python_client --version "$version" --ciphers ALL:@SECLEVEL=0 mplist status; done_as Python Python
  fi
done

# Every suite of the provider that opens records.
for cipher in AES_256_GCM_SHA384 AES_128_GCM_SHA256 CHACHA20_POLY1305_SHA256; do
  suite=TLS_$cipher name=${cipher,,} name=${name%_sha*}
  if begins "suite-${name//_/-}" "TLS 1.3 with $suite."; then
    nginx_server ecdsa 'ssl_protocols TLSv1.3;' "ssl_conf_command Ciphersuites $suite;"
    taping; curl_client; done_as curl nginx
  fi
done
for key in ecdsa rsa; do
  for cipher in AES256-GCM-SHA384 AES128-GCM-SHA256 CHACHA20-POLY1305; do
    if begins "suite-ecdhe-$key-${cipher,,}" "TLS 1.2 with ECDHE-${key^^}-$cipher."; then
      nginx_server $key 'ssl_protocols TLSv1.2;' "ssl_ciphers ECDHE-${key^^}-$cipher;"
      taping; curl_client; done_as curl nginx
    fi
  done
done

# Key exchange by RSA: the server's private key opens it, with and without the extended master secret.
for cipher in AES128-GCM-SHA256 AES256-GCM-SHA384 AES128-SHA AES256-SHA256; do
  for secret in ems plain; do
    if begins "rsa-${cipher,,}-$secret" "TLS 1.2 with key exchange by RSA and $cipher; the server's private key is given. \
$([ $secret = ems ] && echo With || echo Without) the extended master secret."; then
      more=(); [ $secret = ems ] || more=('ssl_conf_command Options -ExtendedMasterSecret;')
      nginx_server rsa 'ssl_protocols TLSv1.2;' "ssl_ciphers $cipher:@SECLEVEL=0;" "${more[@]}"
      taping; curl_client --ciphers "$cipher:@SECLEVEL=0"; tape_ends; keep_keys; keep_server_key; expect curl nginx
    fi
  done
done
