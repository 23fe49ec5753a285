"""Reads the hand-written wordings of data/phrasings and fills their slots."""

import hashlib
import json
import math
import re
from pathlib import Path

from calculator import calculate
from names import entities
from numerals import plain, shown

FOLDER = Path(__file__).parent / "data" / "phrasings"
CALC, ONE_STEP, TWO_STEP = ["calc"], ["word_1step"], ["word_2step_a", "word_2step_b"]
EXTRA = ["extra_calc", "extra_word"]
OPENERS = ["Hi! ", "Please help: ", "Question: ", "hey, ", "Can you work this out? ", "Quick one: ", "Maths: "]


def held_out(text):
    """The hold-out rule of FORMAT.md: about one wording in eight is never trained on."""
    return hashlib.sha256(text.encode()).hexdigest()[0] in "01"


def load(files, held=False):
    entries = []
    for name in files:
        with open(FOLDER / f"{name}.jsonl", encoding="utf-8") as lines:
            entries += [json.loads(line) for line in lines]
    return [e for e in entries if held_out(e["text"]) == held]


def draw(spec, rng):
    if isinstance(spec, list):
        return rng.choice(spec)
    kind, _, span = spec.partition(" ")
    if kind == "pct":
        return rng.randint(5, 95)
    if kind == "year":
        return rng.randint(1700, 2030)
    low, high = (float(x) for x in span.split(".."))
    if kind == "int":
        return rng.randint(int(low), int(high))
    return round(rng.uniform(low, high), rng.choice([1, 2, 2]))


def slot_values(entry, rng):
    """Values that fulfil the entry's condition, or None."""
    for _ in range(80):
        values = {k: draw(s, rng) for k, s in entry["slots"].items()}
        where = entry.get("where")
        if not where or eval(where, {"__builtins__": {}, "min": min, "max": max}, dict(values)):
            return values
    return None


def one_form(step):
    """Equal percentage forms in one spelling, so that a wording decides the expression."""
    name = r"(#\d|[A-Za-z]\w*)"
    step = step.replace(" ", "")
    step = re.sub(rf"\(1([-+]){name}/100\)(?!\*\*)", r"(100\1\2)/100", step)
    step = re.sub(rf"^{name}([-+])\1\*{name}/100$", r"\1*(100\2\3)/100", step)
    step = re.sub(rf"^(\([^()]*\)|{name})\*100/{name}$", r"\1/\3*100", step)
    step = re.sub(rf"^100\*{name}/{name}$", r"\1/\2*100", step)
    return re.sub(rf"^{name}/100\*{name}$", r"\1*\2/100", step)


def expression(step, values, results):
    """A step of an entry as the plain expression of a calculator call."""
    step = one_form(step)
    text = re.sub(r"#(\d+)", lambda m: bracketed(results[int(m[1]) - 1]), step)
    text = re.sub(r"[A-Za-z_]\w*", lambda m: m[0] if m[0] == "sqrt" else plain(values[m[0]]), text)
    return text.replace("**", "^")


def bracketed(result):
    return f"({result})" if result.startswith("-") else result


def fill(entry, rng):
    """(question, [(expression, result)…], answer), or None where this draw does not work out."""
    values = slot_values(entry, rng)
    if values is None:
        return None
    calls = []
    for step in entry["steps"]:
        text = expression(step, values, [r for _, r in calls])
        result = calculate(text)
        if result.startswith("error") or len(result) > (14 if rng.random() < 0.1 else 8):
            return None
        calls.append((text, result))
    fillers = entities(rng)
    spell, commas = (0.08 if rng.random() < 0.25 else 0.0), (1.0 if rng.random() < 0.25 else 0.0)
    surface = {}
    for k, v in values.items():
        text = plain(v)
        if isinstance(v, float) and not math.isclose(v, int(v)) and rng.random() < 0.3:
            text = f"{v:.2f}"
        year = entry["slots"][k] == "year" or (1500 < v < 2100 and re.search(r"\b([Ii]n|[Ss]ince|[Ff]rom) \{" + k, entry["text"]))
        code = re.search(r"\w\(\{" + k + r"\}", entry["text"])
        surface[k] = text if year or code else shown(text, rng, spell, commas)

    def put(text):
        return re.sub(r"\{([^{}]*)\}", lambda m: calls[-1][1] if m[1] == "=" else surface.get(m[1]) or fillers.get(m[1], m[0]), text)

    question = put(entry["text"])
    if rng.random() < 0.1:
        question = question.lower()
    if rng.random() < 0.06:
        question = rng.choice(OPENERS) + question
    return question, calls, put(entry["answer"])
