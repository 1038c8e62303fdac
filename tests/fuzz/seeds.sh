#!/usr/bin/env bash
# Makes the seeds again: the conversations of the decoders' own tests, and what seeds.py writes; then keeps the
# smallest set with the same coverage. No captured traffic is among them.
set -euo pipefail
cd "$(dirname "$0")"
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
CCMSCOPE_FUZZ_SEEDS=$raw/ports cargo test --quiet --manifest-path ../../Cargo.toml -p ccmscope-decoders --lib >/dev/null
declare -A ports=([http]=80 [http2]=8082 [tls]=443 [quic]=443 [openvpn]=1194 [tds]=1433 [smb]="445 139" [dcerpc]="135 1026" [kerberos]=88 [nbns]=137 [dns]=53
    [llmnr]=5355 [ldap]="389 3268" [dhcp]="67 68" [tftp]=69 [nbdgm]=138)
python3 seeds.py "$raw/made"
program=$(./build.sh)
while read -r target; do
    from=()
    for port in ${ports[$target]:-}; do [ ! -d "$raw/ports/$port" ] || from+=("$raw/ports/$port"); done
    [ ! -d "$raw/made/$target" ] || from+=("$raw/made/$target")
    rm -rf "seeds/$target"
    mkdir -p "seeds/$target"
    FUZZ_TARGET=$target "$program" -merge=1 -max_len=65536 "seeds/$target" "${from[@]}" 2>/dev/null
    echo "$target: $(find "seeds/$target" -type f | wc -l) seeds"
done <targets
