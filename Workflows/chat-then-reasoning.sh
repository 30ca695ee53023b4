#!/usr/bin/env bash
# The chain of the published recipes: a base model becomes a chat model by 360Zhinao2's pipeline, and
# the chat model a reasoning model by Light-R1's.
#
#   BASE=/models/360Zhinao2-7B-Base DATA=/data Workflows/chat-then-reasoning.sh [options of `run`]…
#
# DATA holds sft.jsonl, pairs.jsonl, pairs-test.jsonl and prompts.jsonl for the first recipe, and
# long-76k.jsonl, long-3k.jsonl, long-pairs.jsonl, problems.jsonl and problems-test.jsonl for the
# second. Run it again to go on where it ended: what is finished is not made twice.
set -euo pipefail

base=$(realpath "${BASE:?BASE is the folder of the base model}")
data=$(realpath "${DATA:?DATA is the folder of the rows}")
workspace=$(realpath -m "${WORKSPACE:-workspace}")

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=${ZHINAO_ALIGN:-$root/.build/release/zhinao-align}

"$program" run "$root/recipes/zhinao2-chat.yaml" --workspace "$workspace" \
  --set stages.sft.inputs.model="$base" \
  --set stages.sft.inputs.data="$data/sft.jsonl" \
  --set stages.dpo.inputs.data="$data/pairs.jsonl" \
  --set stages.reward.inputs.data="$data/pairs.jsonl" \
  --set stages.reward.inputs.eval_data="$data/pairs-test.jsonl" \
  --set stages.online.inputs.data="$data/prompts.jsonl" \
  "$@"

chat=$workspace/latest/zhinao2-chat/merge

"$program" run "$root/recipes/light-r1.yaml" --workspace "$workspace" \
  --set stages.sft1.inputs.model="$chat" \
  --set stages.sft1.inputs.data="$data/long-76k.jsonl" \
  --set stages.sft2.inputs.data="$data/long-3k.jsonl" \
  --set stages.dpo.inputs.data="$data/long-pairs.jsonl" \
  --set stages.merge.inputs.base="$chat" \
  --set stages.grpo.inputs.data="$data/problems.jsonl" \
  --set stages.evaluate.inputs.problems="$data/problems-test.jsonl" \
  "$@"
