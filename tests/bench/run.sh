#!/usr/bin/env bash
# Measures target/release/ccmscope, or the program that CCMSCOPE names: see README.md.
set -euo pipefail
cd "$(dirname "$0")"
program=${CCMSCOPE:-$PWD/../../target/release/ccmscope}
[ -x "$program" ] || { echo "bench: $program is missing; run 'cargo build --release' first" >&2; exit 1; }
cargo build --release --quiet --target-dir data/target
exec data/target/release/ccmscope-bench "$program" data
