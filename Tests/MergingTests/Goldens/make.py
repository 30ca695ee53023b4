"""Makes peers.json: what mergekit 0.1.5 (float32, one thread, PyTorch 2.13 on a CPU) makes of a few small tensors.

    python3 make.py GOLDEN

GOLDEN is a folder with models/micro_{base,a,b,c}/model.safetensors and merge/<case>.safetensors, written by a script that runs
mergekit on those models with the configurations <case>.yml. Five tensors of the models are kept whole, as slerp needs them:
three norms of 32 and two projections of [16, 32].
"""
import json
import os
import re
import struct
import sys

source, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))


def tensors(path):
    data = open(os.path.join(source, path), "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    result = {}
    for key, entry in header.items():
        if key == "__metadata__":
            continue
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        result[key] = (entry["shape"], struct.unpack(f"<{(end - start) // 4}f", data[start:end]))
    return result


# a norm outside the layers, one inside, and a projection of each layer: [16, 32]
names = ["model.norm.weight", "model.layers.0.input_layernorm.weight",
         "model.layers.0.self_attn.k_proj.weight", "model.layers.1.self_attn.v_proj.weight"]
cases = ["linear", "linear_nonorm", "slerp", "slerp_gradient", "task_arithmetic", "task_arithmetic_lambda", "ties", "ties_lambda"]
stacked = ["model.layers.0.input_layernorm.weight", "model.layers.1.input_layernorm.weight", "model.layers.2.input_layernorm.weight"]

read = {m: tensors(f"models/micro_{m}/model.safetensors") for m in ("base", "a", "b", "c")}
models = {f"micro_{m}": {n: list(read[m][n][1]) for n in names + ["model.layers.1.input_layernorm.weight"]} for m in read}
shapes = {n: read["base"][n][0] for n in names + ["model.layers.1.input_layernorm.weight"]}
merged = {}
for case in cases + ["passthrough"]:
    result = tensors(f"merge/{case}.safetensors")
    merged[case] = {"yaml": open(os.path.join(source, f"merge/{case}.yml")).read(),
                    "tensors": {n: list(result[n][1]) for n in (stacked if case == "passthrough" else names)}}

with open(os.path.join(here, "peers.json"), "w") as file:
    text = json.dumps({"shapes": shapes, "models": models, "cases": merged})
    # Nine digits hold a float32 exactly.
    file.write(re.sub(r"-?\d+\.\d{9,}(e-?\d+)?", lambda m: f"{float(m.group(0)):.9g}", text) + "\n")
