#!/usr/bin/env bash
# Installs what building and testing need beyond Rust, where that can be done; says what is missing elsewhere.
set -euo pipefail

say() { printf 'setup: %s\n' "$*" >&2; }

if ! command -v cargo >/dev/null; then
    say "cargo is missing; install Rust from https://rustup.rs (1.88 or newer)"
    exit 1
fi

missing=()
command -v cc >/dev/null || missing+=(gcc)
command -v c++ >/dev/null || missing+=(g++)
[ -e /usr/include/pcap/pcap.h ] || [ -e /usr/local/include/pcap/pcap.h ] || [ -e /opt/homebrew/include/pcap/pcap.h ] ||
    [ "$(uname -s)" = Darwin ] || missing+=(libpcap-dev)
[ ${#missing[@]} -eq 0 ] && exit 0

if command -v apt-get >/dev/null; then
    root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { say "need root or sudo to install: ${missing[*]}"; exit 1; }
        root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
else
    say "missing: ${missing[*]} (Debian's names). Install a C and a C++ compiler and libpcap's headers with this"
    say "system's package manager (Fedora: gcc gcc-c++ libpcap-devel; Arch: base-devel libpcap; Alpine: build-base"
    say "libpcap-dev), then run make again"
    exit 1
fi
