"""Draws the losses of a log.jsonl:  python plot.py log.jsonl loss.png"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        log = [json.loads(line) for line in lines]
    figure, axes = pyplot.subplots(figsize=(6, 3), dpi=80)
    axes.plot([x["tokens"] / 1e6 for x in log], [x["loss"] for x in log], linewidth=1, label="training (running mean)")
    held = [x for x in log if "held_out" in x]
    axes.plot([x["tokens"] / 1e6 for x in held], [x["held_out"] for x in held], linewidth=1, label="held-out wordings and names")
    axes.set_yscale("log")
    axes.set_xlabel("tokens seen, millions")
    axes.set_ylabel("loss")
    axes.legend()
    figure.tight_layout()
    figure.savefig(sys.argv[2])


if __name__ == "__main__":
    main()
