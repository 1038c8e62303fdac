#!/usr/bin/env bash
# Runs every target over its seeds and a few seconds of mutations of them, the same in each run as far as it gets; a part
# of `make test`. Keeps no corpus.
set -euo pipefail
FUZZ_CORPUS=$(mktemp -d)
trap 'rm -rf "$FUZZ_CORPUS"' EXIT
export FUZZ_CORPUS FUZZ_SEED=1 FUZZ_JOBS=${FUZZ_JOBS:-2}
"$(dirname "$0")/run.sh" "${FUZZ_SMOKE_SECONDS:-4}"
