#!/usr/bin/env bash
# One set of digests: run twice, on 1, 2 and 4 ranks, with 1 and 2 threads; and a second run makes nothing.
#   ranks.sh [RECIPE] [RANKS…]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program="$here/../../.build/release/zhinao-align"
recipe=${1:-$here/short.yaml}
shift || true
ranks=("$@")
[[ ${#ranks[@]} -gt 0 ]] || ranks=(1 2 4)
name=$(sed -n 's/^name: *//p' "$recipe")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

reference=
failures=0
compare() {
  local digests
  digests=$("$here/digests.sh" "$2" "$name")
  [[ -n $reference ]] || reference=$digests
  if [[ $digests == "$reference" ]]; then
    echo "$1: $(wc -l <<< "$digests") files, the same bytes"
  else
    echo "$1: DIFFERENT BYTES"
    diff <(echo "$reference") <(echo "$digests") | head -n 20
    failures=$((failures + 1))
  fi
}

for count in "${ranks[@]}"; do
  "$program" run "$recipe" --workspace "$scratch/ranks-$count" --ranks "$count" --threads 1 2> "$scratch/log" \
    > /dev/null || { cat "$scratch/log"; exit 1; }
  compare "$count ranks" "$scratch/ranks-$count"
done
"$program" run "$recipe" --workspace "$scratch/threads" --threads 2 > /dev/null 2>&1
compare "2 threads" "$scratch/threads"

again=$("$program" run "$recipe" --workspace "$scratch/threads" --json 2> /dev/null)
if ! grep -q '"action": "reused"' <<< "$again" || grep -q '"action": "ran"' <<< "$again"; then
  echo "a second run made something"
  failures=$((failures + 1))
else
  echo "a second run made nothing"
fi
exit "$((failures > 0))"
