#!/usr/bin/env bash
# Makes the samples anew: nginx answers curl in a network namespace of its own, with prior knowledge of HTTP/2; tcpdump
# records, and what each side sent becomes a .talk. Needs root, nginx with HTTP/2, curl with nghttp2, tcpdump, tshark.
set -euo pipefail
cd "$(dirname "$0")"
if [ $# -eq 0 ]; then
    for sample in plain body post refused; do unshare --net "$PWD/${0##*/}" "$sample"; done
    exit
fi
sample=$1
ip link set lo up
work=$(mktemp -d)
trap 'kill $(cat "$work"/*.pid) 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/www"
head -c 20000 /dev/zero >"$work/www/package.bin"
cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid; error_log $work/error.log; daemon on; worker_processes 1; user root;
events {}
http {
    access_log off;
    client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
    server {
        listen 127.0.0.1:8082 http2;
        root $work/www;
        location /SMS_MP/ { default_type text/xml; return 200 '<MPList></MPList>'; }
        location /ccm_system/ { error_page 405 =200 \$uri; return 200 'answer'; }
        location /secret/ { add_header WWW-Authenticate Negotiate always; return 401; }
    }
}
CONF
nginx -c "$work/nginx.conf"
tcpdump -i lo -U -w "$work/talk.pcap" tcp port 8082 2>/dev/null &
echo $! >"$work/tcpdump.pid"
sleep 1
cd "$work"
site=http://127.0.0.1:8082
ask() { curl -sS --http2-prior-knowledge -A 'ConfigMgr Messaging HTTP Sender' -o answer "$@"; }
case $sample in
plain) ask "$site/SMS_MP/.sms_aut?MPLIST" ;;
body) ask "$site/package.bin" ;;
post) ask --data-binary message "$site/ccm_system/request" ;;
refused) ask -H 'Authorization: Negotiate TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==' "$site/secret/" ;;
esac
sleep 1
cd "$OLDPWD"
tshark -r "$work/talk.pcap" -Y 'tcp.len > 0' -T fields -e tcp.dstport -e tcp.payload 2>/dev/null |
    python3 -c '
import struct, sys
for line in sys.stdin:
    port, payload = line.split()
    payload = bytes.fromhex(payload.replace(":", ""))
    sys.stdout.buffer.write(struct.pack(">BI", port != "8082", len(payload)) + payload)
' >"$sample.talk"
