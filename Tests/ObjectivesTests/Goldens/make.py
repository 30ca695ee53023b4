"""Makes peers.json: what TRL 1.16 and transformers 5.23 (PyTorch 2.13, float32, CPU) say of given log-probabilities.

    python3 make.py GOLDEN

GOLDEN is a folder with {sft,dpo,rm,grpo}.{json,safetensors}, each written by a script that runs one peer's own loss
function on a two-layer model of vocabulary 1024 and keeps the log-probabilities, the losses and d loss / d log-probability.
"""
import json
import os
import struct
import sys

source, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))


def tensors(name):
    """The tensors of a safetensors file but its gradients: {name: (shape, flat list)}."""
    data = open(os.path.join(source, name), "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header, result = json.loads(data[8:8 + size]), {}
    for key, entry in header.items():
        if key.startswith("grad.") or key == "__metadata__":
            continue
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        kind = {"F32": "f", "I32": "i"}[entry["dtype"]]
        result[key] = (entry["shape"], struct.unpack(f"<{(end - start) // 4}{kind}", data[start:end]))
    return result


def rows(tensor):
    (height, width), flat = tensor
    return [list(flat[i * width:(i + 1) * width]) for i in range(height)]


def numbers(name):
    return json.load(open(os.path.join(source, name)))


def keep(values, mask):
    return [value for value, kept in zip(values, mask) if kept]


t, n = tensors("sft.safetensors"), numbers("sft.json")
sft = {"logProbabilities": rows(t["token_logps"]),
       "isLearned": [[label != -100 for label in row[1:]] for row in rows(t["labels"])],
       "loss": n["loss"], "dynamicLoss": n["loss_dft"], "tokens": n["num_label_tokens"]}

t, n = tensors("dpo.safetensors"), numbers("dpo.json")
masks = [row[1:] for row in rows(t["completion_mask"])]
cut = lambda name: [keep(row, mask) for row, mask in zip(rows(t[name]), masks)]
names = ["sigmoid", "hinge", "ipo", "nca_pair", "sft"]
dpo = {"beta": n["beta"], "policy": cut("token_logps"), "reference": cut("ref_token_logps"),
       "losses": [{"name": name, "loss": n["losses"][name], "slopes": n["dloss_dlogps"][name]} for name in names],
       "sigmoidPlusHalfLikelihood": n["losses"]["sigmoid+0.5*sft"],
       "metrics": {k: v for k, v in n["metrics_sigmoid"].items() if k.startswith(("rewards/", "logps/"))}}

n = numbers("rm.json")
rm = {"scores": n["scores"], "margins": n["margin"], "loss": n["loss"], "lossWithMargins": n["loss_margin"],
      "lossCentered": n["loss_center_0.01"], "accuracy": n["accuracy"]}

t, n = tensors("grpo.safetensors"), numbers("grpo.json")
masks = rows(t["completion_mask"])
names = ["grpo", "bnpo", "dr_grpo", "dapo", "dapo100"]
grpo = {"epsilon": n["epsilon"], "maximumLength": n["max_completion_length"], "rewards": n["rewards"],
        "advantages": n["advantages"], "policy": cut("per_token_logps"), "old": cut("old_per_token_logps"),
        "reference": cut("ref_per_token_logps"),
        "cases": [{"aggregation": name.replace("100", ""), "tokens": 100 if name == "dapo100" else None, "beta": beta,
                   "loss": n["cases"][f"{name}_beta{beta}"]["loss"],
                   "metrics": {k: v for k, v in n["cases"][f"{name}_beta{beta}"]["metrics"].items() if k != "entropy"},
                   "slopes": cut(f"dlogps.{name}_beta{beta}")} for name in names for beta in (0.0, 0.04)]}

with open(os.path.join(here, "peers.json"), "w") as file:
    json.dump({"sft": sft, "dpo": dpo, "rm": rm, "grpo": grpo}, file, indent=0)
    file.write("\n")
