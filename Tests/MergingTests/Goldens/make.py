"""Makes peers.safetensors and peers.json: what mergekit 0.1.5 (float32, one thread, PyTorch 2.13 on a CPU) makes of a few small tensors.

    python3 make.py GOLDEN

GOLDEN is a folder with models/micro_{base,a,b,c}/model.safetensors and merge/<case>.{yml,safetensors,masks.safetensors}, written by a
script that runs mergekit on those models with the configurations <case>.yml, and keeps the masks that it draws. Tensors are kept
whole, as slerp and the trimming methods need them: a norm of 32 outside the layers and a projection of [16, 32]; another of the last
layer for the gradient over depth, norms for the stacking of layers. peers.json has the configurations.
"""
import json
import os
import struct
import sys

source, here = sys.argv[1], os.path.dirname(os.path.abspath(__file__))
norm, first, last = "model.norm.weight", "model.layers.0.self_attn.k_proj.weight", "model.layers.1.self_attn.v_proj.weight"
inner = "model.layers.{}.input_layernorm.weight"
folders = {"micro_base": "base", "micro_a": "a", "micro_b": "b", "micro_c": "c"}


def tensors(path):
    """Of a safetensors file: name → (type, shape, bytes)."""
    data = open(os.path.join(source, path), "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: (entry["dtype"], entry["shape"], data[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]])
            for name, entry in header.items()}


kept, configurations = {}, {}
for model, short in folders.items():
    found = tensors(f"models/{model}/model.safetensors")
    for name in [norm, first, last, inner.format(0), inner.format(1)]:
        kept[f"models/{model}/{name}"] = found[name]
for file in sorted(os.listdir(os.path.join(source, "merge"))):
    case, ending = os.path.splitext(file)
    if ending != ".yml":
        continue
    configurations[case] = open(os.path.join(source, "merge", file)).read()
    found = tensors(f"merge/{case}.safetensors")
    names = [norm, first] + ([last] if case == "slerp_gradient" else [])
    if case == "passthrough":
        names = [inner.format(0), inner.format(1), inner.format(2)]
    for name in names:
        kept[f"cases/{case}/{name}"] = found[name]
    if os.path.exists(os.path.join(source, f"merge/{case}.masks.safetensors")):
        masks = tensors(f"merge/{case}.masks.safetensors")
        for name in names:
            for model, short in folders.items():
                if short != "base":
                    kept[f"masks/{case}/{model}/{name}"] = masks[f"{name}.{short}"]

header, data = {}, b""
for name in sorted(kept, key=lambda n: (kept[n][0] == "U8", n)):
    kind, shape, values = kept[name]
    header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
    data += values
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(os.path.join(here, "peers.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
with open(os.path.join(here, "peers.json"), "w") as file:
    json.dump(configurations, file, indent=1)
    file.write("\n")
