"""Makes the goldens of TransformersTests, GenerationTests and TrainingTests.

    python make.py <reference numbers>

The argument is a folder of PyTorch 2.13 / transformers 5.23 / TRL 1.16 / PEFT 0.21 results in float32 (one thread, fixed
seeds): tiny models and, as safetensors and JSON, the logits, losses, gradients and AdamW trajectories they give. From each
tensor of gradients come its norm and 64 of its entries that are not zero, evenly spread; of logits and weights 64 evenly
spread entries. `rotary.json` is computed here by transformers itself, which must be importable.
"""
import array
import json
import math
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(os.path.dirname(HERE))
SOURCE = sys.argv[1]
SAMPLES = 64


def read(path):
    """The tensors of a safetensors file: name to (type, shape, bytes)."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    return {name: (entry["dtype"], entry["shape"], data[slice(*entry["data_offsets"])])
            for name, entry in header.items() if name != "__metadata__"}


def numbers(tensor):
    return array.array({"F32": "f", "I32": "i"}[tensor[0]], tensor[2])


def rows(tensor):
    values, width = numbers(tensor).tolist(), tensor[1][-1]
    return [values[start:start + width] for start in range(0, len(values), width)]


def write_weights(path, tensors):
    header, data = {}, b""
    for name in sorted(tensors):
        kind, shape, content = tensors[name]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_json(path, value):
    with open(path, "w") as file:
        json.dump(value, file, separators=(",", ":"), sort_keys=True)
        file.write("\n")


def short(value):
    """A float32 in the nine digits that give it back."""
    return float("%.9g" % value)


def spread(places):
    count = min(SAMPLES, len(places))
    return [places[index * (len(places) - 1) // max(count - 1, 1)] for index in range(count)]


def sample(tensor, only_filled=False):
    values = numbers(tensor)
    filled = [index for index, value in enumerate(values) if value != 0] if only_filled else range(len(values))
    places = spread(filled)
    return {"norm": math.sqrt(sum(float(value) ** 2 for value in values)), "places": places,
            "values": [short(values[place]) for place in places]}


def gradients(tensors, mark="grad."):
    return {name[len(mark):]: sample(tensor, only_filled=True) for name, tensor in tensors.items() if name.startswith(mark)}


def unpadded(tensors, name="input_ids"):
    return [[token for token, kept in zip(*pair) if kept] for pair in zip(rows(tensors[name]), rows(tensors["attention_mask"]))]


def load(name):
    with open(f"{SOURCE}/{name}.json") as file:
        return json.load(file)


def models():
    for name in ["tiny", "tiny_ref", "tiny_rm"]:
        write_weights(f"{HERE}/{name}/model.safetensors", read(f"{SOURCE}/models/{name}/model.safetensors"))
        source = load(f"models/{name}/config")
        kept = ["architectures", "model_type", "hidden_act", "hidden_size", "intermediate_size", "max_position_embeddings",
                "num_attention_heads", "num_hidden_layers", "num_key_value_heads", "rms_norm_eps", "rope_parameters",
                "tie_word_embeddings", "vocab_size"]
        write_json(f"{HERE}/{name}/config.json", {key: source[key] for key in kept})
    write_weights(f"{HERE}/adapter/adapter_model.safetensors", read(f"{SOURCE}/lora_adapter/adapter_model.safetensors"))


def supervised():
    tensors, facts = read(f"{SOURCE}/sft.safetensors"), load("sft")
    labels = rows(tensors["labels"])
    return {"tokens": unpadded(tensors),
            "targets": [[place for place, label in enumerate(row) if place and label != -100] for row in labels],
            "loss": facts["loss"], "entropy": facts["mean_entropy"], "gradients": gradients(tensors)}


def preference():
    tensors, facts = read(f"{SOURCE}/dpo.safetensors"), load("dpo")
    tokens, masks = unpadded(tensors), rows(tensors["completion_mask"])
    return {"tokens": tokens, "targets": [[place for place, kept in enumerate(row) if kept] for row in masks],
            "beta": facts["beta"], "loss": facts["losses"]["sigmoid"], "sums": facts["logps"],
            "referenceSums": facts["ref_logps"], "gradients": gradients(tensors)}


def forward():
    tensors = read(f"{SOURCE}/forward.safetensors")
    logits, width = numbers(tensors["logits"]), tensors["logits"][1][-1]
    length = tensors["logits"][1][1]
    tokens = unpadded(tensors)
    samples = []
    for row, sequence in enumerate(tokens):
        for position in range(len(sequence)):
            start = (row * length + position) * width
            places = list(range((position * 7) % 64, width, 64))
            samples.append({"row": row, "position": position, "places": places,
                            "values": [short(logits[start + place]) for place in places]})
    return {"tokens": tokens, "samples": samples}


def adapter():
    tensors, facts = read(f"{SOURCE}/lora.safetensors"), load("lora")
    return {"rank": facts["r"], "alpha": facts["alpha"], "loss": facts["loss"], "gradients": gradients(tensors)}


def reward():
    tensors, facts = read(f"{SOURCE}/rm.safetensors"), load("rm")
    return {"scores": facts["scores"], "loss": facts["loss"], "gradients": gradients(tensors)}


def policy_gradient():
    tensors, facts = read(f"{SOURCE}/grpo.safetensors"), load("grpo")
    masks = rows(tensors["completion_mask"])

    def kept(name, mask=masks, digest=lambda value: value):
        return [[digest(value) for value, kept in zip(*pair) if kept] for pair in zip(rows(tensors[name]), mask)]

    return {"prompts": kept("prompt_ids", rows(tensors["prompt_mask"])), "completions": kept("completion_ids"),
            "advantages": [short(value) for value in numbers(tensors["advantages"])], "longest": facts["max_completion_length"],
            "old": kept("old_per_token_logps", digest=short), "reference": kept("ref_per_token_logps", digest=short),
            "cases": [{"loss": name.split("_beta")[0], "beta": float(name.split("_beta")[1]), "value": case["loss"],
                       "norm": case["grad_norm"]} for name, case in facts["cases"].items() if not name.startswith("dapo100")],
            "gradients": {name: gradients(read(f"{SOURCE}/grpo_grad_{name}.safetensors"), mark="")
                          for name in ["grpo_beta0.0", "dapo_beta0.04"]}}


def greedy():
    tensors, facts = read(f"{SOURCE}/generate.safetensors"), load("generate")
    return {"prompts": unpadded(tensors), "completions": facts["new_tokens"], "sums": facts["sum_logp"]}


def trajectory():
    facts = load("adamw")
    for step in facts["steps"]:
        tensors = read(f"{SOURCE}/adamw_step{step['step']}.safetensors")
        step["weights"] = {name: sample(tensor) for name, tensor in tensors.items()}
    return {"steps": facts["steps"], "weightDecay": facts["weight_decay"]}


def rotary():
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding
    cases = []
    for parameters in [
            {"rope_type": "default", "rope_theta": 10000.0},
            {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0},
            {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
             "original_max_position_embeddings": 8192},
            {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
             "original_max_position_embeddings": 8192}]:
        config = LlamaConfig(hidden_size=512, num_attention_heads=4, rope_parameters=dict(parameters),
                             max_position_embeddings=131072)
        frequencies = LlamaRotaryEmbedding(config).inv_freq
        cases.append({"parameters": parameters, "headDimension": 128, "frequencies": [short(value) for value in frequencies.tolist()]})
    assert "llama3" in ROPE_INIT_FUNCTIONS
    return cases


models()
write_json(f"{HERE}/tiny.json", {"forward": forward(), "supervised": supervised(), "preference": preference(),
                                 "adapter": adapter(), "reward": reward()})
write_json(f"{HERE}/rotary.json", rotary())
write_json(f"{TESTS}/GenerationTests/Goldens/greedy.json", greedy())
write_json(f"{TESTS}/TrainingTests/Goldens/adamw.json", trajectory())
write_json(f"{TESTS}/TrainingTests/Goldens/policy-gradient.json", policy_gradient())
