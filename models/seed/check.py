"""Checks what training and export rely on; prints what holds, fails on what does not.

    python check.py SHARDS TOKENIZER [checkpoint.pt]

1. In packed rows behind a shared head each sample has the logits that it has alone.
2. What is learnt is what the shard says, each target the token that follows; behind a call in mid-sentence the text behind it.
3. A checkpoint written as f32 GGUF and read back holds equal numbers.

That a sample is what a run would see is tested in crates/learn/tests/as_in_a_run.rs.
"""

import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer

from export import export, tensors
from model import Config, Model
from shards import Rows, Shard, head_of, most_common_head, special, targets


def alone(model, tokens):
    n = len(tokens)
    mask = torch.full((n, n), -1e4).triu(1)[None, None]
    with torch.no_grad():
        hidden, _ = model.hidden(torch.from_numpy(tokens)[None], mask, torch.arange(n)[None])
        return model.logits(hidden)[0]


def packing(shard, ids, vocabulary):
    torch.manual_seed(1)
    config = Config(vocab_size=vocabulary, hidden_size=64, layer_count=2, head_count=2, kv_head_count=1, feed_forward_size=96)
    model = Model(config).eval()
    head = most_common_head(shard.samples, ids).copy()
    rows = Rows(shard, head, ids, 2048, 3)
    n = len(head)
    head_mask = torch.full((n, n), -1e4).triu(1)[None, None]
    worst, seen = 0.0, 0
    for index in range(3):
        tokens, _, _, mask, positions = rows.tensors(index)
        with torch.no_grad():
            packed = model.logits(model(tokens, mask.float(), positions, torch.from_numpy(head)[None], head_mask, torch.arange(n)[None]))
        for r, row in enumerate(rows.batches[index]):
            at = 0
            for t, _, _, shared in row.pieces:
                whole = np.concatenate([head, t]) if shared else t
                own = alone(model, whole)[len(whole) - len(t) :]
                worst = max(worst, (packed[r, at : at + len(t)] - own).abs().max().item())
                at, seen = at + len(t), seen + 1
    assert seen > 10 and worst < 1e-3, (seen, worst)
    print(f"packed rows: {seen} samples, largest difference of logits {worst:.1e}; {rows.dropped} samples too long")


def learning(shard, ids):
    inline = 0
    for tokens, learned in shard.samples:
        following, flags = targets(tokens, learned, ids)
        plain = flags == learned[1:]
        assert (following[plain] == tokens[1:][plain]).all()
        for at in np.flatnonzero(~plain):
            assert tokens[at] == ids["call_close"] and flags[at] and following[at] != ids["end"], at
            inline += 1
    heads = sum(len(head_of(t, ids["start"], ids["end"])) > 0 for t, _ in shard.samples)
    print(f"targets: {len(shard.samples)} samples, {heads} with tools, {inline} calls in mid-sentence")


def round_trip(checkpoint, tokenizer):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "model.gguf"
        state = export(checkpoint, tokenizer, out, "f32")
        written = {t.name: t.data for t in gguf.GGUFReader(out).tensors}
        for name, array in tensors(state["model"], state["config"]):
            assert np.array_equal(np.asarray(written[name]).reshape(array.shape), array), name
    print(f"export: {len(written)} tensors read back as they were")


def main():
    tokenizer = Tokenizer.from_file(sys.argv[2])
    ids, shard = special(tokenizer), Shard(sys.argv[1], 0)
    learning(shard, ids)
    packing(shard, ids, tokenizer.get_vocab_size())
    if len(sys.argv) > 3:
        round_trip(sys.argv[3], sys.argv[2])


if __name__ == "__main__":
    main()
