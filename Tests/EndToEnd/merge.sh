#!/usr/bin/env bash
# Merges of models large enough to be caught in the middle: the same bytes on any ranks, and after kill -9 of the
# program or of a rank at random moments. The models are the nano model's layers, stacked and scaled.
#   merge.sh [TIMES] [RANKS] [COPIES OF THE LAYERS]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program="$here/../../.build/release/zhinao-align"
times=${1:-10}
ranks=${2:-2}
copies=${3:-30}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

layers=$(sed -n 's/.*"num_hidden_layers": *\([0-9]*\).*/\1/p' "$here/../../models/nano/config.json")
for scale in 1.00 1.01 0.97; do
  {
    echo "merge_method: passthrough"
    echo "slices:"
    for copy in $(seq -w "$copies"); do
      # Every copy has a factor of its own, so that no two layers are alike.
      echo "  - sources: [{model: $here/../../models/nano, layer_range: [0, $layers], parameters: {scale: $scale$copy}}]"
    done
  } > "$scratch/$scale.yml"
  "$program" merge "$scratch/$scale.yml" "$scratch/model-$scale" --no-proof > /dev/null
done

cat > "$scratch/merge.yaml" << RECIPE
name: merges
seed: 3
stages:
  ties:
    kind: merge
    inputs: {models: [model-1.01, model-0.97], base: model-1.00}
    with: {merge_method: ties, density: 0.5, weights: [0.6, 0.4]}
  dare:
    kind: merge
    inputs: {models: [model-1.01, model-0.97], base: model-1.00}
    with: {merge_method: dare_ties, density: 0.5, weights: [0.6, 0.4]}
RECIPE
du -sh "$scratch/model-1.00" | cut -f 1 | sed 's/$/ a model/'
"$here/ranks.sh" "$scratch/merge.yaml" 1 "$ranks" 4
"$here/kill.sh" "$times" "$ranks" "$scratch/merge.yaml"
