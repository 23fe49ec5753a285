"""Trains the seed model on a stream of fresh episodes; resumable to the step.

Every step's batch depends only on (seed, step), so a run continues from its checkpoint
exactly as if it had never stopped. The learning rate warms up, stays flat, and falls
along a cosine over the last fifth of the wall-clock or token budget. SIGTERM saves and
stops; the same command goes on from there.
"""

import argparse
import datetime
import json
import math
import os
import random
import signal
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from curriculum import Curriculum, segments
from model import Config, Model, document_mask

ROW = 256


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--dir", required=True, help="folder for checkpoint.pt, log.jsonl")
    p.add_argument("--tokenizer", required=True)
    p.add_argument("--until", help="UTC wall-clock deadline HH:MM")
    p.add_argument("--tokens", type=float, default=math.inf, help="token budget, in place of --until")
    p.add_argument("--cool", type=float, default=0.2, help="last share of the budget in which the rate falls")
    p.add_argument("--batch", type=int, default=8, help=f"rows of {ROW} tokens a step")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--warmup", type=int, default=200)
    p.add_argument("--copying", type=float, default=0.25, help="share of copy exercises at the start")
    p.add_argument("--copy-until", type=float, default=3e6, help="tokens after which copy exercises are rare")
    p.add_argument("--layers", type=int, default=4)
    p.add_argument("--hidden", type=int, default=192)
    p.add_argument("--heads", type=int, default=3)
    p.add_argument("--kv-heads", type=int, default=3)
    p.add_argument("--feed-forward", type=int, default=512)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--compile", action="store_true")
    p.add_argument("--save-every", type=float, default=180, help="seconds between checkpoints")
    return p.parse_args()


class Batches:
    """Packs episodes into rows. The system block that most episodes share stands once at
    the head of each row, and every such episode attends to it with its own positions
    counted from there: the same mathematics as a copy of its own, for fewer tokens."""

    def __init__(self, tokenizer, args):
        self.tokenizer, self.args = tokenizer, args
        self.curriculum = Curriculum()
        self.prefix_text = "<|im_start|>system\nTools: calculator(expression)<|im_end|>\n"
        self.prefix = tokenizer.encode(self.prefix_text).ids

    def encode(self, episode):
        """(ids, trained flags, shares the prefix)"""
        pieces = segments(episode)
        shared = pieces[0][0] == self.prefix_text
        ids, trained = [], []
        for text, flag in pieces[1:] if shared else pieces:
            part = self.tokenizer.encode(text).ids
            ids += part
            trained += [flag] * len(part)
        return ids, trained, shared

    def step(self, number, seen):
        """Tensors of one step: tokens, targets, documents, positions, each [rows, ROW]."""
        rng = random.Random(f"{self.args.seed}:{number}")
        copying = self.args.copying if seen < self.args.copy_until else 0.02
        rows = [Row(self.prefix) for _ in range(self.args.batch)]
        refused = 0
        while refused < 8:
            document = self.encode(self.curriculum.episode(rng, copying))
            row = next((r for r in rows if r.fits(document)), None)
            if row:
                row.add(document)
            else:
                refused += 1
        return [torch.tensor([r.padded(k) for r in rows]) for k in ("tokens", "targets", "documents", "positions")]


class Row:
    """One training row. Document 0 is the shared prefix; a negative number marks a
    document that does not see it."""

    def __init__(self, prefix):
        n = len(prefix)
        self.prefix_length, self.count = n, 0
        self.tokens, self.targets = list(prefix), [-1] * n
        self.documents, self.positions = [0] * n, list(range(n))

    def fits(self, document):
        return len(self.tokens) + len(document[0]) - 1 <= ROW

    def add(self, document):
        ids, trained, shared = document
        n = len(ids) - 1
        self.count += 1
        self.tokens += ids[:-1]
        self.targets += [t if flag else -1 for t, flag in zip(ids[1:], trained[1:], strict=True)]
        self.documents += [self.count if shared else -self.count] * n
        first = self.prefix_length if shared else 0
        self.positions += range(first, first + n)

    def padded(self, key):
        fill = {"tokens": 0, "targets": -1, "documents": 10_000, "positions": 0}[key]
        values = getattr(self, key)
        return values + [fill] * (ROW - len(values))


def packed_mask(documents):
    mask = document_mask(documents)
    sees_prefix = (documents > 0)[:, :, None] & (documents == 0)[:, None, :] & (documents < 10_000)[:, :, None]
    return mask.masked_fill(sees_prefix[:, None], 0.0)


def deadline(text):
    now = datetime.datetime.now(datetime.timezone.utc)
    hour, minute = map(int, text.split(":"))
    end = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (end if end > now else end + datetime.timedelta(days=1)).timestamp()


class Schedule:
    """Share of the budget used, and the learning rate there."""

    def __init__(self, args, started):
        self.args, self.started = args, started
        self.end = deadline(args.until) if args.until else math.inf

    def progress(self, seen):
        wall = 0.0 if self.end == math.inf else (time.time() - self.started) / (self.end - self.started)
        return max(wall, seen / self.args.tokens)

    def rate(self, step, seen):
        left = (1 - self.progress(seen)) / self.args.cool
        fall = 1.0 if left >= 1 else 0.5 * (1 - math.cos(math.pi * max(0.0, left)))
        return self.args.rate * min(1.0, (step + 1) / self.args.warmup) * (0.01 + 0.99 * fall)


def loss_of(hidden_fn, model, batch):
    tokens, targets, documents, positions = batch
    cos, sin = model.cos[positions][:, None], model.sin[positions][:, None]
    hidden = hidden_fn(tokens, packed_mask(documents), cos, sin)
    keep = targets >= 0
    return F.cross_entropy(model.logits(hidden[keep]), targets[keep])


def save(path, **state):
    torch.save(state, f"{path}.new")
    os.replace(f"{path}.new", path)


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    folder = Path(args.dir)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(args.tokenizer)
    config = Config(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=args.hidden, layer_count=args.layers, head_count=args.heads,
        kv_head_count=args.kv_heads, feed_forward_size=args.feed_forward,
    )
    model = Model(config)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.97), fused=True)
    step = seen = 0
    started = time.time()
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, seen, started = state["step"], state["seen"], state["started"]
    schedule, batches = Schedule(args, started), Batches(tokenizer, args)
    hidden_fn = torch.compile(model.hidden, dynamic=False) if args.compile else model.hidden
    log = open(folder / "log.jsonl", "a", encoding="utf-8")
    size = sum(p.numel() for p in model.parameters())
    print(f"{size:,} parameters, step {step}, {seen:,} tokens seen", flush=True)
    mean, saved, begun, seen0 = None, time.time(), time.time(), seen

    def keep():
        save(checkpoint, model=model.state_dict(), optimizer=optimizer.state_dict(), step=step, seen=seen, started=started, config=config.as_dict(), arguments=vars(args))

    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while schedule.progress(seen) < 1 and not stopped:
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step, seen)
        batch = batches.step(step, seen)
        loss = loss_of(hidden_fn, model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        seen += int((batch[2] != 10_000).sum())
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 50 == 0:
            speed = (seen - seen0) / (time.time() - begun)
            line = {"step": step, "tokens": seen, "loss": round(mean, 4), "rate": optimizer.param_groups[0]["lr"], "tokens_per_second": round(speed), "progress": round(schedule.progress(seen), 4), "time": round(time.time())}
            print(json.dumps(line), file=log, flush=True)
            print(json.dumps(line), flush=True)
        if time.time() - saved > args.save_every:
            keep()
            saved = time.time()
    keep()
    print("stopped" if stopped else "finished", step, seen, flush=True)


if __name__ == "__main__":
    main()
