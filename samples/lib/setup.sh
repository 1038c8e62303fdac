#!/bin/bash
# Installs the programs that make the captures: Debian packages, and impacket with its kin in a venv of their own.
set -euo pipefail
VENV=${CCM_SAMPLES_VENV:-/var/cache/ccmscope-samples}
PACKAGES=(tcpdump samba samba-common-bin smbclient krb5-kdc krb5-user krb5-admin-server nginx-light slapd gnutls-bin openssl
  curl dnsmasq-base bind9-dnsutils ethtool iproute2 procps python3-venv tshark)
export DEBIAN_FRONTEND=noninteractive
missing=()
for package in "${PACKAGES[@]}"; do dpkg -s "$package" > /dev/null 2>&1 || missing+=("$package"); done
if [ ${#missing[@]} -gt 0 ]; then
  # No service may start by itself: they run in namespaces only.
  guard=/usr/sbin/policy-rc.d
  [ -e $guard ] || { printf '#!/bin/sh\nexit 101\n' > $guard; chmod +x $guard; trap 'rm -f $guard' EXIT; }
  apt-get update -qq
  apt-get install -y --no-install-recommends "${missing[@]}"
fi
[ -x "$VENV/bin/python3" ] || python3 -m venv "$VENV"
"$VENV/bin/python3" -c 'import impacket, cryptography' 2>/dev/null ||
  "$VENV/bin/pip" install -q 'impacket==0.13.1' 'cryptography==50.0.2'
