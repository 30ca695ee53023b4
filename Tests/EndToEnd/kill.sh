#!/usr/bin/env bash
# kill -9 at random moments, of the program or of a worker; the same command again until it is done: the
# bytes are those of a run that nobody disturbed.
#   kill.sh [TIMES] [RANKS] [RECIPE]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program="$here/../../.build/release/zhinao-align"
times=${1:-10}
ranks=${2:-1}
recipe=${3:-$here/short.yaml}
name=$(sed -n 's/^name: *//p' "$recipe")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
RANDOM=${SEED:-1}

run() { "$program" run "$recipe" --workspace "$1" --ranks "$ranks" > /dev/null 2> "$scratch/log"; }

start=$(date +%s%N)
run "$scratch/undisturbed"
length=$((($(date +%s%N) - start) / 1000000))
expected=$("$here/digests.sh" "$scratch/undisturbed" "$name")

killed=0
while [[ $killed -lt $times ]]; do
  # Not by the function: a shell would stand between, and the kill would hit the shell.
  "$program" run "$recipe" --workspace "$scratch/killed" --ranks "$ranks" > /dev/null 2> "$scratch/log" &
  victim=$!
  # A moment within the share of the run that one of the kills has for itself, and a little more.
  pause=$((RANDOM % (2 * length / times + 200)))
  sleep "$(printf '%d.%03d' $((pause / 1000)) $((pause % 1000)))"
  worker=$(pgrep -f "zhinao-align work $scratch/killed" | shuf -n 1 --random-source=<(yes "$RANDOM") || true)
  if [[ -n $worker && $((RANDOM % 2)) -eq 0 ]]; then victim=$worker; fi
  kill -9 "$victim" 2> /dev/null && killed=$((killed + 1))
  wait 2> /dev/null || true
  for _ in $(seq 100); do
    pgrep -f "zhinao-align work $scratch/killed" > /dev/null || break
    sleep 0.1
  done
  if run_digests=$("$here/digests.sh" "$scratch/killed" "$name" 2> /dev/null) \
    && [[ $run_digests == "$expected" ]]; then
    # Done before all kills were spent: begin anew.
    rm -rf "$scratch/killed"
  fi
done
run "$scratch/killed" || { cat "$scratch/log"; exit 1; }
if [[ $("$here/digests.sh" "$scratch/killed" "$name") == "$expected" ]]; then
  echo "killed $killed times on $ranks ranks: the same bytes"
else
  echo "killed $killed times on $ranks ranks: DIFFERENT BYTES"
  diff <(echo "$expected") <("$here/digests.sh" "$scratch/killed" "$name") | head -n 20
  exit 1
fi
