"""Makes adapters.json: what PEFT 0.21.2's add_weighted_adapter (PyTorch 2.13 on a CPU) makes of three small adapters.

    python3 adapters.py

One linear layer of [5, 6], adapters of ranks 2, 2 and 3 with alphas 4, 2 and 6, drawn under seed 0; DARE's masks are given, drawn by the
same generator, and stand in the file.
"""
import json
import os

import torch
from peft import LoraConfig, get_peft_model

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(0)


class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.up_proj = torch.nn.Linear(6, 5, bias=False)

    def forward(self, x):
        return self.up_proj(x)


sizes = {"a": (2, 4), "b": (2, 2), "c": (3, 6)}
model = None
for name, (rank, alpha) in sizes.items():
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=["up_proj"], init_lora_weights=False)
    if model is None:
        model = get_peft_model(Small(), config, adapter_name=name)
    else:
        model.add_adapter(name, config)
layer = model.base_model.model.up_proj
adapters = {}
for name, (rank, alpha) in sizes.items():
    down, up = layer.lora_A[name].weight.data, layer.lora_B[name].weight.data
    down.normal_()
    up.normal_()
    adapters[name] = {"rank": rank, "alpha": alpha, "down": down.flatten().tolist(), "up": up.flatten().tolist()}

masks = []
original = torch.bernoulli


def recorded(probabilities):
    drawn = original(probabilities)
    masks.append(drawn.flatten().int().tolist())
    return drawn


torch.bernoulli = recorded
cases = []
plain = [("linear", "ab", {}), ("cat", "abc", {}), ("svd", "abc", {"svd_rank": 4})]
pruned = [(kind, "ab", {"density": 0.5}) for kind in ("ties", "dare_linear", "dare_ties", "magnitude_prune")]
full = [(kind + "_svd", "abc", {"density": 0.5, "svd_rank": 5}) for kind in ("ties", "dare_linear", "dare_ties", "magnitude_prune")]
counted = [("ties", "ab", {"density": 0.75, "majority_sign_method": "frequency"})]
for index, (kind, names, settings) in enumerate(plain + pruned + full + counted):
    masks.clear()
    weights = [0.7, -0.4, 0.3][: len(names)]
    combined = f"combined{index}"
    model.add_weighted_adapter(list(names), weights, combined, combination_type=kind, **settings)
    down, up = layer.lora_A[combined].weight.data, layer.lora_B[combined].weight.data
    cases.append({"kind": kind, "names": list(names), "weights": weights, "settings": settings, "masks": list(masks),
                  "scale": layer.scaling[combined], "product": (up @ down * layer.scaling[combined]).flatten().tolist()})
with open(os.path.join(here, "adapters.json"), "w") as file:
    json.dump({"adapters": adapters, "cases": cases}, file)
    file.write("\n")
