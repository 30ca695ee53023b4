"""Makes policy-gradient.json: what TRL 1.16's own GRPOTrainer._compute_loss says, in float64, of the log-probabilities in peers.json.

    python3 policy_gradient.py

Needs trl==1.16.0, transformers==5.23.0, torch==2.13.0. The network is never asked: the log-probabilities and entropies are given.
"""
import collections
import json
import os
import tempfile

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import GRPOConfig, GRPOTrainer

here = os.path.dirname(os.path.abspath(__file__))
given = json.load(open(os.path.join(here, "peers.json")))["grpo"]
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=Tokenizer(models.WordLevel({"a": 0, "b": 1, "e": 2}, unk_token="a")), eos_token="e", pad_token="e")
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=3, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1))
trainer = GRPOTrainer(
    model=model, reward_funcs=lambda completions, **rest: [0.0] * len(completions),
    args=GRPOConfig(output_dir=tempfile.mkdtemp(), use_cpu=True, bf16=False, report_to="none", num_generations=4,
                    per_device_train_batch_size=8, max_completion_length=given["maximumLength"], beta=0.0,
                    gradient_checkpointing=False, gradient_accumulation_steps=1),
    train_dataset=Dataset.from_dict({"prompt": ["a"] * 8}), processing_class=tokenizer)
trainer.current_gradient_accumulation_steps = 1
trainer.model.train()

width = max(map(len, given["policy"]))
table = lambda rows: torch.tensor([row + [0.0] * (width - len(row)) for row in rows], dtype=torch.float64)
mask = table([[1.0] * len(row) for row in given["policy"]]).long()
policy, old, reference = (table(given[name]) for name in ("policy", "old", "reference"))
entropies = table([[0.25 + (7 * i + 3 * k) % 11 / 4 for k in range(len(row))] for i, row in enumerate(given["policy"])])


def case(loss, beta=0.0, level="token", delta=None, epsilon_high=None, corrected=True, quantile=1.0):
    trainer.loss_type, trainer.beta, trainer.importance_sampling_level = loss, beta, level
    trainer.epsilon_low, trainer.epsilon_high = 0.2, epsilon_high or 0.2
    trainer.args.delta, trainer.args.use_bias_correction_kl = delta, corrected
    trainer.top_entropy_quantile = quantile
    trainer._metrics = {"train": collections.defaultdict(list), "eval": collections.defaultdict(list)}
    logs = policy.clone().requires_grad_()
    trainer._get_per_token_logps_and_entropies = lambda *a, **k: (logs, entropies, None)
    blank = torch.zeros(8, width, dtype=torch.long)
    value = trainer._compute_loss(trainer.model, {
        "prompt_ids": blank[:, :1], "prompt_mask": blank[:, :1], "completion_ids": blank, "completion_mask": mask,
        "advantages": torch.tensor(given["advantages"], dtype=torch.float64), "old_per_token_logps": old,
        "ref_per_token_logps": reference, "num_items_in_batch": mask.sum()})
    value.backward()
    slopes = [[float(f"{x:.10g}") for x in row[:len(kept)].tolist()] for row, kept in zip(logs.grad, given["policy"])]
    metrics = {k: v[0] for k, v in trainer._metrics["train"].items() if k != "entropy"}
    return {"loss": loss, "beta": beta, "level": level, "delta": delta, "epsilonHigh": trainer.epsilon_high,
            "isDivergenceCorrected": corrected, "topEntropyQuantile": quantile, "value": float(value.detach()),
            "metrics": metrics, "slopes": slopes}


cases = [case(loss, beta, epsilon_high=5.0 if loss == "cispo" else None)
         for loss in ("grpo", "dr_grpo", "dapo", "cispo", "luspo", "sapo", "vespo") for beta in (0.0, 0.04)]
cases += [case(loss, 0.04, level="sequence", epsilon_high=1.02 if loss == "cispo" else 0.02)
          for loss in ("grpo", "dapo", "luspo", "sapo", "cispo")]
cases += [case("dapo", delta=1.3, epsilon_high=0.28), case("grpo", 0.04, level="sequence", delta=1.05),
          case("dapo", 0.04, corrected=False), case("dapo", 0.04, quantile=0.2), case("grpo", level="sequence", quantile=0.5)]
with open(os.path.join(here, "policy-gradient.json"), "w") as file:
    json.dump({"entropies": [row[:len(kept)].tolist() for row, kept in zip(entropies, given["policy"])], "cases": cases},
              file, separators=(",", ":"))
    file.write("\n")
