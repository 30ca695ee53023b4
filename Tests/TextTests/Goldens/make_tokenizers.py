"""Writes tokenizers.json: small vocabularies trained on the text below, and what `tokenizers` encodes.

Run: python3 make_tokenizers.py   (needs tokenizers; made with the version written into the file)
"""
import json
import os
import tokenizers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

TEXT = """The lamp in the old harbour burned all night, and the fishermen counted its flashes.
One flash meant calm water; two flashes meant that they'd better stay at home.
Nobody remembered who'd lit it first. "It's always been there," they'll tell you.
港口的旧灯整夜亮着，渔夫们数着它的闪光。一闪表示水面平静，两闪表示最好留在家里。
没有人记得是谁第一个点亮了它。他们会告诉你：“它一直都在那里。”
def count(flashes):
    return sum(1 for f in flashes if f > 0)
In 1907 the keeper wrote 365 entries, 12 of them about fog.
""".split("\n")

CASES = TEXT + [
    "", " ", "  two  spaces ", "\n\n\n", "tab\tand\r\nreturn", "12345 6.78", "I'M SHE'LL it's",
    "e\u0301 and \u00e9", "👩‍🚀🚀 \u200b zero", "灯塔 lighthouse 灯", "<|im_end|> is text <|im_start|>",
    "<think>hm</think>", "a" * 100, "的" * 50, "x\u3000y\u00a0z", "\u1100\u1161\u11a8 가",
    " <think> spaced </think> ", "ſ's 'ſ",
]

WORDS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def trained(tokenizer, size, **options):
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, **options)
    tokenizer.train_from_iterator(TEXT, trainer)
    return tokenizer


def chat(tokenizer):
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([tokenizers.AddedToken("<think>", normalized=False),
                          tokenizers.AddedToken("</think>", normalized=False, rstrip=True)])
    return tokenizer


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(WORDS), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    return chat(trained(tokenizer, 400, initial_alphabet=alphabet))


def byte_fallback():
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    bytes_ = ["<0x%02X>" % value for value in range(256)]
    return chat(trained(tokenizer, 400, special_tokens=["<unk>"] + bytes_, limit_alphabet=60))


def metaspace():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.Punctuation("isolated"),
        pre_tokenizers.Metaspace(prepend_scheme="first")])
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    return trained(tokenizer, 160, special_tokens=["<unk>"])


def words():
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(
        TEXT, trainers.WordLevelTrainer(vocab_size=60, special_tokens=["<unk>"], show_progress=False))
    return tokenizer


def main():
    result = {"tokenizers": tokenizers.__version__, "vocabularies": []}
    for make in (byte_level, byte_fallback, metaspace, words):
        tokenizer = make()
        # In byte_fallback the trainer made the 256 byte tokens special; text never spells them here.
        tokenizer.encode_special_tokens = True
        cases = [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids}
                 for text in CASES]
        for case in cases:
            case["decoded"] = tokenizer.decode(case["ids"], skip_special_tokens=False)
        result["vocabularies"].append({
            "name": make.__name__, "file": json.loads(tokenizer.to_str()), "cases": cases})
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tokenizers.json")
    with open(path, "w") as file:
        json.dump(result, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


main()
