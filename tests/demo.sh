#!/usr/bin/env bash
# Judges the bundled samples and shows the result, as `make demo` does. The program is the first argument.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${1:-target/release/ccmscope}
[ -x "$program" ] || { echo "demo: $program is not built; run make build" >&2; exit 1; }

shopt -s nullglob
hits=(samples/*/hit.pcap*)
misses=(samples/*/miss.pcap*)
if [ ${#hits[@]} -eq 0 ]; then
    echo "demo: there are no captures in samples/" >&2
    exit 1
fi

echo "== What ccmscope reports =="
echo "Each folder in samples/ has a capture that a rule must report on, and one that it must not."
echo
printf '%-28s %-9s %s\n' RULE SEVERITY FINDING
failed=0
for capture in "${hits[@]}"; do
    rule=$(basename "$(dirname "$capture")")
    # One finding a line; --no-exit-codes, since findings are what is wanted here.
    line=$("$program" check "$capture" --no-exit-codes --quiet --format jsonl | grep "\"type\":\"finding\",\"rule\":\"$rule\"" | head -n 1 || true)
    if [ -z "$line" ]; then
        printf '%-28s %-9s %s\n' "$rule" - "NOT REPORTED on $capture"
        failed=1
        continue
    fi
    severity=$(sed -n 's/.*"severity":"\([a-z]*\)".*/\1/p' <<<"$line")
    message=$(sed -n 's/.*"message":"\(\([^"\\]\|\\.\)*\)".*/\1/p' <<<"$line" | sed 's/\\\([\\"]\)/\1/g')
    printf '%-28s %-9s %.110s\n' "$rule" "$severity" "$message"
done

wrong=0
for capture in "${misses[@]}"; do
    rule=$(basename "$(dirname "$capture")")
    if "$program" check "$capture" --no-exit-codes --quiet --format jsonl | grep -q "\"type\":\"finding\",\"rule\":\"$rule\""; then
        echo "$rule: reported on $capture, where it must not be"
        wrong=$((wrong + 1))
    fi
done
echo
echo "${#hits[@]} captures with something to find, ${#misses[@]} without; false alarms: $wrong"

echo
echo "== All of it as one report =="
"$program" check "${hits[@]}" --no-exit-codes | head -n 60 || true
echo
echo "The whole report: $program check samples/; in the terminal: $program samples/; what a finding means: $program explain RULE"
[ "$failed" -eq 0 ] && [ "$wrong" -eq 0 ]
