#!/usr/bin/env bash
# Fuzzes: run.sh SECONDS [TARGET...]; all targets where none is named, each for so many seconds, FUZZ_JOBS (default 1)
# side by side. One line a target, and a nonzero exit code where one failed; what made it fail is kept in
# artifacts/TARGET.
set -euo pipefail
seconds=${1:?usage: run.sh SECONDS [TARGET...]}
shift
cd "$(dirname "$0")"
mapfile -t all <targets
[ $# -gt 0 ] || set -- "${all[@]}"
if ! command -v c++ >/dev/null && ! command -v g++ >/dev/null && ! command -v clang++ >/dev/null; then
    echo "fuzz: SKIPPED, no C++ compiler (libFuzzer is built from source)"
    exit 0
fi
program=$(./build.sh)
corpus=${FUZZ_CORPUS:-corpus}

one() {
    local target=$1 log=artifacts/$1/log state=ok runs edges
    mkdir -p "$corpus/$target" "artifacts/$target"
    FUZZ_TARGET=$target "$program" "$corpus/$target" "seeds/$target" -max_total_time="$seconds" \
        -rss_limit_mb=1024 -timeout=10 -max_len="${FUZZ_MAX_LEN:-16384}" -print_final_stats=1 \
        -seed="${FUZZ_SEED:-0}" -artifact_prefix="artifacts/$target/" >"$log" 2>&1 || state=FAILED
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
    printf 'fuzz: %-10s %6s  %9s runs  %6s edges\n' "$target" "$state" "${runs:-?}" "${edges:-?}"
    [ "$state" = ok ] && return
    { grep -m1 -A2 -E 'panicked|ERROR' "$log" || tail -3 "$log"; } | cut -c1-400 | sed 's/^/    /'
    return 1
}
export -f one
export program corpus seconds
printf '%s\n' "$@" | xargs -P "${FUZZ_JOBS:-1}" -I{} bash -c 'one {}'
