"""Says what math-verify 0.9 thinks of answers, right and wrong ones, in other writings.

    python3 math-verdicts.py DATA                          # writes math-verdicts.json
    python3 math-verdicts.py DATA COUNT FILE [damaged]     # writes COUNT rows for `kind: score`

DATA is a folder of JSON lists of {"answer"} (the MATH, AIME and AMC sets that come with Light-R1). Each of their answers stands beside
itself once; the others are rewritten at random (seed 20251121): half get another value, half another writing or two of what is the same,
half what people put around an answer. The verdict is of `\\boxed{…}` around both. With `damaged` a character of a rewritten answer is
then lost, doubled, put in or exchanged with the next, braces like any other, in half of the rows. FILE has JSON lines in the layout of
completions, so that `rewards: [{kind: math}]` can judge them, too.
Needs math-verify==0.9.0 with antlr4_13_2.
"""
import glob
import json
import os
import random
import re
import sys
from fractions import Fraction

from math_verify import parse, verify

draw = random.Random(20251121)
answers = sorted({str(row["answer"]).strip() for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.json")))
                  for row in json.load(open(path))} - {""})
fraction = re.compile(r"(-?)\\frac\{(\d+)\}\{(\d+)\}")


def sub(pattern, with_):
    return lambda a: re.sub(pattern, with_, a, count=1)


def other_digit(a):
    places = [m.start() for m in re.finditer(r"\d", a)]
    if not places:
        return a
    k = draw.choice(places)
    return a[:k] + draw.choice([c for c in "0123456789" if c != a[k]]) + a[k + 1:]


def scaled(a):
    m = fraction.fullmatch(a)
    k = draw.choice([2, 3, 5])
    return f"{m[1]}\\frac{{{int(m[2]) * k}}}{{{int(m[3]) * k}}}" if m else a


def decimal(a):
    m = fraction.fullmatch(a)
    if m and int(m[3]) and Fraction(str(int(m[2]) / int(m[3]))) == Fraction(int(m[2]), int(m[3])):
        return m[1] + str(int(m[2]) / int(m[3]))
    return a + ".0" if re.fullmatch(r"-?\d+", a) else a


def rounded(a):
    m = fraction.fullmatch(a)
    return f"{m[1]}{int(m[2]) / int(m[3]):.3f}" if m and int(m[3]) else a


def mixed(a):
    m = fraction.fullmatch(a)
    if not m or m[1] or int(m[2]) <= int(m[3]) or int(m[2]) % int(m[3]) == 0:
        return a
    return f"{int(m[2]) // int(m[3])}\\frac{{{int(m[2]) % int(m[3])}}}{{{m[3]}}}"


def swapped(a):
    m = re.fullmatch(r"\(([^(),]+),([^(),]+)\)", a)
    return f"({m[2].strip()},{m[1].strip()})" if m else a


def shuffled(a):
    parts = [part.strip() for part in a.split(",")]
    draw.shuffle(parts)
    return ", ".join(parts) if re.fullmatch(r"[^(){}\[\]]*(,[^(){}\[\]]*)+", a) else a


def number_with(words):
    return lambda a: a + draw.choice(words) if re.fullmatch(r"[\d.]+", a) else a


values = [
    other_digit, swapped, rounded, lambda a: a[1:] if a[0] == "-" else "-" + a, lambda a: draw.choice(answers),
    lambda a: a if re.search(r"[,=]|\\text", a) else a + " + 1", lambda a: a if re.search(r"[,=]|\\text", a) else "2" + a,
    sub(r"\+", "-"), sub(r"(?<=.)-", "+"), lambda a: a[:-1] + ("]" if a[-1] == ")" else a[-1]), sub(r"\\sqrt", ""),
    lambda a: re.sub(fraction, r"\1\\frac{\3}{\2}", a, count=1), lambda a: ", ".join(a.split(",")[:-1]) if a[-1].isdigit() and "," in a else a,
]
notations = [
    scaled, decimal, mixed, shuffled, lambda a: a.replace("\\frac", "\\dfrac"), sub(r"\\frac\{(-?\d+)\}\{(\d+)\}", r"\1/\2"),
    sub(r"\\frac\{(\d)\}\{(\d)\}", r"\\frac\1\2"), lambda a: re.sub(r"([+\-,=])", r" \1 ", a), sub(r"\^(\d)", r"^{\1}"),
    sub(r"\\sqrt\{(\d)\}", r"\\sqrt\1"), lambda a: f"{int(a):,}" if re.fullmatch(r"\d{4,}", a) else a,
    sub(r"^\\text\{(.*)\}$", r"\\mathrm{\1}"), sub(r"^([^-+()]+)\+([^-+()]+)$", r"\2 + \1"), lambda a: re.sub(r"\\(left|right)\b ?", "", a),
    lambda a: a if "\\left" in a else re.sub(r"^([(\[])(.*)([)\]])$", r"\\left\1 \2 \\right\3", a), lambda a: a.replace("pmatrix", "bmatrix"),
    lambda a: a.replace(" ", ""), sub(r"(\d)x", r"\1 \\cdot x"), sub(r"(\d)\\pi", r"\1 \\pi"),
]
wrappings = [
    lambda a: f"${a}$", number_with(["\\text{ cm}", " \\text{ units}", "\\text{ square feet}", " meters", "^\\circ", "\\%", "%"]),
    lambda a: "\\$" + a if re.fullmatch(r"[\d.,]+", a) else a, lambda a: a if re.search("[=,]", a) else "x = " + a,
    lambda a: f"({a})" if re.fullmatch(r"[^,=()]+", a) else a, lambda a: f" {a} ",
]


def rewritten(a):
    """Another value, another writing or two, and something around it, each half of the time."""
    chosen = [values] * draw.randrange(2) + [notations] * draw.randrange(3) + [wrappings] * draw.randrange(2)
    for ways in chosen:
        a = draw.choice(ways)(a) or a
    return a


def damaged(a):
    k, kind = draw.randrange(len(a)), draw.randrange(4)
    if kind == 0:
        return a[:k] + a[k + 1:]
    if kind == 1:
        return a[:k] + a[k] + a[k:]
    if kind == 2:
        return a[:k] + draw.choice("{}{}()[]\\^_.,$ -+=x0") + a[k:]
    return a[:k] + a[k + 1:k + 2] + a[k] + a[k + 2:]


count = int(sys.argv[2]) if len(sys.argv) > 2 else 800
damages = sys.argv[4:] == ["damaged"]
pairs = [(a, a) for a in answers] if count > len(answers) else []
seen = set(pairs)
while len(pairs) < count:
    expected = draw.choice(answers)
    given = rewritten(expected)
    if damages and draw.randrange(2) == 0:
        given = damaged(given)
    if given.strip() and (given, expected) not in seen:
        seen.add((given, expected))
        pairs.append((given, expected))
rows = []
for given, expected in pairs:
    sides = [parse("\\boxed{" + text + "}", parsing_timeout=None) for text in (expected, given)]
    rows.append([given, expected, bool(all(sides) and verify(*sides, timeout_seconds=None))])
if len(sys.argv) > 3:
    with open(sys.argv[3], "w") as file:
        for given, expected, verdict in rows:
            file.write(json.dumps({"prompt": "?", "answer": expected, "verdict": verdict, "completions": [
                {"text": "So it is \\boxed{" + given + "}.", "finish_reason": "stop", "tokens": [], "logprobs": []}]}) + "\n")
    sys.exit()
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "math-verdicts.json"), "w") as file:
    file.write("[" + ",\n".join(json.dumps(row) for row in rows) + "]\n")
