"""Makes trl.json: ten steps of TRL 1.16's own trainers (float32, CPU, one thread) on TransformersTests/Goldens/tiny.

    python3 make_trl.py

SFT, DPO with `sigmoid` and with `nca_pair`, and a reward model, each on drawn tokens: batches of four rows in the data's order,
AdamW, a linear schedule, clipping at 1. Per step the loss and the gradient's norm; at the end how far the weights have come
and, of each tensor, 24 weights that moved, before and after. `losses`: of every loss of DPOTrainer the first step's, `tiny` against `tiny_ref`.
"""
import json
import os
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TRL_EXPERIMENTAL_SILENCE="1", WANDB_MODE="disabled")
import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, PreTrainedTokenizerFast, TrainerCallback
from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "..", "..", "TransformersTests", "Goldens")
ROWS, BATCH, STEPS, RATE = 12, 4, 10, 1e-3
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
generator = torch.Generator().manual_seed(31)


def ids(low, high):
    length = int(torch.randint(low, high, (1,), generator=generator))
    return torch.randint(5, 1024, (length,), generator=generator).tolist()


PAIRS = [{"prompt_ids": ids(3, 9), "chosen_ids": ids(4, 12), "rejected_ids": ids(4, 12)} for _ in range(ROWS)]
MARGINS = [0.0, 0.5, 0.25] * 4
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=Tokenizer(models.WordLevel({f"t{i}": i for i in range(1024)}, unk_token="t1")), pad_token="t0", eos_token="t2")
tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()


def load(name, cls=AutoModelForCausalLM, **more):
    model = cls.from_pretrained(os.path.join(MODELS, name), dtype=torch.float32, attn_implementation="eager", **more)
    model.config.pad_token_id = 0
    return model


class Trace(TrainerCallback):
    def __init__(self):
        self.steps = []

    def on_log(self, args, state, control, logs=None, **more):
        if "loss" in logs:
            self.steps.append({"loss": logs["loss"], "norm": logs["grad_norm"], "rate": logs["learning_rate"],
                               **{k: v for k, v in logs.items() if k.startswith("rewards/") or k in ("accuracy", "margin")}})


def settings(config, **more):
    return config(output_dir=tempfile.mkdtemp(), use_cpu=True, bf16=False, report_to="none", per_device_train_batch_size=BATCH,
                  max_steps=STEPS, learning_rate=RATE, lr_scheduler_type="linear", logging_steps=1, save_strategy="no",
                  train_sampling_strategy="sequential", gradient_checkpointing=False, disable_tqdm=True, logging_first_step=True,
                  **more)


def run(trainer):
    model = trainer.model
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    trace = Trace()
    trainer.add_callback(trace)
    # Logged losses are rounded to four digits: the exact ones are kept beside.
    exact, norms = [], []
    step, compute = trainer.training_step, trainer.compute_loss

    def training_step(*a, **k):
        loss = step(*a, **k)
        exact.append(float(loss.detach().double()))
        return loss

    trainer.training_step = training_step
    trainer.train()
    for entry, loss in zip(trace.steps, exact):
        entry["loss"] = loss
    assert len(trace.steps) == len(exact) == STEPS, (len(trace.steps), len(exact))
    changes, squares = {}, 0.0
    for name, weight in model.named_parameters():
        change = (weight.detach().double() - before[name].double()).flatten()
        squares += float((change ** 2).sum())
        places = change.nonzero().flatten()
        places = places[torch.linspace(0, len(places) - 1, 24).long()] if len(places) else places
        changes[name] = {"places": places.tolist(), "values": [float(f"{v:.9g}") for v in weight.detach().flatten()[places].tolist()],
                         "before": [float(f"{v:.9g}") for v in before[name].flatten()[places].tolist()]}
    return {"steps": trace.steps, "update": squares ** 0.5, "weights": changes}


# The rows are tokens already.
DPOTrainer._prepare_dataset = lambda self, dataset, *more, **named: dataset
result = {"rate": RATE, "batch": BATCH, "pairs": PAIRS, "margins": MARGINS}
completions = [{"input_ids": p["prompt_ids"] + p["chosen_ids"],
                "completion_mask": [0] * len(p["prompt_ids"]) + [1] * len(p["chosen_ids"])} for p in PAIRS]
result["sft"] = run(SFTTrainer(load("tiny"), args=settings(SFTConfig, completion_only_loss=True, packing=False), processing_class=tokenizer,
                               train_dataset=Dataset.from_list(completions)))
for name in ("sigmoid", "nca_pair"):
    result[name] = run(DPOTrainer(load("tiny"), ref_model=load("tiny_ref"), args=settings(DPOConfig, loss_type=[name], beta=0.1),
                                  processing_class=tokenizer, train_dataset=Dataset.from_list(PAIRS)))
rewards = [{"chosen_ids": p["prompt_ids"] + p["chosen_ids"], "rejected_ids": p["prompt_ids"] + p["rejected_ids"], "margin": m}
           for p, m in zip(PAIRS, MARGINS)]
result["reward"] = run(RewardTrainer(load("tiny_rm", AutoModelForSequenceClassification, num_labels=1),
                                     args=settings(RewardConfig, center_rewards_coefficient=0.01),
                                     processing_class=tokenizer, train_dataset=Dataset.from_list(rewards)))

losses = {}
variants = [({"loss_type": [name]}, name) for name in
            ["sigmoid", "hinge", "ipo", "nca_pair", "bco_pair", "sppo_hard", "apo_zero", "apo_down", "discopop", "sft", "sigmoid_norm"]]
variants += [({"loss_type": [name], "label_smoothing": 0.1}, name) for name in ["exo_pair", "robust", "aot", "aot_unpaired"]]
variants += [({"loss_type": ["sigmoid"], "ld_alpha": 0.5}, "sigmoid ld_alpha"),
             ({"loss_type": ["sigmoid"], "use_weighting": True}, "sigmoid use_weighting"),
             ({"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, 0.5]}, "sigmoid sft")]
for more, name in variants:
    trainer = DPOTrainer(load("tiny"), ref_model=load("tiny_ref"), args=settings(DPOConfig, beta=0.1, **more),
                         processing_class=tokenizer, train_dataset=Dataset.from_list(PAIRS[:BATCH]))
    batch = trainer.data_collator(PAIRS[:BATCH])
    trainer.model.train()
    loss = trainer._compute_loss(trainer.model, batch, False)
    loss.backward()
    norm = torch.sqrt(sum((p.grad.double() ** 2).sum() for p in trainer.model.parameters() if p.grad is not None))
    losses[name] = {"loss": loss.item(), "norm": norm.item()}
result["losses"] = losses
with open(os.path.join(HERE, "trl.json"), "w") as file:
    json.dump(result, file, separators=(",", ":"))
    file.write("\n")
for name in ("sft", "sigmoid", "nca_pair", "reward"):
    print(name, result[name]["update"], [s["loss"] for s in result[name]["steps"]][:3])
