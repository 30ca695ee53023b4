"""Writes the figures by which languages and sentences are told apart, as Swift tables.

    pip install langdetect==1.0.9 nltk==3.10.4     # and nltk's data package punkt_tab
    python instruction-figures.py FOLDER [TEXTS.json]

FOLDER is Sources/Rewards/InstructionFollowing. TEXTS.json is a list of English answers of language models: of Punkt's figures
on 20,000 words only those of the 1500 words that are the most frequent there are kept (any such texts will do). Without it only the
languages are written.

Languages: frequencies of letter groups in the profiles that langdetect 1.0.9 (Apache-2.0; N. Shuyo, 2010) holds, to a quarter of a
unit of their logarithm: of languages that share their letters with others all groups of at least 8e-5 (of most it holds no rarer ones),
of those that do not, and of Chinese and Japanese, the most frequent ones. Sentences: what Punkt (Kiss and Strunk, 2006) learnt of English from the Wall
Street Journal, as nltk 3.10.4's `punkt_tab` holds it.
"""
import collections, json, math, re, sys

import nltk
from langdetect import detector_factory

folder = sys.argv[1]
HEADER = "// Written by Tests/RewardsTests/Goldens/instruction-figures.py.\n\n"


def literal(text, indent):
    """A multi-line string literal without line ends, at most 100 columns wide."""
    width = 94 - indent
    lines, line, columns = [], "", 0
    for character in text:
        line += character
        columns += 2 if ord(character) > 0x2E7F else 1
        if columns >= width:
            lines.append(line)
            line, columns = "", 0
    lines.append(line)
    pad = " " * indent
    return '"""\n' + "\\\n".join(pad + line for line in lines if line) + f'\n{pad}"""'


# Languages.
detector_factory.init_factory()
factory = detector_factory._factory
frequencies = factory.word_lang_prob_map
CODES = sorted(factory.langlist)
GROUPS = {
    "RomanceGermanic": "af ca da de en es fr it nl no pt ro sv".split(),
    "OtherLatin": "cs cy et fi hr hu id lt lv pl sk sl so sq sw tl tr vi".split(),
    "OtherScripts": "ar bg bn el fa gu he hi ja kn ko mk ml mr ne pa ru ta te th uk ur zh-cn zh-tw".split(),
}
assert sorted(sum(GROUPS.values(), [])) == CODES
ALONE = "bn el gu he kn ko ml pa ta te th".split()  # nobody else writes these letters
MANY = "ja zh-cn zh-tw".split()


def capital(gram):
    bare = gram.strip(" ")
    return len(bare) == 1 and "A" <= bare <= "Z"


def profile(code):
    index = factory.langlist.index(code)
    grams = sorted(((p[index], gram) for gram, p in frequencies.items() if p[index] > 0),
                   key=lambda item: (-item[0], item[1]))
    if code in ALONE + MANY:
        pairs = 0 if code in ALONE else 75
        limits = {1: 250 if code in MANY else 80, 2: pairs, 3: 2 * pairs}
        kept = []
        for size, limit in limits.items():
            kept += [item for item in grams if len(item[1]) == size][:limit]
    else:
        kept = [item for item in grams if item[0] >= 8e-5]
    # A text in capitals shows only its words' first letters.
    kept += [item for item in grams if capital(item[1]) and item not in kept]
    groups = collections.defaultdict(list)
    for p, gram in kept:
        groups[round(-4 * math.log(p)), len(gram)].append(gram.replace(" ", "_"))
    return "|".join(f"{level:02}{size}" + "".join(groups[level, size]) for level, size in sorted(groups))


for name, codes in GROUPS.items():
    out = HEADER + "extension LanguageProfile {\n"
    out += f"  static let {name[0].lower() + name[1:]} = [\n"
    for code in codes:
        out += f'    LanguageProfile(\n      "{code}",\n      {literal(profile(code), 6)}),\n'
    open(f"{folder}/LanguageProfile+{name}.swift", "w").write(out + "  ]\n}\n")

# Sentences.
if len(sys.argv) < 3:
    sys.exit()
texts = json.load(open(sys.argv[2]))
parameters = nltk.data.load("nltk:tokenizers/punkt/english.pickle")._params
counts = collections.Counter(word for text in texts for word in re.findall(r"[^\W\d_]+", text.lower()))
frequent = [word for word, _ in counts.most_common(1500)]
ortho = parameters.ortho_context
LOWER, INNER_UPPER = 16 | 32 | 64, 4
common = sorted(w for w in frequent if ortho[w] & LOWER and not ortho[w] & INNER_UPPER)
both = sorted(w for w in frequent if ortho[w] & LOWER and ortho[w] & INNER_UPPER)


def table(name, comment, words):
    text = literal(" ".join(words), 4)
    return f"  /// {comment}\n  static let {name} = words(\n    {text})\n\n"


out = HEADER + "extension SentenceFigures {\n"
out += table("abbreviations", "What may end in a full stop within a sentence.", sorted(parameters.abbrev_types))
out += table("starters", "Capitalized, they begin a sentence even behind an abbreviation.", sorted(parameters.sent_starters))
pairs = sorted(parameters.collocations)
out += table("collocationList", "A word before a full stop and the word behind it that belongs to it, in turn.", [w for pair in pairs for w in pair]).replace("words(", "wordList(")
out += table("commonWords", "Words that are in capitals at a sentence's beginning only.", common)
out += table("ambiguousWords", "Words that are in lower case somewhere, and within a sentence also in capitals.", both)
open(f"{folder}/SentenceFigures+Words.swift", "w").write(out.rstrip("\n") + "\n}\n")
