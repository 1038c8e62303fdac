#!/usr/bin/env bash
# Formats every Rust file, or with --check says which are not formatted. `cargo fmt` alone would pass over the modules
# that a macro declares (the lists of decoders and of rules).
set -euo pipefail
cd "$(dirname "$0")/.."
find capture decoders findings tui src tests samples -name '*.rs' -not -path '*/target/*' -print0 |
    xargs -0 rustfmt --edition 2024 --config-path rustfmt.toml "$@"
