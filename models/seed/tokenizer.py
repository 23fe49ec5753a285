"""Trains the byte-level BPE tokenizer of the seed model on texts of the curriculum
(`cargo run --release -p toolwright-learn -- texts FILE`: one JSON string a line).

The pre-tokenizer is exactly the one llama.cpp names `qwen2`: single digits, no merge
across a space and a digit. Control tokens come first, so their ids are stable.
"""

import argparse
import json
import re

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

CONTROL = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>",
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>",
]
QWEN2 = (
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def empty_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def train(texts, vocab_size):
    tokenizer = empty_tokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[AddedToken(t, special=True, normalized=False) for t in CONTROL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=8,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts")
    parser.add_argument("out")
    parser.add_argument("--vocab", type=int, default=4096)
    args = parser.parse_args()
    control = "|".join(re.escape(token) for token in CONTROL)

    def texts():
        with open(args.texts, encoding="utf-8") as lines:
            for line in lines:
                yield from filter(None, re.split(control, json.loads(line)))

    tokenizer = train(texts(), args.vocab)
    tokenizer.save(args.out)
    for text in ["What is 17.5% of 2,480?", '{"name":"calculator","arguments":{"expression":"(2480-30)*17.5/100"}}']:
        print(tokenizer.get_vocab_size(), tokenizer.encode(text).tokens)


if __name__ == "__main__":
    main()
