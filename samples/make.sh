#!/bin/bash
# Makes the captures of all rules again, or of those named: samples/make.sh [RULE...]. Needs root; see README.md.
set -euo pipefail
cd "$(dirname "$0")"
lib/setup.sh
[ $# -gt 0 ] || set -- */make.sh
failed=()
for rule in "$@"; do
  rule=${rule%%/*}
  script=$rule/make.sh
  [ -x "$script" ] || { echo "$rule: no script" >&2; failed+=("$rule"); continue; }
  echo "== $rule"
  "./$script" || failed+=("$rule")
done
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
