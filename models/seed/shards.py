"""Reads what `cargo run --release -p toolwright-learn -- shards` wrote, and packs it into rows.

A sample is a whole conversation. Most begin with the same list of tools; that head is read
once for a whole batch, and its samples attend to it, with positions counted on from it: the
same mathematics as a copy in front of each, for far fewer tokens.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import torch

LEARNED = 1 << 15
WIDTHS = (256, 512, 1024)
IGNORED = -1


class Shard:
    """The samples of one shard: token ids and flags."""

    def __init__(self, folder, number):
        stem = Path(folder) / f"shard-{number:05}"
        words = np.fromfile(f"{stem}.tokens", dtype="<u2")
        ends = np.cumsum(np.fromfile(f"{stem}.lengths", dtype="<u4"))
        tokens, learned = (words & (LEARNED - 1)).astype(np.int64), words >= LEARNED
        self.samples = list(zip(np.split(tokens, ends[:-1]), np.split(learned, ends[:-1]), strict=True))

    @staticmethod
    def count(folder):
        return len(list(Path(folder).glob("shard-*.lengths")))


def special(tokenizer):
    """Ids of the tokens that rows are packed by."""
    ids = {"start": "<|im_start|>", "end": "<|im_end|>", "call_close": "</tool_call>"}
    ids = {name: tokenizer.token_to_id(text) for name, text in ids.items()}
    ids["system"] = tokenizer.encode("<|im_start|>system").ids[1]
    return ids


def head_of(tokens, start, end):
    """The system block of a sample, or nothing."""
    if tokens[0] != start or tokens[3] == end:
        return tokens[:0]
    at = int(np.argmax(tokens == end))
    return tokens[: at + 1]


def most_common_head(samples, ids):
    heads = Counter(head_of(t, ids["start"], ids["end"]).tobytes() for t, _ in samples if t[1] == ids["system"])
    return np.frombuffer(heads.most_common(1)[0][0], dtype=np.int64)


def targets(tokens, learned, ids):
    """For each position the next token and whether it is learnt. Behind a call in the middle of
    a sentence the runtime looks ahead for text before it puts the result in, so there the
    text behind the result is what comes next."""
    following, flags = tokens[1:].copy(), learned[1:].copy()
    for at in np.flatnonzero((tokens[:-1] == ids["call_close"]) & learned[:-1] & ~learned[1:]):
        rest = np.flatnonzero(learned[at + 1 :])
        if len(rest):
            following[at], flags[at] = tokens[at + 1 + rest[0]], True
    return following, flags


class Rows:
    """All samples of a shard in rows of some widths, in an order that `seed` decides."""

    def __init__(self, shard, head, ids, batch_tokens, seed):
        self.head, self.width_rows = head, {width: [] for width in WIDTHS}
        self.dropped = 0
        rng = np.random.default_rng(seed)
        open_rows = {width: [] for width in WIDTHS}
        for at in rng.permutation(len(shard.samples)):
            tokens, learned = shard.samples[at]
            following, flags = targets(tokens, learned, ids)
            shared = len(tokens) > len(head) and np.array_equal(tokens[: len(head)], head)
            skip = len(head) if shared else 0
            piece = (tokens[skip:-1], following[skip:], flags[skip:], shared)
            width = next((w for w in WIDTHS if len(piece[0]) <= w), None)
            if width is None:
                self.dropped += 1
                continue
            rows = open_rows[width]
            row = next((r for r in rows if r.used + len(piece[0]) <= width), None)
            if row is None:
                row = Row(width)
                self.width_rows[width].append(row)
                rows.append(row)
                # Old rows are nearly full: nothing is won by trying them for ever.
                if len(rows) > 24:
                    rows.remove(max(rows, key=lambda r: r.used))
            row.add(piece)
        self.batches = []
        for width, rows in self.width_rows.items():
            size = max(1, batch_tokens // width)
            # The last, smaller batch would be another shape: its rows are filled up with others.
            for start in range(0, len(rows), size):
                batch = rows[start : start + size]
                if len(batch) < size:
                    batch = batch + rows[: size - len(batch)]
                if len(batch) == size:
                    self.batches.append(batch)
        rng.shuffle(self.batches)

    def tensors(self, index):
        """Tokens, targets, flags, additive mask, positions of a batch."""
        rows, head = self.batches[index], len(self.head)
        width = rows[0].width
        tokens = np.zeros((len(rows), width), np.int64)
        following = np.zeros_like(tokens)
        flags = np.zeros((len(rows), width), np.int8)
        positions, documents = np.zeros_like(tokens), np.full((len(rows), width), -1, np.int64)
        sees_head = np.zeros((len(rows), width), bool)
        for r, row in enumerate(rows):
            at = 0
            for number, (t, f, g, shared) in enumerate(row.pieces):
                n = len(t)
                tokens[r, at : at + n], following[r, at : at + n] = t, f
                flags[r, at : at + n] = 1 + g
                positions[r, at : at + n] = np.arange(n) + (head if shared else 0)
                documents[r, at : at + n] = number
                sees_head[r, at : at + n] = shared
                at += n
        documents = torch.from_numpy(documents)
        own = documents[:, :, None] == documents[:, None, :]
        own &= torch.ones(width, width, dtype=torch.bool).tril()
        seen = torch.cat((torch.from_numpy(sees_head)[:, :, None].expand(-1, -1, head), own), 2)
        mask = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, -1e4)[:, None]
        return [torch.from_numpy(a) for a in (tokens, following, flags)] + [mask, torch.from_numpy(positions)]


class Row:
    def __init__(self, width):
        self.width, self.used, self.pieces = width, 0, []

    def add(self, piece):
        self.pieces.append(piece)
        self.used += len(piece[0])
