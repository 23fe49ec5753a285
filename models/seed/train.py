"""Trains the seed model on the shards of the curriculum; resumable to the step.

A step's batch depends only on the shards and the step's place among them, so a run goes on from
its checkpoint as if it had never stopped. The rate warms up, stays flat, and falls along a
cosine in the last part of the token budget. SIGTERM saves and stops; the same command goes on.

On CPU, let malloc keep what it has: with `MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000
GLIBC_TUNABLES=glibc.malloc.hugetlb=1` the same step took 1.7 s in place of 4.3 s, which went into page faults.
`OMP_WAIT_POLICY=PASSIVE` where the machine is shared.
"""

import argparse
import contextlib
import json
import math
import os
import signal
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from model import Config, Model
from shards import Rows, Shard, most_common_head, special


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--dir", required=True, help="folder for checkpoint.pt, log.jsonl")
    p.add_argument("--shards", required=True)
    p.add_argument("--held-out", help="folder of held-out shards, for the loss on them")
    p.add_argument("--tokenizer", required=True)
    p.add_argument("--tokens", type=float, required=True, help="token budget")
    p.add_argument("--cool", type=float, default=0.25, help="last share of the budget in which the rate falls")
    p.add_argument("--batch", type=int, default=16384, help="tokens a step")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--optimizer", choices=["muon", "adamw"], default="muon")
    p.add_argument("--warmup", type=int, default=100)
    p.add_argument("--reading", type=float, default=0.15, help="first share of the budget in which all text is learnt a little")
    p.add_argument("--reading-weight", type=float, default=0.3)
    p.add_argument("--layers", type=int, default=6)
    p.add_argument("--hidden", type=int, default=384)
    p.add_argument("--heads", type=int, default=4)
    p.add_argument("--kv-heads", type=int, default=2)
    p.add_argument("--feed-forward", type=int, default=1024)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--no-compile", action="store_true")
    p.add_argument("--save-every", type=float, default=300, help="seconds between checkpoints")
    return p.parse_args()


def rate(args, step, seen):
    left = (1 - seen / args.tokens) / args.cool
    fall = 1.0 if left >= 1 else 0.5 * (1 - math.cos(math.pi * max(0.0, left)))
    return args.rate * min(1.0, (step + 1) / args.warmup) * (0.02 + 0.98 * fall)


class Trainer:
    def __init__(self, args, config, head):
        self.args = args
        self.model = Model(config).to(args.device)
        self.forward = self.model if args.no_compile else torch.compile(self.model, dynamic=False)
        matrices = [p for n, p in self.model.named_parameters() if p.dim() == 2 and "embedding" not in n]
        others = [p for n, p in self.model.named_parameters() if p.dim() < 2 or "embedding" in n]
        if args.optimizer == "muon":
            # Jordan et al. 2024; the rate is matched to AdamW's (Moonshot 2025).
            muon = torch.optim.Muon(matrices, lr=args.rate, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
            self.optimizers = [muon, torch.optim.AdamW(others, lr=args.rate, betas=(0.9, 0.95), weight_decay=0.0)]
        else:
            groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
            self.optimizers = [torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.95))]
        n = len(head)
        mask = torch.full((n, n), -1e4, dtype=torch.bfloat16).triu(1)[None, None]
        self.head = [t.to(args.device) for t in (torch.from_numpy(head)[None], mask, torch.arange(n)[None])]

    def losses(self, batch, unlearned):
        """Mean loss over what counts. `unlearned`: weight of the tokens that the model need not say."""
        tokens, following, flags, mask, positions = (t.to(self.args.device) for t in batch)
        keep = flags == 2
        if unlearned:
            # A quarter of the other tokens: the logits are what they cost.
            keep |= (flags == 1) & (torch.rand(flags.shape, device=flags.device) < 0.25)
        keep = keep.flatten().nonzero()[:, 0]
        weight = torch.where(flags.flatten()[keep] == 2, 1.0, unlearned or 1.0)
        # Few different sizes: malloc finds room where it had some before.
        padding = -len(keep) % 1024
        keep, weight = torch.cat((keep, keep[:1].expand(padding))), F.pad(weight, (0, padding))
        with torch.autocast(self.args.device, dtype=torch.bfloat16):
            hidden = self.forward(tokens, mask, positions, *self.head)
            logits = self.model.logits(hidden.flatten(0, 1)[keep])
        each = F.cross_entropy(logits.float(), following.flatten()[keep], reduction="none")
        return (each * weight).sum() / weight.sum()

    def step(self, batch, step, seen):
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate(self.args, step, seen)
        reading = seen < self.args.reading * self.args.tokens
        loss = self.losses(batch, self.args.reading_weight if reading else 0.0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def held_out(self, rows, most=12):
        with torch.no_grad():
            losses = [self.losses(rows.tensors(i), 0.0).item() for i in range(min(most, len(rows.batches)))]
        return sum(losses) / len(losses)


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
    ids = special(tokenizer)
    head = most_common_head(Shard(args.shards, 0).samples, ids).copy()
    config = Config(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=args.hidden, layer_count=args.layers, head_count=args.heads,
        kv_head_count=args.kv_heads, feed_forward_size=args.feed_forward,
    )
    trainer = Trainer(args, config, head)
    step = seen = place = shard = 0
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=args.device)
        trainer.model.load_state_dict(state["model"])
        for optimizer, kept in zip(trainer.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        step, seen, place, shard = (state[k] for k in ("step", "seen", "place", "shard"))
    size = sum(p.numel() for p in trainer.model.parameters())
    print(f"{size:,} parameters, head of {len(head)} tokens, step {step}, {seen:,} tokens seen", flush=True)
    held = Rows(Shard(args.held_out, 0), head, ids, args.batch, 0) if args.held_out else None
    mean, saved, begun, seen0 = None, time.time(), time.time(), seen

    def keep():
        save(
            checkpoint, model=trainer.model.state_dict(), optimizers=[o.state_dict() for o in trainer.optimizers],
            step=step, seen=seen, place=place, shard=shard, config=config.as_dict(), arguments=vars(args),
        )

    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(open(folder / "log.jsonl", "a", encoding="utf-8"))
        while seen < args.tokens and not stopped:
            # Every pass over the shards packs them anew. More of them may be written meanwhile.
            rows = Rows(Shard(args.shards, shard % Shard.count(args.shards)), head, ids, args.batch, [args.seed, shard])
            while place < len(rows.batches) and seen < args.tokens and not stopped:
                batch = rows.tensors(place)
                loss = trainer.step(batch, step, seen)
                step, place = step + 1, place + 1
                seen += int((batch[2] > 0).sum())
                mean = loss if mean is None else 0.98 * mean + 0.02 * loss
                if step % 20 == 0:
                    line = {"step": step, "tokens": seen, "loss": round(mean, 4), "rate": rate(args, step, seen)}
                    line["tokens_per_second"] = round((seen - seen0) / (time.time() - begun))
                    if held and step % 500 == 0:
                        line["held_out"] = round(trainer.held_out(held), 4)
                    print(json.dumps(line), file=log, flush=True)
                    print(json.dumps(line), flush=True)
                if time.time() - saved > args.save_every:
                    keep()
                    saved = time.time()
            if place >= len(rows.batches):
                shard, place = shard + 1, 0
    keep()
    print("stopped" if stopped else "finished", step, seen, flush=True)


if __name__ == "__main__":
    main()
