#!/usr/bin/env bash
# Prints a line per stage of a recipe's workspace: its name and the digests of what it made.
#   digests.sh WORKSPACE RECIPE-NAME
set -euo pipefail
cd "$1/latest/$2"
find . -type f -print0 | sort -z | xargs -0 sha256sum
