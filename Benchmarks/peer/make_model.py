"""Makes a model of SmolLM2-135M's shape with random weights and a tokenizer of words: make_model.py FOLDER.

Weights are bfloat16, as in the checkpoints that models are published in; the peer is told what to compute in. Speed and memory
depend on shape and type alone. The words `t4`, `t5`, ... are a token each, so that a text of n
words is a sequence of n tokens for every trainer.
"""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SIZE = 49152
ROLES = ["<pad>", "<s>", "</s>", "<unk>"]


def main(folder):
    torch.manual_seed(135)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=SIZE,
            hidden_size=576,
            intermediate_size=1536,
            num_hidden_layers=30,
            num_attention_heads=9,
            num_key_value_heads=3,
            max_position_embeddings=8192,
            rope_parameters={"rope_type": "default", "rope_theta": 100000.0},
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            # 1 / sqrt(576)
            initializer_range=0.041666666666666664,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
            dtype="bfloat16",
        )
    ).to(torch.bfloat16)
    model.save_pretrained(folder)
    words = {word: index for index, word in enumerate(ROLES)}
    words |= {f"t{index}": index for index in range(len(ROLES), SIZE)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=8192,
    ).save_pretrained(folder)
    print(f"{folder}: {sum(weights.numel() for weights in model.parameters()):,} weights")


if __name__ == "__main__":
    main(sys.argv[1])
