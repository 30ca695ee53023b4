#!/usr/bin/env bash
# Runs a recipe on several machines by Open MPI.
#
#   Workflows/mpirun.sh HOSTFILE RANKS recipes/zhinao2-chat.yaml [options of `zhinao-align run`]…
#
# HOSTFILE is mpirun's: a line `name slots=N` for each machine. The program, the recipe, its inputs and
# the workspace have to be at the same paths on every machine, on a file system that they share.
# The orchestrator runs here and starts mpirun for each stage that can use ranks.
set -euo pipefail

hosts=$(realpath "${1:?a host file is missing}")
ranks=${2:?the number of ranks is missing}
recipe=${3:?a recipe is missing}
shift 3

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${ZHINAO_ALIGN:-$root/.build/release/zhinao-align}
threads=${THREADS_PER_RANK:-1}

launcher='[mpirun, --hostfile, "'$hosts'", --bind-to, none, -n, "{ranks}"'
launcher+=', -x, OMP_NUM_THREADS, -x, OPENBLAS_NUM_THREADS]'

exec "$program" run "$recipe" --ranks "$ranks" --threads "$threads" \
  --set "launch.command=$launcher" "$@"
