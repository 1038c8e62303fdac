#!/bin/bash
# Asks tshark, which shares no code with ccmscope, whether the captures hold what they are said to hold.
# Each line: capture | display filter | how many frames (a number, or N+ for at least N). A key log beside a capture is used.
# What stands in opened/*/expect.json is derived again.
cd "$(dirname "$0")" || exit 1
bad=0 lines=0
while IFS='|' read -r file filter want; do
  file=${file// /} want=${want// /}
  [ -n "$file" ] || continue
  keys=(); [ ! -f "${file%/*}/keys.log" ] || keys=(-o "tls.keylog_file:${file%/*}/keys.log")
  got=$(tshark -r "$file.pcap" "${keys[@]}" -Y "$filter" 2>/dev/null | wc -l)
  lines=$((lines + 1))
  case $want in
    *+) [ "$got" -ge "${want%+}" ] && continue ;;
    *) [ "$got" -eq "$want" ] && continue ;;
  esac
  echo "$file: $filter: $got frames, not $want"
  bad=$((bad + 1))
done <<'END'
loc-wins-query/hit      | nbns.flags == 0x0100 && nbns.name contains "MP_EX1<1a>" | 1
loc-wins-query/miss     | nbns.name contains "MP_EX1<1a>" | 0
loc-wins-query/miss     | nbns.flags == 0x0100 && nbns.name contains "MP_ROOM<1a>" | 1
loc-wins-bcast/hit      | nbns.flags == 0x0110 && nbns.name contains "MP_EX1<1a>" | 1+
loc-wins-bcast/miss     | nbns.flags == 0x0110 | 4
loc-wins-bcast/miss     | nbns.name contains "MP_EX1<1a>" | 0
loc-wins-reg/hit        | nbns.flags.opcode == 5 && nbns.flags.response == 0 && nbns.name contains "MP_EX1<1a>" | 1
loc-wins-reg/miss       | nbns.flags.response == 0 && nbns.name contains "MP_ROOM" | 1+
loc-wins-reg/miss       | nbns.name contains "<1a>" | 0
loc-wins-fallback/hit   | dns.flags.response == 1 && dns.srv.port == 80 | 1
loc-wins-fallback/miss  | dns.flags.rcode == 3 | 1
loc-wins-conflict/hit   | nbns.flags.opcode == 5 && nbns.flags.response == 0 && nbns.name contains "MP_EX1<1a>" && ip.src == 192.0.2.66 | 1
loc-wins-conflict/hit   | nbns.flags == 0x0000 && ip.src == 192.0.2.5 | 1+
loc-wins-conflict/miss  | nbns.flags.opcode == 6 && nbns.flags.response == 0 | 1
loc-multianswer/hit     | nbns.flags.response == 1 && nbns.addr == 192.0.2.66 | 1+
loc-multianswer/hit     | nbns.flags.response == 1 && nbns.addr == 192.0.2.11 | 1+
loc-multianswer/miss    | nbns.addr == 192.0.2.11 && nbns.addr == 192.0.2.12 | 1+
loc-poison/hit          | nbns.flags == 0x8500 && nbns.ttl == 300000 | 2+
loc-poison/miss         | nbns.flags.response == 1 && ip.src == 192.0.2.20 | 4+
http-client/hit         | http.request.uri contains "sms_pol" | 1
http-client/hit         | tls | 0
http-client/miss        | http.request.uri contains "ccm" | 3
http-ehttp/hit          | x509sat.uTF8String == "SMS Issuing" | 1
http-ehttp/miss         | x509sat.uTF8String == "Example SMS Issuing CA" | 1
http-fallback/hit       | tcp.srcport == 443 && tcp.flags.reset == 1 && ip.src == 192.0.2.11 | 1
http-fallback/miss      | tcp.srcport == 443 && tcp.flags.reset == 1 && ip.src == 192.0.2.30 | 1
http-ntlm/hit           | http.request.uri contains "ccm_system_windowsauth" && ntlmssp.messagetype == 3 | 1
http-ntlm/miss          | http.request.uri contains "reports_windowsauth" && ntlmssp.messagetype == 3 | 1
bgb-fallback/hit        | tcp.srcport == 10123 && tcp.flags.reset == 1 | 1
bgb-fallback/hit        | http.request.uri contains "/bgb/handler.ashx" | 2
bgb-fallback/miss       | tcp.srcport == 10123 && tls.handshake.type == 2 | 1
sup-http/hit            | tcp.dstport == 8530 && http.request.uri contains ".asmx" | 2
sup-http/miss           | tcp.dstport == 8530 && http.request.uri contains "/Content/" | 2
tls-old/hit             | tls.handshake.type == 2 && tls.handshake.version == 0x0301 && ip.src == 192.0.2.11 | 1
tls-old/miss            | tls.handshake.type == 2 && tls.handshake.version == 0x0301 && ip.src == 192.0.2.40 | 1
tls-oldclient/hit       | tls.alert_message.desc == 70 | 1
tls-oldclient/hit       | tls.handshake.type == 1 && tls.handshake.version == 0x0302 | 1
tls-oldclient/miss      | tls.handshake.type == 1 && tls.handshake.version == 0x0302 && ip.dst == 192.0.2.11 | 0
tls-weakcipher/hit      | tls.handshake.type == 2 && tls.handshake.ciphersuite == 0xc012 | 1
tls-weakcipher/miss     | tls.handshake.type == 1 && tls.handshake.ciphersuite == 0xc012 | 1
tls-weakcipher/miss     | tls.handshake.type == 2 && tls.handshake.ciphersuite == 0xc012 | 0
msg-unsigned/hit        | frame matches "c\x00l\x00i\x00e\x00n\x00t\x00a\x00u\x00t\x00h" | 0
msg-unsigned/miss       | frame matches "c\x00l\x00i\x00e\x00n\x00t\x00a\x00u\x00t\x00h" | 1
msg-badsig/hit          | frame matches "c\x00l\x00i\x00e\x00n\x00t\x00a\x00u\x00t\x00h" | 1
msg-noenc/hit           | frame matches "M\x00P\x00_\x00H\x00i\x00n\x00v" | 1
msg-noenc/miss          | frame matches "M\x00P\x00_\x00H\x00i\x00n\x00v" | 1
status-clear/hit        | frame matches "S\x00t\x00a\x00t\x00u\x00s\x00R\x00e" | 1
status-flood/hit        | http.request.method == "CCM_POST" | 61
status-flood/miss       | http.request.method == "CCM_POST" | 20
status-flood/miss       | frame.time_relative > 590 | 1+
status-forged/hit       | http.request.method == "CCM_POST" && ip.src == 192.0.2.102 | 2
state-clear/hit         | ipv6.src == 2001:db8::101 && http.request.method == "CCM_POST" | 1
push-seen/hit           | smb2.cmd == 5 && smb2.filename contains "SMSClientInstall.EX1" && smb2.flags.response == 0 | 1+
push-seen/miss          | smb2.filename contains "SMSClientInstall" | 0
push-seen/miss          | smb2.cmd == 5 && smb2.filename == "Temp\\ccmsetup.exe" && smb2.flags.response == 0 | 1+
push-possible/hit       | smb2.filename | 0
push-possible/hit       | tcp.payload[4:4] == fd:53:4d:42 | 10+
push-possible/miss      | smb2.filename | 0
push-ntlm/hit           | ntlmssp.messagetype == 3 && smb2 | 1
push-ntlm/miss          | ntlmssp | 0
push-fallback/hit       | kerberos.error_code == 7 | 1+
push-fallback/hit       | ntlmssp.messagetype == 3 | 1
push-fallback/miss      | kerberos.error_code == 7 && kerberos.SNameString == "cifs" | 0
push-fallback/miss      | kerberos.error_code == 7 | 1+
push-fallback-off/hit   | spnego.MechType == 1.3.6.1.4.1.311.2.2.10 && ip.src == 192.0.2.10 | 0
push-fallback-off/miss  | spnego.MechType == 1.3.6.1.4.1.311.2.2.10 && ip.src == 192.0.2.10 | 1
push-byip/hit           | smb2.tree contains "192.0.2.101" && smb2.flags.response == 0 | 1+
push-byip/miss          | smb2.tree contains "192.0.2.101" | 0
push-ntlmv1/hit         | ntlmssp.messagetype == 3 && ntlmssp.ntlmclientchallenge | 1
push-ntlmv1/miss        | ntlmssp.messagetype == 3 && ntlmssp.ntlmv2_response | 1
push-unsigned/hit       | smb2.cmd == 5 && smb2.flags.signature == 1 | 0
push-unsigned/miss      | smb2.cmd == 5 && smb2.flags.signature == 0 | 0
push-cleartcf/hit       | frame contains "SMSPublicRootKey" | 1
push-cleartcf/miss      | frame contains "SMSPublicRootKey" | 0
push-smb1/hit           | smb.cmd == 0xa2 && smb.flags.response == 0 | 3+
push-smb1/hit           | smb.cmd == 0xa2 && smb.signature == 00:00:00:00:00:00:00:00 | 0
push-fallback/no-kdc    | icmp.type == 3 && icmp.code == 3 | 1+
push-fallback/no-kdc    | ntlmssp.messagetype == 3 | 1
push-smb1/miss          | smb && !smb2 | 1
push-oneaccount/hit     | ntlmssp.auth.username == "svc-push" | 5
push-oneaccount/miss    | ntlmssp.auth.username == "svc-push" | 2
push-machineacct/hit    | kerberos.CNameString == "CM01$" | 1+
push-machineacct/miss   | kerberos.CNameString == "CM01$" | 1+
push-elsewhere/hit      | ntlmssp.auth.username == "svc-push" && ip.src == 192.0.2.66 && ntlmssp.auth.domain == "EXAMPLE" | 1
push-elsewhere/miss     | ntlmssp.auth.domain == "OTHER" && ip.src == 192.0.2.66 | 1
push-retrystorm/hit     | smb2.nt_status == 0xc000006d && frame.time_relative > 7190 | 1
push-retrystorm/miss    | smb2.nt_status == 0xc000006d && frame.time_relative > 2390 | 1
smb-ntlm/hit            | ntlmssp.messagetype == 3 && ip.dst == 192.0.2.12 | 1
smb-ntlm/miss           | ntlmssp.messagetype == 3 && ip.dst == 192.0.2.12 | 0
smb-nosignreq/hit       | smb2.cmd == 0 && ip.src == 192.0.2.12 && smb2.sec_mode.sign_required == 0 | 1+
smb-nosignreq/miss      | smb2.cmd == 0 && ip.src == 192.0.2.12 && smb2.sec_mode.sign_required == 0 | 0
smb-null/hit  | ntlmssp.messagetype == 3 && !ntlmssp.ntlmv2_response && ip.dst == 192.0.2.12 | 1
smb-null/miss | ntlmssp.messagetype == 3 && !ntlmssp.ntlmv2_response && ip.dst == 192.0.2.20 | 1
smb-guest/hit           | smb2.ses_flags.guest == 1 && ip.src == 192.0.2.12 | 1
smb-guest/miss          | smb2.ses_flags.guest == 1 && ip.src == 192.0.2.20 | 1
krb-rc4/hit             | kerberos.msg_type == 14 && kerberos.etype == 23 && ip.dst == 192.0.2.12 | 1+
krb-rc4/miss            | kerberos.msg_type == 14 && ip.dst == 192.0.2.12 && smb2 | 1
tls-noclientauth/hit      | tls.handshake.type == 11 && !(tls.handshake.type == 13) | 1
tls-noclientauth/miss     | tls.handshake.type == 13 | 1
tls-noclientauth/hidden   | tls.handshake.extensions.supported_version == 0x0304 && tls.handshake.type == 2 | 1
tls-noclientauth/renegotiated | tls.record.content_type == 22 && ip.src == 192.0.2.11 && frame.time_relative > 2 | 1+
cert-selfsigned/hit       | x509sat.uTF8String == "Example Issuing CA" | 0
cert-selfsigned/miss      | x509sat.uTF8String == "Example Issuing CA" | 1
cert-expired/hit          | x509af.utcTime contains "2025-12-31" | 1
cert-expired/client       | x509af.utcTime contains "2025-12-31" && ip.src == 192.0.2.101 | 1
cert-expired/client       | x509af.utcTime contains "2025-12-31" && ip.src == 192.0.2.11 | 0
cert-expired/miss         | x509af.utcTime contains "2026-01-04" | 1
cert-expiring/hit         | x509af.utcTime contains "2026-01-25" | 1
cert-expiring/miss        | x509af.utcTime contains "2026-02-10" | 1
cert-weak/hit             | x509af.algorithm.id == 1.2.840.113549.1.1.5 | 1
cert-weak/miss            | x509af.algorithm.id == 1.2.840.113549.1.1.5 | 0
cert-publicca/hit         | tls.handshake.type == 15 | 1
cert-publicca/hit         | frame contains "Example Public CA" | 1+
cert-publicca/miss        | tls.handshake.type == 15 | 1
cert-publicca/miss        | frame contains "Example Public CA" | 0
cert-publicca/unlike      | tls.handshake.type == 15 | 4
cert-publicca/unlike      | frame contains "Sideline CA" | 1
cert-publicca/refused     | tls.alert_message.desc == 48 | 1
cert-shared/hit         | http.request.method == "CCM_POST" | 2
cert-shared/miss        | http.request.method == "CCM_POST" && ip.src == 192.0.2.111 | 1
cert-shared/tls         | tls.handshake.type == 15 | 2
crl-nocdp/hit             | tls.handshake.type == 11 && x509ce.CRLDistPointsSyntax | 0
crl-nocdp/hit             | tls.handshake.type == 11 && pkix1implicit.AuthorityInfoAccessSyntax | 0
crl-nocdp/miss            | tls.handshake.type == 11 && pkix1implicit.AuthorityInfoAccessSyntax | 1
crl-ldaponly/hit          | frame contains "ldap:///CN=Example" && !(frame contains "issuing.crl") | 1
crl-ldaponly/miss         | frame contains "ldap:///CN=Example" && frame contains "issuing.crl" | 1
crl-unreachable/hit     | http.response.code == 404 && http.response_for.uri contains "issuing.crl" | 1
crl-unreachable/hit     | x509ce.uniformResourceIdentifier == "http://pki.example.test/issuing.crl" | 1
crl-unreachable/miss    | http.response.code == 200 && http.response_for.uri contains "issuing.crl" | 1
crl-unreachable/miss    | http.response.code == 404 && http.response_for.uri contains "web.crl" | 1
crl-unreachable/refused | tcp.flags.reset == 1 && ip.src == 192.0.2.70 | 1
crl-unreachable/unknown | dns.flags.rcode == 3 | 1+
crl-unreachable/outdated | http.response.code == 200 && http.response_for.uri contains "issuing.crl" | 1
crl-unreachable/hidden  | tls.handshake.type == 11 | 0
cmg-seen/hit              | tls.handshake.extensions_server_name contains "cloudapp.azure.com" | 1
cmg-seen/miss             | tls.handshake.extensions_server_name contains "cloudapp" | 0
cmg-nomutual/hit          | tls.handshake.type == 13 | 0
cmg-nomutual/miss         | tls.handshake.type == 15 | 1
cmg-tlsold/hit            | tls.handshake.type == 2 && tls.handshake.version == 0x0301 | 1
cmg-tlsold/miss           | tls.handshake.type == 2 && tls.handshake.version == 0x0301 | 1
cmg-tlsold/miss           | http | 0
cmg-certweak/hit          | x509af.utcTime contains "2025-12-31" | 1+
cmg-certweak/miss         | x509af.utcTime contains "2035-06-01" | 1+
opened/cbc-etm-1.2/capture | tls.handshake.type == 2 && tls.handshake.extension.type == 22 | 1
opened/cbc-mte-1.2/capture | tls.handshake.type == 2 && tls.handshake.extension.type == 22 | 0
opened/cbc-mte-1.0/capture | tls.handshake.type == 2 && tls.handshake.extension.type == 22 | 0
opened/rsa-aes128-gcm-sha256-ems/capture | tls.handshake.type == 2 && tls.handshake.extension.type == 23 | 1
opened/rsa-aes128-gcm-sha256-plain/capture | tls.handshake.type == 2 && tls.handshake.extension.type == 23 | 0
opened/resumed-id-1.2/capture | tls.handshake.type == 4 | 0
opened/resumed-ticket-1.2/capture | tls.handshake.type == 4 | 1+
opened/key-update/capture | tls.handshake.type == 24 | 3
opened/renegotiated-whole/capture | tls.handshake.type == 13 | 1
opened/renegotiated-short/capture | tls.handshake.type == 0 | 1
opened/renegotiated-short/capture | tls.handshake.type == 13 | 0
opened/later-certificate/capture | tls.handshake.type == 13 | 1
opened/mutual-1.2/capture | tls.handshake.type == 15 | 1
opened/mutual-1.3/capture | tls.handshake.type == 15 | 2
opened/early-data/capture | tls.handshake.type == 5 | 1
opened/early-data/capture | tls.handshake.type == 1 && http.request | 1
opened/hello-retry/capture | tls.handshake.type == 1 | 2
opened/h2-parallel/capture | http2.streamid > 6 && http2.type == 1 | 2
opened/fragments/capture | tls.record.length == 529 | 1+
opened/padding/capture | tls.record.length > 500 && tcp.dstport == 443 | 1+
opened/ldaps-1.3/capture | ldap.searchResEntry_element | 1
END
echo "$lines checks, $bad wrong"
python3 opened/expect.py verify || bad=$((bad + 1))
[ $bad -eq 0 ]
