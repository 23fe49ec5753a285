"""Scores a checkpoint or a GGUF file: greedy decoding, calls really run by calculator.py.

The wordings of the held-out sets were never trained on (data/phrasings/FORMAT.md); a
problem counts as solved when a call was made and the answer contains the right number.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from tokenizers import Tokenizer

import phrasings
from calculator import calculate
from curriculum import Curriculum, Episode, assistant_text, numbers_in, result, segments, user
from model import Config, Model
from numerals import plain

HERE = Path(__file__).parent


def load(path):
    """The model of a `.pt` checkpoint or of a GGUF file (dequantised)."""
    if not str(path).endswith(".gguf"):
        state = torch.load(path, map_location="cpu")
        model = Model(Config(**state["config"]))
        model.load_state_dict(state["model"])
        return model.eval()
    import gguf

    from export import unpermute

    reader = gguf.GGUFReader(path)
    get = lambda key: reader.fields[f"llama.{key}"].contents()  # noqa: E731
    w = {t.name: torch.tensor(gguf.quants.dequantize(t.data, t.tensor_type)) for t in reader.tensors}
    config = Config(
        vocab_size=w["token_embd.weight"].shape[0], hidden_size=get("embedding_length"), layer_count=get("block_count"),
        head_count=get("attention.head_count"), kv_head_count=get("attention.head_count_kv"),
        feed_forward_size=get("feed_forward_length"), context_length=get("context_length"), rope_theta=get("rope.freq_base"),
    )
    state = {"embedding.weight": w["token_embd.weight"], "norm.weight": w["output_norm.weight"]}
    for i in range(config.layer_count):
        b, p = f"blk.{i}.", f"blocks.{i}."
        q = unpermute(w[b + "attn_q.weight"], config.head_count)
        k = unpermute(w[b + "attn_k.weight"], config.kv_head_count)
        state[p + "qkv.weight"] = torch.cat((q, k, w[b + "attn_v.weight"]))
        state[p + "gate_up.weight"] = torch.cat((w[b + "ffn_gate.weight"], w[b + "ffn_up.weight"]))
        for ours, theirs in (("attn_norm", "attn_norm"), ("ffn_norm", "ffn_norm"), ("out", "attn_output"), ("down", "ffn_down")):
            state[f"{p}{ours}.weight"] = w[f"{b}{theirs}.weight"]
    model = Model(config)
    model.load_state_dict(state)
    return model.eval()


class Runner:
    """Plays conversations: generates, runs calls, splices results, until an answer."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model, tokenizer
        self.end = tokenizer.token_to_id("<|im_end|>")

    def encode(self, messages):
        return [i for text, _ in segments(Episode("", messages)) for i in self.tokenizer.encode(text).ids]

    @torch.no_grad()
    def generate(self, prompts, limit=110):
        """Greedy continuations of a batch of left-padded prompts, without the end token."""
        model, c = self.model, self.model.config
        width = max(map(len, prompts))
        pad = torch.tensor([width - len(p) for p in prompts])
        tokens = torch.tensor([[0] * (width - len(p)) + p for p in prompts])
        caches = [[] for _ in range(c.layer_count)]
        out, live, start = [[] for _ in prompts], set(range(len(prompts))), 0
        while live and len(max(out, key=len)) < limit:
            time = tokens.shape[1]
            queries, keys = torch.arange(start, start + time)[:, None], torch.arange(start + time)[None]
            seen = (keys <= queries)[None] & (keys[None] >= pad[:, None, None]) | (keys == queries)[None]
            mask = torch.zeros(seen.shape).masked_fill_(~seen, float("-inf"))[:, None]
            hidden = model.hidden(tokens, mask, model.cos[start : start + time], model.sin[start : start + time], caches)
            best = model.logits(hidden[:, -1]).argmax(-1)
            start += time
            for i in list(live):
                if best[i] == self.end:
                    live.discard(i)
                else:
                    out[i].append(int(best[i]))
            tokens = best[:, None]
        return [self.tokenizer.decode(ids, skip_special_tokens=False) for ids in out]

    def play(self, conversations, rounds=5, batch=48):
        """Extends each list of messages in place up to its answer."""
        open_ = list(conversations)
        for _ in range(rounds):
            open_.sort(key=lambda m: len(str(m)))
            rest = []
            for i in range(0, len(open_), batch):
                part = open_[i : i + batch]
                for messages, text in zip(part, self.generate([self.encode(m) for m in part]), strict=True):
                    messages.append(parse(text))
                    for made in messages[-1]["tool_calls"]:
                        messages.append(result(calculate(str(made["arguments"].get("expression", "")))))
                    if messages[-1]["role"] == "tool":
                        rest.append(messages)
            open_ = rest


def parse(text):
    """A generated turn as a message; a malformed call leaves its text as content."""
    message = {"role": "assistant", "content": text, "reasoning": None, "tool_calls": []}
    head, mark, tail = text.partition("<tool_call>")
    if mark:
        try:
            made = json.loads(tail.split("</tool_call>")[0])
            message["tool_calls"] = [{"name": made["name"], "arguments": dict(made["arguments"])}]
        except (ValueError, KeyError, TypeError):
            return message
    if head.startswith("<think>"):
        message["reasoning"], _, head = head[7:].partition("</think>")
    message["content"] = head
    return message


def problems(files, draws):
    """(question, gold) from held-out wordings, each filled `draws` times."""
    rng, out = random.Random("evaluation"), []
    for entry in phrasings.load(files, held=True):
        for _ in range(draws):
            filled = phrasings.fill(entry, rng)
            if filled:
                out.append((filled[0], filled[1][-1][1]))
    return out


def trained_wordings(kind, n):
    curriculum = Curriculum({kind: 1.0})
    rng = random.Random("in distribution")
    episodes = [curriculum.episode(rng) for _ in range(n)]
    return [(next(m["content"] for m in e.messages if m["role"] == "user"), e.gold) for e in episodes]


def questions():
    with open(HERE / "data" / "questions.tsv", encoding="utf-8") as lines:
        return [tuple(line.rstrip("\n").split("\t")) for line in lines if line.strip()]


def from_file(path):
    """(question, gold) from JSON lines with `question` and a numeric `answer`."""
    with open(path, encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return [(e["question"], plain(float(e["answer"]))) for e in entries]


def solved(messages, gold):
    called = any(m["role"] == "tool" for m in messages)
    return called and gold in numbers_in(messages[-1]["content"])


def score(runner, name, asked, show):
    conversations = [[user(q)] for q, _ in asked]
    runner.play(conversations)
    if name == "direct":
        good = [not any(m["role"] == "tool" for m in c) and bool(c[-1]["content"]) for c in conversations]
    else:
        good = [solved(c, gold) for c, (_, gold) in zip(conversations, asked, strict=True)]
    print(f"{name:28} {100 * sum(good) / len(good):5.1f} %  n={len(good)}", flush=True)
    wrong = [(c, a) for c, a, ok in zip(conversations, asked, good, strict=True) if not ok]
    random.Random(0).shuffle(wrong)
    for c, (_, gold) in wrong[:show]:
        print("    WANT", gold, "|", " || ".join(assistant_text(m) if m["role"] == "assistant" else m["content"] for m in c))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", help="checkpoint.pt or a GGUF file")
    p.add_argument("--tokenizer", default=str(HERE / "tokenizer.json"))
    p.add_argument("--draws", type=int, default=3, help="fillings of each held-out wording")
    p.add_argument("--show", type=int, default=0, help="failures to print for each set")
    p.add_argument("--only", help="comma-separated names of sets")
    p.add_argument("--problems", help="JSON lines with question and answer, scored as one more set")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--ask", help="ask one question and print the conversation")
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    runner = Runner(load(args.model), Tokenizer.from_file(args.tokenizer))
    if args.ask:
        messages = [user(args.ask)]
        runner.play([messages])
        print("\n".join(assistant_text(m) if m["role"] == "assistant" else m["content"] for m in messages))
        return
    sets = {
        "questions": lambda: questions(),
        "calc": lambda: problems(phrasings.CALC, args.draws),
        "word_1step": lambda: problems(phrasings.ONE_STEP, args.draws),
        "word_2step": lambda: problems(phrasings.TWO_STEP, args.draws),
        "extra": lambda: problems(phrasings.EXTRA, args.draws),
        "direct": lambda: [(e["text"], e["answer"]) for e in phrasings.load(["direct"], held=True) if "{" not in e["text"]],
        "trained grammar": lambda: trained_wordings("arithmetic", 100),
        "trained stories": lambda: trained_wordings("story_1step", 60),
    }
    if args.problems:
        sets["problems"] = lambda: from_file(args.problems)
    for name, make in sets.items():
        if not args.only or name in args.only.split(","):
            score(runner, name, make(), args.show)


if __name__ == "__main__":
    main()
