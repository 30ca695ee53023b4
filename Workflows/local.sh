#!/usr/bin/env bash
# Runs a recipe on this machine. Run it again to go on where it ended.
#
#   Workflows/local.sh recipes/quickstart.yaml [RANKS] [options of `zhinao-align run`]…
#
# Without RANKS one process uses every core. The result is the same bits for any number of ranks.
set -euo pipefail

recipe=${1:?a recipe is missing: Workflows/local.sh recipes/quickstart.yaml}
shift
ranks=1
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  ranks=$1
  shift
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${ZHINAO_ALIGN:-$root/.build/release/zhinao-align}

exec "$program" run "$recipe" --ranks "$ranks" "$@"
