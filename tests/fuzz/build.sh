#!/usr/bin/env bash
# Builds the fuzzer with coverage counters on a stable compiler, and prints the path of the program.
set -euo pipefail
cd "$(dirname "$0")"
host=$(rustc -vV | sed -n 's/^host: //p')
# What cargo-fuzz passes, less what needs a nightly compiler (the address sanitizer, for which there is no unsafe code).
# A target of its own keeps these flags away from build scripts and procedural macros.
flags=(--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table)
RUSTFLAGS="${flags[*]}" CARGO_INCREMENTAL=0 cargo build --release --quiet --target "$host" \
    --target-dir target >&2
echo "$PWD/target/$host/release/ccmscope-fuzz"
