"""Episodes: conversations in the seed's dialect, with the loss mask of every piece.

An episode is a list of OpenAI-like messages plus the tools it may use; `segments` gives
its text as (text, trained) pairs in exactly the form of the chat template.
"""

import json
import re
from dataclasses import dataclass, field

import dialogue
import phrasings
from arithmetic import Arithmetic
from calculator import calculate
from stories import Stories

CALCULATOR = {"name": "calculator", "properties": ["expression"]}
MIX = {
    "arithmetic": 0.40, "calc": 0.13, "word_1step": 0.09, "extra": 0.10, "story_1step": 0.12, "word_2step": 0.02, "story_2step": 0.03,
    "direct": 0.06, "follow_up": 0.03, "faulty": 0.01, "repaired": 0.01, "toolless": 0.01,
}
OTHER_TOOLS = [
    ("search", ["query"]), ("read_file", ["path"]), ("write_file", ["path", "content"]), ("run_python", ["code"]), ("datetime", ["zone"]),
    ("fetch", ["url"]), ("translate", ["text", "language"]), ("weather", ["place"]), ("remember", ["note"]), ("list_files", ["folder"]),
]
SYSTEM_TEXTS = [
    "You are a helpful assistant.", "Be brief.", "You are Toolwright, a small local assistant.", "Answer in one sentence.",
    "Use the tools when they help.", "You are a careful bookkeeper.", "Today is a good day for numbers.", "Keep it short and kind.",
]


@dataclass
class Episode:
    """One conversation. `untrained` holds the indices of messages without loss (faulty calls)."""

    kind: str
    messages: list
    tools: list = field(default_factory=lambda: [CALCULATOR])
    gold: str | None = None
    untrained: tuple = ()


def user(text):
    return {"role": "user", "content": text}


def call(expression, reasoning=None):
    calls = [{"name": "calculator", "arguments": {"expression": expression}}]
    return {"role": "assistant", "content": "", "reasoning": reasoning, "tool_calls": calls}


def result(text):
    return {"role": "tool", "content": text}


def answer(text):
    return {"role": "assistant", "content": text, "reasoning": None, "tool_calls": []}


def segments(episode):
    """The episode's text as (text, trained) pairs."""
    out = []
    messages = list(episode.messages)
    system = messages.pop(0)["content"] if messages[0]["role"] == "system" else ""
    lines = [system] if system else []
    if episode.tools:
        lines.append("Tools: " + "; ".join(f"{t['name']}({', '.join(t['properties'])})" for t in episode.tools))
    if lines:
        out.append(("<|im_start|>system\n" + "\n".join(lines) + "<|im_end|>\n", False))
    offset = len(episode.messages) - len(messages)
    for i, m in enumerate(messages):
        if m["role"] == "user":
            out += [("<|im_start|>user\n", False), (m["content"], False), ("<|im_end|>\n<|im_start|>assistant\n", False)]
        elif m["role"] == "tool":
            out += [("<|im_start|>user\n<tool_response>", False), (m["content"], False), ("</tool_response><|im_end|>\n<|im_start|>assistant\n", False)]
        else:
            trained = i + offset not in episode.untrained
            last = i == len(messages) - 1
            out += [(assistant_text(m) + "<|im_end|>", trained), ("" if last else "\n", False)]
    return [s for s in out if s[0]]


def assistant_text(m):
    text = f"<think>{m['reasoning']}</think>" if m["reasoning"] else ""
    text += m["content"]
    for c in m["tool_calls"]:
        text += f"<tool_call>{json.dumps(c, ensure_ascii=False, separators=(',', ':'))}</tool_call>"
    return text


def finish(pattern, value):
    """Puts the result into an answer: `{r}` as it is, `{r2}` rounded to two places."""
    if "{r2}" in pattern:
        value = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return pattern.replace("{r2}", value).replace("{r}", value)


class Curriculum:
    """Draws episodes. It holds the training wordings only; it has no state of its own."""

    def __init__(self, mix=None):
        self.mix = mix or MIX
        self.entries = {
            "calc": phrasings.load(phrasings.CALC),
            "word_1step": phrasings.load(phrasings.ONE_STEP),
            "extra": phrasings.load(phrasings.EXTRA),
            "word_2step": phrasings.load(phrasings.TWO_STEP),
        }
        self.direct_pairs = dialogue.pairs()

    def episode(self, rng, copying=0.0):
        """The next episode; `copying` is the share of copy exercises."""
        while True:
            if rng.random() < copying:
                return self.copy(rng)
            kind = rng.choices(list(self.mix), list(self.mix.values()))[0]
            if kind in self.entries:
                made = self.written(kind, rng)
            elif kind.startswith("story"):
                made = self.story(kind, rng)
            else:
                made = getattr(self, kind)(rng)
            if made:
                return self.with_surroundings(made, rng)

    def with_surroundings(self, episode, rng):
        """Now and then a system text, or other tools beside the calculator."""
        if rng.random() < 0.03 and episode.tools:
            others = [{"name": n, "properties": p} for n, p in rng.sample(OTHER_TOOLS, rng.randint(1, 3))]
            episode.tools = rng.sample([CALCULATOR, *others], len(others) + 1)
        if rng.random() < 0.03 and episode.messages[0]["role"] != "system" and not episode.untrained:
            episode.messages.insert(0, {"role": "system", "content": rng.choice(SYSTEM_TEXTS)})
        return episode

    def written(self, kind, rng):
        filled = phrasings.fill(rng.choice(self.entries[kind]), rng)
        if not filled:
            return None
        question, calls, text = filled
        return self.conversation(kind, question, calls, text)

    def conversation(self, kind, question, calls, text):
        """Calls in order; where there are several, a short thought says which one comes."""
        messages = [user(question)]
        for i, (expression, value) in enumerate(calls):
            messages += [call(expression, f"step {i + 1} of {len(calls)}" if len(calls) > 1 else None), result(value)]
        return Episode(kind, [*messages, answer(text)], gold=calls[-1][1])

    def story(self, kind, rng):
        question, steps, pattern = Stories(rng).draw(1 if kind == "story_1step" else 2)
        calls = []
        for step in steps:
            if calls:
                step = step.replace("#1", phrasings.bracketed(calls[0][1]))
            value = calculate(step)
            if value.startswith("error") or len(value) > 14:
                return None
            calls.append((step, value))
        return self.conversation(kind, question, calls, finish(pattern, calls[-1][1]))

    def drawn(self, rng, longest=13):
        """(question, expression, value, pattern) of an arithmetic question that has a value."""
        for _ in range(50):
            question, expression, pattern = Arithmetic(rng).draw()
            value = calculate(expression)
            if value.startswith("error") or len(value) > 15:
                continue
            if len(value) > longest - 4 and "." in value and rng.random() < 0.85:
                continue
            return question, expression, value, pattern
        raise RuntimeError("the arithmetic grammar yields no valid question")

    def arithmetic(self, rng):
        question, expression, value, pattern = self.drawn(rng)
        return self.conversation("arithmetic", question, [(expression, value)], finish(pattern, value))

    def direct(self, rng):
        question, text = dialogue.draw(self.direct_pairs, rng)
        return Episode("direct", [user(question), answer(text)], gold=text)

    def follow_up(self, rng):
        """A second question about the first result, or small talk around a calculation."""
        question, expression, value, pattern = self.drawn(rng, 8)
        first = [user(question), call(expression), result(value), answer(finish(pattern, value))]
        if rng.random() < 0.25:
            q, a = dialogue.draw(self.direct_pairs, rng)
            pair = [user(q), answer(a)]
            return Episode("follow_up", first + pair if rng.random() < 0.5 else pair + first)
        q, tail, text = dialogue.follow_up(rng)
        base = phrasings.bracketed(value)
        second = tail.format(v=base)
        value2 = calculate(second)
        if value2.startswith("error") or len(value2) > 15:
            return None
        return Episode("follow_up", [*first, user(q), call(second), result(value2), answer(text.replace("{r}", value2))])

    def faulty(self, rng):
        """A question without a value: the reply says so honestly."""
        question, expression, text = dialogue.impossible(rng)
        why = calculate(expression).removeprefix("error: ")
        told = dialogue.complaint(why, expression, rng.choice([None, expression.find("/") + 1 or 0]), rng)
        return Episode("faulty", [user(question), call(expression), result(told), answer(text)])

    def repaired(self, rng):
        """A malformed call, the tool's complaint, and the corrected call. No loss on the mistake."""
        question, expression, value, pattern = self.drawn(rng, 10)
        broken, complaint = dialogue.break_expression(expression, rng)
        if broken is None:
            return None
        messages = [user(question), call(broken), result(complaint), call(expression), result(value), answer(finish(pattern, value))]
        return Episode("repaired", messages, untrained=(1,))

    def toolless(self, rng):
        """No tools: small talk goes on, tiny sums are answered, for others the calculator is missed."""
        k = rng.random()
        if k < 0.5:
            q, a = dialogue.draw(self.direct_pairs, rng)
        elif k < 0.8:
            q, a = dialogue.tiny_sum(rng)
        else:
            q, a = self.drawn(rng)[0], "I need a calculator for that, and none is available."
        return Episode("toolless", [user(q), answer(a)], tools=[])

    def copy(self, rng):
        """Exercises that teach copying early: repeat, reverse look-up, plain expressions."""
        q, a = dialogue.copy_exercise(rng)
        return Episode("copy", [user(q), answer(a)])


def sample_line(episode):
    """One line of data/episodes_sample.jsonl; empty fields are left out."""
    messages = [{k: v for k, v in m.items() if v or k == "content"} for m in episode.messages]
    tools = [{"name": t["name"], "parameters": {"type": "object", "properties": {p: {"type": "string"} for p in t["properties"]}}} for t in episode.tools]
    line = {"messages": messages, "tools": tools, "text": "".join(t for t, _ in segments(episode))}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def numbers_in(text):
    return re.findall(r"-?\d+(?:\.\d+)?", text.replace(",", ""))


def main():
    """Writes a sample of training episodes, one JSON object a line."""
    import argparse
    import random

    p = argparse.ArgumentParser(description=main.__doc__)
    p.add_argument("--sample", type=int, default=200)
    p.add_argument("--out", required=True)
    args = p.parse_args()
    curriculum, rng = Curriculum(), random.Random("sample")
    with open(args.out, "w", encoding="utf-8") as out:
        for _ in range(args.sample):
            print(sample_line(curriculum.episode(rng)), file=out)


if __name__ == "__main__":
    main()
