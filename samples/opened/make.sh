#!/bin/bash
# Makes the captures of TLS with keys again, or those named: samples/opened/make.sh [CASE...]. Cases may be patterns.
. "$(dirname "$0")/../lib/lab.sh"; . "$LIB/site.sh"; . "$HERE/peers.sh"
CASES=("$@")
host mp01 11; host ws101 101; host dc01 2
certificates
requests
rustls_peers
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

# rustls: every suite between two of its own, and each version with another peer.
for suite in TLS13_{AES_256_GCM_SHA384,AES_128_GCM_SHA256,CHACHA20_POLY1305_SHA256} \
  TLS_ECDHE_{ECDSA,RSA}_WITH_{AES_256_GCM_SHA384,AES_128_GCM_SHA256,CHACHA20_POLY1305_SHA256}; do
  key=ecdsa; [[ $suite != *_RSA_* ]] || key=rsa
  name=${suite,,} name=${name/_with/} name=${name%_sha*}
  if begins "rustls-${name//_/-}" "$suite between a client and a server of rustls."; then
    rustls_server "$suite" ticket $key; taping; rustls_client "$suite" mplist status; done_as rustls rustls
  fi
done
for suite in TLS13_AES_256_GCM_SHA384 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256; do
  version=1.2; [[ $suite != TLS13_* ]] || version=1.3
  if begins "rustls-curl-$version" "TLS $version between curl and a server of rustls."; then
    rustls_server $suite ticket ecdsa; taping; curl_client; done_as curl rustls
  fi
  if begins "nginx-rustls-$version" "TLS $version between a client of rustls and nginx."; then
    nginx_server ecdsa "ssl_protocols TLSv$version;"; taping; rustls_client $suite mplist status; done_as rustls nginx
  fi
  for how in id ticket; do
    if begins "resumed-rustls-$how-$version" "TLS $version between two of rustls, resumed by \
$([ $how = id ] && echo 'what the server remembers' || echo 'a ticket')."; then
      rustls_server $suite $how ecdsa; taping; rustls_client $suite mplist / status; done_as rustls rustls
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

# Block ciphers: the MAC before or after encryption, in each version.
for version in 1.0 1.1 1.2; do
  for order in etm mte; do
    if begins "cbc-$order-$version" "TLS $version with ECDHE-RSA-AES128-SHA, \
$([ $order = etm ] && echo 'encrypted, then authenticated' || echo 'authenticated, then encrypted')."; then
      more=(); [ $order = etm ] || more=('ssl_conf_command Options -EncryptThenMac;')
      nginx_server rsa "ssl_protocols TLSv${version/1.0/1};" 'ssl_ciphers ECDHE-RSA-AES128-SHA:@SECLEVEL=0;' "${more[@]}"
      taping; curl_client --ciphers ALL:@SECLEVEL=0; done_as curl nginx
    fi
  done
done
for cipher in AES128-SHA256 AES256-SHA384; do
  for order in etm mte; do
    if begins "cbc-$order-${cipher,,}" "TLS 1.2 with ECDHE-ECDSA-$cipher, \
$([ $order = etm ] && echo 'encrypted, then authenticated' || echo 'authenticated, then encrypted')."; then
      more=(); [ $order = etm ] || more=('ssl_conf_command Options -EncryptThenMac;')
      nginx_server ecdsa "ssl_protocols TLSv1.2;" "ssl_ciphers ECDHE-ECDSA-$cipher:@SECLEVEL=0;" "${more[@]}"
      taping; curl_client --ciphers ALL:@SECLEVEL=0; done_as curl nginx
    fi
  done
done

# Sessions that go on in a second connection.
by_id=('ssl_session_cache shared:S:1m;' 'ssl_session_tickets off;')
if begins resumed-id-1.2 'TLS 1.2: the second connection resumes the session by its identifier.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.2;' "${by_id[@]}"; taping
  python_client --version 1.2 --resume --no-ticket mplist / status; done_as Python nginx
fi
if begins resumed-id-1.0 'TLS 1.0: the second connection resumes the session by its identifier.'; then
  nginx_server rsa 'ssl_protocols TLSv1;' 'ssl_ciphers ALL:@SECLEVEL=0;' "${by_id[@]}"; taping
  python_client --version 1.0 --ciphers ALL:@SECLEVEL=0 --resume --no-ticket mplist / status; done_as Python nginx
fi
if begins resumed-ticket-1.2 'TLS 1.2: the second connection resumes the session by a ticket.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.2;'; taping
  python_client --version 1.2 --resume mplist / status; done_as Python nginx
fi
if begins resumed-psk-1.3 'TLS 1.3: the second connection resumes the session by a ticket, which is a pre-shared key.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;'; taping
  python_client --version 1.3 --resume mplist / status; done_as Python nginx
fi
# Without the keys of the second connection: only who remembers the master secret of the first one opens it.
for how in id ticket; do
  if begins "resumed-$how-remembered" "TLS 1.2, resumed by $how; the key log holds only the first connection."; then
    more=(); client=(); [ $how = ticket ] || { more=("${by_id[@]}"); client=(--no-ticket); }
    nginx_server ecdsa 'ssl_protocols TLSv1.2;' "${more[@]}"; taping
    python_client --version 1.2 --resume "${client[@]}" mplist / status; tape_ends
    grep -m1 ^CLIENT_RANDOM "$SSLKEYLOGFILE" > "$FOLDER/keys.log"; expect Python nginx
  fi
  if begins "resumed-$how-rsa" "TLS 1.2 with key exchange by RSA, resumed by $how; only the server's private key is given."; then
    more=(); client=(); [ $how = ticket ] || { more=("${by_id[@]}"); client=(--no-ticket); }
    nginx_server rsa 'ssl_protocols TLSv1.2;' 'ssl_ciphers AES128-GCM-SHA256:@SECLEVEL=0;' "${more[@]}"; taping
    python_client --version 1.2 --ciphers AES128-GCM-SHA256 --resume "${client[@]}" mplist / status; tape_ends
    keep_server_key; expect Python nginx
  fi
done

# What TLS 1.3 and 1.2 do within a connection.
if begins key-update 'TLS 1.3: the client changes its keys, then asks the server to change its own too; requests before, between and after.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;'; taping
  { cat "$SCRATCH/mplist.http"; sleep 0.5; echo k; sleep 0.5; cat "$SCRATCH/mplist.http"; sleep 0.5; echo K; sleep 0.5
    cat "$SCRATCH/status.http"; sleep 0.7; } | typed_client
  done_as 'OpenSSL s_client' nginx
fi
if begins hello-retry 'TLS 1.3: the server asks for another group than the one the client guessed.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;' 'ssl_ecdh_curve prime256v1;'; taping
  curl_client --curves X25519:P-256; done_as curl nginx
fi
for how in whole short; do
  if begins "renegotiated-$how" "TLS 1.2: a second handshake between two requests, in which the server asks for the certificate of the \
client$([ $how = whole ] || echo '; it resumes the session of the first one, so that nothing is asked after all')."; then
    more=(); [ $how = short ] || more=(-no_ticket -no_cache)
    typing_server '1 a 0.5 R 1.5 a 1' ecdsa -tls1_2 -CAfile "$SCRATCH/clients.pem" "${more[@]}"; taping
    { cat "$SCRATCH/mplist.http"; sleep 2; cat "$SCRATCH/mplist.http"; sleep 1.5; } |
      typed_client -cert "$SCRATCH/ws101.pem" -key "$SCRATCH/ws101.key"
    done_as 'OpenSSL s_client' 'OpenSSL s_server'
  fi
done
if begins later-certificate 'TLS 1.3: the server asks for the certificate of the client after the handshake, when a message is posted.'; then
  python_server ecdsa --version 1.3 --ca "$SCRATCH/clients.pem" --later; taping
  python_client --version 1.3 --post-handshake --cert "$SCRATCH/ws101.pem" --cert-key "$SCRATCH/ws101.key" mplist status
  done_as Python Python
fi
for version in 1.2 1.3; do
  if begins "mutual-$version" "TLS $version: the client proves its certificate."; then
    nginx_server ecdsa "ssl_protocols TLSv$version;" "ssl_client_certificate $SCRATCH/clients.pem;" 'ssl_verify_client on;'
    taping; curl_client --cert "$SCRATCH/ws101.pem" --key "$SCRATCH/ws101.key"; done_as curl nginx
  fi
done
if begins early-data 'TLS 1.3: the second connection sends its first request before the handshake is done.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;' 'ssl_early_data on;'; taping
  openssl_client -sess_out "$SCRATCH/session"
  sleep 0.7 | on ws101 timeout 8 openssl s_client -connect mp01.example.test:443 -servername mp01.example.test \
    -keylogfile "$SSLKEYLOGFILE" -quiet -verify_quiet -no_ign_eof -sess_in "$SCRATCH/session" -early_data "$SCRATCH/mplist.http" > /dev/null 2>&1
  done_as 'OpenSSL s_client' nginx
fi
if begins padding 'TLS 1.3 with records padded to 256 bytes by the server and 512 by the client.'; then
  openssl_server ecdsa -tls1_3 -record_padding 256; taping; openssl_client -record_padding 512
  done_as 'OpenSSL s_client' 'OpenSSL s_server'
fi
if begins fragments 'TLS 1.3 with records of at most 512 bytes by the client.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;'; taping
  { cat "$SCRATCH/status.http"; sleep 0.7; } | typed_client -max_send_frag 512 -quiet; done_as 'OpenSSL s_client' nginx
fi

# HTTP/2.
for version in 1.2 1.3; do
  if begins "h2-$version" "HTTP/2 over TLS $version: two requests one after the other, one with a body."; then
    LISTEN=http2 nginx_server ecdsa "ssl_protocols TLSv$version;"; taping; curl_client --http2; done_as curl nginx
  fi
done
if begins h2-parallel 'HTTP/2 over TLS 1.3: four requests at once over one connection.'; then
  LISTEN=http2 nginx_server ecdsa 'ssl_protocols TLSv1.3;'; taping
  # The first of them opens the connection that the others wait for.
  base=https://mp01.example.test/SMS_MP/.sms_aut
  on ws101 curl -sSk -m 10 -A 'SMS CCM 5.0' --http2 --parallel "$base?MPLIST&EX1" -o /dev/null "$base?MPCERT" -o /dev/null \
    "$base?MPKEYINFORMATIONEX" -o /dev/null "$base?SITESIGNCERT" -o /dev/null
  done_as curl nginx
fi

# Another protocol inside.
for version in 1.2 1.3; do
  if begins "ldaps-$version" "LDAP over TLS $version: the client asks the directory for management points."; then
    directory_server "TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS$version"; taping; directory_client; done_as curl slapd
  fi
done

# Keys in other places and forms.
if begins secrets-block 'The keys are in the capture itself, in a decryption secrets block.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;'; taping; curl_client; tape_ends; keep_keys
  editcap --inject-secrets "tls,$FOLDER/keys.log" "$FOLDER/capture.pcap" "$FOLDER/capture.pcapng"
  rm "$FOLDER/capture.pcap" "$FOLDER/keys.log"; expect curl nginx
fi
if begins keylog-cut 'Two connections; the key log is cut off within the keys of the second one.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.2;'; taping; python_client --version 1.2 mplist / status; tape_ends; keep_keys
  truncate -s -40 "$FOLDER/keys.log"; expect Python nginx
fi
if begins keylog-other 'The key log is of another session.'; then
  nginx_server ecdsa; taping; curl_client; tape_ends; keep_keys; rm -f "$SSLKEYLOGFILE"; rm "$FOLDER/capture.pcap"
  nginx_server ecdsa; taping; SSLKEYLOGFILE="" curl_client; tape_ends; expect curl nginx
fi
if begins keylog-wrong 'The key log names the session, but its secrets are wrong.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;'; taping; curl_client; tape_ends
  # The last digit of each becomes another one.
  sed '/^#/d; s/[0-7]$/8/; t; s/[89a-f]$/7/' "$SSLKEYLOGFILE" > "$FOLDER/keys.log"; expect curl nginx
fi
if begins keylog-one-way 'The key log holds the secret of the client only.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;'; taping; curl_client; tape_ends; keep_keys
  "$PY" "$HERE/expect.py" whole "$FOLDER"
  grep ^CLIENT_TRAFFIC_SECRET_0 "$SSLKEYLOGFILE" > "$FOLDER/keys.log"; expect curl nginx
fi
if begins keylog-rsa 'Key exchange by RSA; the key log holds the premaster secret by its encrypted form.'; then
  nginx_server rsa 'ssl_protocols TLSv1.2;' 'ssl_ciphers AES128-GCM-SHA256:@SECLEVEL=0;'
  taping; curl_client --ciphers AES128-GCM-SHA256:@SECLEVEL=0; tape_ends
  grep '^RSA ' "$SSLKEYLOGFILE" > "$FOLDER/keys.log"; expect curl nginx
fi
if begins keylog-odd 'The key log has comments, empty lines, carriage returns, capitals, and labels nobody knows.'; then
  nginx_server ecdsa 'ssl_protocols TLSv1.3;'; taping; curl_client; tape_ends
  { echo '# keys of a session'; echo; echo 'FUTURE_SECRET 00 00'; sed '/^#/d; s/ \(.*\)/ \U\1/' "$SSLKEYLOGFILE"; } |
    sed 's/$/\r/' > "$FOLDER/keys.log"
  expect curl nginx
fi
if begins server-key-useless 'ECDHE: the private key of the server opens nothing.'; then
  nginx_server rsa 'ssl_protocols TLSv1.2;'; taping; curl_client; tape_ends; keep_server_key; expect curl nginx
fi
if begins server-key-other 'Key exchange by RSA; the private key is of another server.'; then
  nginx_server rsa 'ssl_protocols TLSv1.2;' 'ssl_ciphers AES128-GCM-SHA256:@SECLEVEL=0;'
  taping; curl_client --ciphers AES128-GCM-SHA256:@SECLEVEL=0; tape_ends
  openssl genrsa -out "$FOLDER/server.key" 2048 2> /dev/null; expect curl nginx
fi

# Captures that are harmed.
for version in 1.2 1.3; do
  for harm in mangle drop; do
    for side in client server; do
      if begins "$harm-$side-$version" "TLS $version; of four requests over one connection, the second one's \
$([ $side = client ] && echo request || echo response) $([ $harm = drop ] && echo 'is missing from the capture' || echo 'is damaged by one bit')."; then
        python_server ecdsa --version $version; taping; python_client --version $version mplist mplist mplist mplist
        tape_ends; keep_keys; harmed $harm $side "$(second $version $side)"; expect Python Python
      fi
    done
  done
done
if begins joined 'TLS 1.3; the capture begins after the handshake.'; then
  python_server ecdsa --version 1.3; taping; python_client --version 1.3 mplist mplist mplist
  tape_ends; keep_keys; harmed join client 2; expect Python Python
fi

[ ${#FAILED[@]} -eq 0 ] || { echo "failed: ${FAILED[*]}" >&2; exit 1; }
