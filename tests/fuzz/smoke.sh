#!/usr/bin/env bash
# Runs every target over its seeds and a few seconds of mutations; a part of `make test`.
exec "$(dirname "$0")/run.sh" "${FUZZ_SMOKE_SECONDS:-4}"
