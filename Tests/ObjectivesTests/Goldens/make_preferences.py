"""Makes preferences.json: what TRL 1.16's own loss functions say of given log-probabilities, in float64.

    python3 make_preferences.py

Trainers are not built: their loss functions run on a stand-in whose "model" answers with the log-probabilities below. So the
formulas are TRL's, the numbers are exact to the last digits, and every slope is PyTorch's.
"""
import contextlib
import json
import os
from types import SimpleNamespace

import torch
import trl.trainer.dpo_trainer as dpo
import trl.trainer.kto_trainer as kto
from trl.experimental.cpo.cpo_trainer import CPOTrainer
from trl.experimental.orpo.orpo_trainer import ORPOTrainer

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(20)
CHOSEN, REJECTED = [3, 5, 2, 6], [5, 2, 4, 6]
LENGTHS = CHOSEN + REJECTED
WIDTH = max(LENGTHS)
mask = torch.zeros(8, WIDTH + 1, dtype=torch.long)
for row, length in enumerate(LENGTHS):
    mask[row, 1:length + 1] = 1
shifted = mask[:, 1:]
draw = lambda: -(3 * torch.rand(8, WIDTH, generator=generator)).to(torch.float32).double() * shifted
POLICY, REFERENCE = draw(), draw()
CONCENTRATION = draw() / 4



class Double:
    """`torch` as dpo_trainer sees it, where float32 is float64: the clamp of the alpha-divergence asks for the type."""
    float32 = torch.float64

    def __getattr__(self, name):
        return getattr(torch, name)


dpo.torch = Double()
torch.Tensor.float = lambda self: self.double()  # The casts to float32 on the way are left out.
for module in (dpo, kto):
    module.disable_gradient_checkpointing = lambda *a, **k: contextlib.nullcontext()
    module.is_peft_model = lambda *a: False


def answers(log_probs):
    zeros = torch.zeros_like(log_probs)
    out = SimpleNamespace(log_probs=log_probs, log_sum_sq_probs=CONCENTRATION[:log_probs.size(0)], entropy=zeros,
                          mean_logits=zeros, is_top1=zeros.bool())
    class Model:
        training = True

        def __call__(self, **arguments):
            return out

    return Model()


class Sink(dict):
    def __missing__(self, key):
        self[key] = Sink() if key in ("train", "eval") else []
        return self[key]


def trainer(**settings):
    same = lambda x: x
    base = dict(ld_alpha=None, precompute_ref_logps=False, f_divergence_type="reverse_kl", f_alpha_divergence_coef=0.5,
                loss_types=["sigmoid"], loss_weights=[1.0], beta=0.1, label_smoothing=0.0, use_weighting=False,
                aux_loss_enabled=False, args=SimpleNamespace(discopop_tau=0.05, gradient_checkpointing_kwargs=None),
                accelerator=SimpleNamespace(device="cpu", gather=same, gather_for_metrics=same),
                _metrics=Sink(), _total_train_tokens=0, _tp_size=1, ref_model=answers(REFERENCE))
    base.update(settings)
    return SimpleNamespace(**base)


def rows(values, lengths):
    return [row[:length].tolist() for row, length in zip(values, lengths)]


cases = []


def pairs(name, **settings):
    policy = POLICY.clone().requires_grad_()
    model = answers(policy)
    this = trainer(model=model, **settings)
    inputs = {"input_ids": torch.zeros_like(mask), "attention_mask": torch.ones_like(mask), "completion_mask": mask}
    loss = dpo.DPOTrainer._compute_loss(this, model, inputs, False)
    loss.backward()
    slopes = rows(policy.grad, LENGTHS)
    # An aux key of settings that TRL calls otherwise is left out: these are the recipe's names.
    known = ("ld_alpha", "f_divergence_type", "f_alpha_divergence_coef", "loss_weights", "beta", "label_smoothing", "use_weighting")
    cases.append({"name": name, "loss_type": settings.get("loss_types", ["sigmoid"]),
                  "settings": {k: v for k, v in settings.items() if k in known}, "loss": loss.item(),
                  "slopes": [[slopes[i], slopes[i + 4]] for i in range(4)],
                  "metrics": {k: v[0] for k, v in this._metrics["train"].items() if k.startswith(("rewards/", "logps/"))}})


for kind in ["sigmoid", "hinge", "ipo", "nca_pair", "bco_pair", "sppo_hard", "apo_zero", "apo_down", "discopop", "sft", "sigmoid_norm"]:
    pairs(kind, loss_types=[kind])
for kind in ["exo_pair", "robust", "aot", "aot_unpaired"]:
    pairs(kind, loss_types=[kind], label_smoothing=0.1)
for kind in ["forward_kl", "js_divergence", "alpha_divergence"]:
    for loss in ["sigmoid", "ipo", "hinge", "sigmoid_norm", "discopop"]:
        pairs(f"{loss} {kind}", loss_types=[loss], f_divergence_type=kind)
pairs("alpha 1", f_divergence_type="alpha_divergence", f_alpha_divergence_coef=1.0)
pairs("alpha 2", f_divergence_type="alpha_divergence", f_alpha_divergence_coef=2.0)
for loss in ["sigmoid", "aot", "sppo_hard", "ipo"]:
    pairs(f"{loss} ld_alpha", loss_types=[loss], ld_alpha=0.4)
for loss in ["sigmoid", "nca_pair"]:
    pairs(f"{loss} weighted", loss_types=[loss], use_weighting=True)
pairs("mixture", loss_types=["sigmoid", "bco_pair", "sft"], loss_weights=[0.8, 0.2, 1.0])
pairs("mixture ld_alpha", loss_types=["sigmoid", "sft"], loss_weights=[1.0, 0.5], ld_alpha=0.4)
pairs("beta 0.5", loss_types=["nca_pair"], beta=0.5)


def unreferenced(name, average, nll, function, **settings):
    policy = POLICY.clone().requires_grad_()
    sums = policy.sum(1) / (shifted.sum(1) if average else 1)
    loss = function(sums[:4], sums[4:])
    # The likelihood as both trainers have it over completions: the mean over all chosen tokens.
    loss = loss + nll * -(policy[:4].sum() / shifted[:4].sum())
    loss.backward()
    slopes = rows(policy.grad, LENGTHS)
    cases.append({"name": name, "loss_type": [name.split()[0]], "settings": settings, "loss": loss.item(),
                  "slopes": [[slopes[i], slopes[i + 4]] for i in range(4)], "metrics": {}})


def cpo(loss_type, beta=0.1, alpha=0.0, simpo_gamma=0.5, label_smoothing=0.0):
    this = SimpleNamespace(alpha=alpha, beta=beta, simpo_gamma=simpo_gamma, label_smoothing=label_smoothing,
                           loss_type=loss_type, accelerator=SimpleNamespace(device="cpu"))
    return lambda c, r: CPOTrainer.cpo_loss(this, c, r)[0].mean()


unreferenced("simpo", True, 0, cpo("simpo", beta=2.0, simpo_gamma=1.0), beta=2.0, simpo_gamma=1.0)
unreferenced("simpo smoothed", True, 0, cpo("simpo", label_smoothing=0.1), label_smoothing=0.1)
unreferenced("alphapo", True, 0, cpo("simpo", beta=2.5, alpha=0.25), beta=2.5, alpha=0.25)
unreferenced("alphapo negative", True, 0, cpo("simpo", beta=2.5, alpha=-0.5), beta=2.5, alpha=-0.5)
unreferenced("cpo", False, 1, cpo("sigmoid"))
unreferenced("cpo alone", False, 0, cpo("sigmoid", label_smoothing=0.2), label_smoothing=0.2, cpo_alpha=0.0)


def orpo(chosen, rejected):
    this = SimpleNamespace(beta=0.2, accelerator=SimpleNamespace(device="cpu"))
    return -ORPOTrainer.odds_ratio_loss(this, chosen, rejected)[0].mean()


unreferenced("orpo", True, 1, orpo, beta=0.2)

MISMATCHED, MISMATCHED_REFERENCE = draw(), draw()
LABELS = [True, False, False, True, True, False, True, True]
judgements = []
for name, shift, settings in [("kto", 0.0, {}), ("kto", 3.0, {"desirable_weight": 1.5, "undesirable_weight": 0.5}),
                              ("apo_zero_unpaired", 0.0, {})]:
    policy = POLICY.clone().requires_grad_()
    model = answers(policy)
    kl = [MISMATCHED.sum(1) + shift, MISMATCHED_REFERENCE.sum(1)]
    this = trainer(model=model, loss_type=name, calculate_KL=name == "kto",
                   desirable_weight=settings.get("desirable_weight", 1.0),
                   undesirable_weight=settings.get("undesirable_weight", 1.0),
                   _compute_kl_logps=lambda m, b: None if name != "kto" else kl[0] if m is model else kl[1])
    inputs = {"input_ids": torch.zeros_like(mask), "attention_mask": torch.ones_like(mask), "completion_mask": mask,
              "label": torch.tensor(LABELS)}
    loss = kto.KTOTrainer._compute_loss(this, model, inputs, False)
    loss.backward()
    judgements.append({"loss_type": name, "shift": shift, "settings": settings, "loss": loss.item(),
                       "slopes": rows(policy.grad, LENGTHS)})

document = {
    "policy": rows(POLICY, LENGTHS), "reference": rows(REFERENCE, LENGTHS), "concentration": rows(CONCENTRATION, LENGTHS),
    "mismatched": rows(MISMATCHED, LENGTHS), "mismatchedReference": rows(MISMATCHED_REFERENCE, LENGTHS),
    "labels": LABELS, "cases": cases, "judgements": judgements,
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "preferences.json"), "w") as file:
    json.dump(document, file, indent=0)
    file.write("\n")
print(len(cases), "cases,", len(judgements), "judgements")
