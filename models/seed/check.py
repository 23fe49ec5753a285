"""Checks what training and export rely on; prints what holds, fails on what does not.

    python check.py [checkpoint.pt]

1. chat_template.jinja renders every episode to exactly the training text.
2. Encoding piece by piece, as the runtime does, gives the tokens of the whole text.
3. A packed row with the shared system block gives each episode its own logits.
4. A checkpoint written as f32 GGUF and read back gives equal logits.
"""

import json
import random
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

import jinja2
import torch
from tokenizers import Tokenizer

from curriculum import Curriculum, sample_line, segments
from evaluate import load
from export import export
from model import Config, Model
from train import Batches, Row, packed_mask

HERE = Path(__file__).parent


def causal_logits(model, ids):
    time = len(ids)
    mask = torch.full((1, 1, time, time), float("-inf")).triu(1)
    return model.logits(model.hidden(torch.tensor([ids]), mask))[0]


def check_template(curriculum, rng):
    environment = jinja2.Environment()
    environment.filters["tojson"] = lambda x: json.dumps(x, ensure_ascii=False)
    template = environment.from_string((HERE / "chat_template.jinja").read_text(encoding="utf-8").strip())
    for _ in range(2000):
        episode = curriculum.episode(rng, 0.02)
        line = json.loads(sample_line(episode))
        functions = [{"type": "function", "function": t} for t in line["tools"]]
        assert template.render(messages=line["messages"], tools=line["tools"]) == line["text"]
        prompt = template.render(messages=line["messages"][:-1], tools=functions, add_generation_prompt=True)
        assert line["text"].startswith(prompt), (line["text"], prompt)
    print("template: 2000 episodes equal")


def check_pieces(curriculum, tokenizer, rng):
    for _ in range(2000):
        pieces = [t for t, _ in segments(curriculum.episode(rng))]
        apart = [i for t in pieces for i in tokenizer.encode(t).ids]
        assert apart == tokenizer.encode("".join(pieces)).ids
    print("tokens: 2000 episodes equal piece by piece")


def check_packing(model, tokenizer, rng):
    batches = Batches(tokenizer, Namespace(seed=1, batch=1, copying=0.0, copy_until=0.0))
    row, episodes = Row(batches.prefix), []
    for _ in range(40):
        document = batches.encode(batches.curriculum.episode(rng))
        if row.fits(document):
            episodes.append((len(row.tokens), document))
            row.add(document)
    tokens, documents, positions = (torch.tensor([row.padded(k)]) for k in ("tokens", "documents", "positions"))
    hidden = model.hidden(tokens, packed_mask(documents), model.cos[positions][:, None], model.sin[positions][:, None])
    packed, worst = model.logits(hidden)[0], 0.0
    for start, (ids, _, shared) in episodes:
        head = batches.prefix if shared else []
        alone = causal_logits(model, head + ids)[len(head) : -1]
        worst = max(worst, (alone - packed[start : start + len(ids) - 1]).abs().max().item())
    assert worst < 1e-3, worst
    print(f"packing: {len(episodes)} episodes in a row, largest difference of a logit {worst:.1e}")


def check_export(checkpoint, model, ids):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.gguf"
        export(checkpoint, HERE / "tokenizer.json", path, "f32")
        worst = (causal_logits(load(path), ids) - causal_logits(model, ids)).abs().max().item()
    assert worst == 0.0, worst
    print("export: f32 GGUF gives equal logits")


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    curriculum, rng = Curriculum(), random.Random("check")
    tokenizer = Tokenizer.from_file(str(HERE / "tokenizer.json"))
    model = load(sys.argv[1]) if len(sys.argv) > 1 else Model(Config(vocab_size=tokenizer.get_vocab_size())).eval()
    check_template(curriculum, rng)
    check_pieces(curriculum, tokenizer, rng)
    check_packing(model, tokenizer, rng)
    if len(sys.argv) > 1:
        check_export(sys.argv[1], model, tokenizer.encode("<|im_start|>user\nWhat is 17.5% of 2,480?<|im_end|>\n").ids)


if __name__ == "__main__":
    main()
