#!/usr/bin/env python3
"""Trains two small tokenizers with Hugging Face's `tokenizers` and writes down what it encodes with them.

    pip install tokenizers==0.23.3
    python crates/engine/oracle/make_tokenizer_fixture.py

Writes crates/engine/tests/tokenizer/{byte_level,metaspace}.json and {byte_level,metaspace}.expected.json, which
`tests/tokenizer_json.rs` compares with. An expected file is a list of objects: `text`, `ids` (all added tokens
obeyed) and `plain` (the same tokenizer with no added token but the plain one, which is what untrusted text gets).
"""

import copy
import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT = Path(__file__).resolve().parent.parent / "tests" / "tokenizer"

CORPUS = """
A train leaves the station at nine and travels 120 miles in two hours. What is its average speed?
The average speed is the distance divided by the time: 120 / 2 = 60 miles per hour.
Maria has 17 apples, gives 5 of them to her brother and buys 3 more. How many apples does she have now?
What is 17.5% of 2,480? The calculator says 434, so yes, that is more than 430.
{"name":"calculator","arguments":{"expression":"2480*17.5/100"}} {"name": "search", "arguments": {"query": "speed"}}
It's what they'd said: we're done, I've seen it, he'll know, don't worry.
def add(left, right):\n    return left + right\n\n    # the sum of the two sides\n\tpass
Grüße aus Köln, très bien, год за годом, 東京は日本の首都です。 größer naïve café Москва 日本
the them then there these they think thinking tool tools call calls response user assistant system end start
""".strip("\n").split("\n")

ADDED = [
    AddedToken("<|im_start|>", special=True, normalized=False),
    AddedToken("<|im_end|>", special=True, normalized=False),
    # Not "special", as in Qwen: untrusted text must not reach them all the same.
    AddedToken("<think>", special=False, normalized=False),
    AddedToken("</think>", special=False, normalized=False),
    AddedToken("<tool_call>", special=False, normalized=False),
    AddedToken("</tool_call>", special=False, normalized=False),
    AddedToken("<mask>", special=True, normalized=False, lstrip=True),
    AddedToken("<|user|>", special=True, normalized=False, rstrip=True),
]
PLAIN = AddedToken("    ", special=False, normalized=False)

TEXTS = [
    "", " ", "  ", "   ", "    ", "     ", "\n", "\n\n", "\t\n ", "Hello", " Hello", "  Hello", "Hello  ", "hello world",
    "The average speed is 60 miles per hour.", "17.5% of 2,480 = 434", "It's I'VE they'd\n\n  don't",
    "def add(left, right):\n    return left + right\n", "Grüße, Köln! 東京 Москва é", "🦙🚀 x\u200dy \u200b ﷽ ½",
    "<|im_start|>user\nWhat is 2+2?<|im_end|>\n<|im_start|>assistant\n", "<think>so</think><tool_call>{}</tool_call>",
    "<tool_call", "tool_call>", "<<tool_call>>", "< tool_call >", "<|im_end|", "a <mask> b", "<|user|>  \n x",
    "<think> <think>", "<s></s><unk>", "▁a ▁▁", "<0x41>", "\u0000\u0001\u007f", "x" * 40, "the " * 12,
]


def train(tokenizer, trainer):
    tokenizer.train_from_iterator([line.replace("\\n", "\n").replace("\\t", "\t") for line in CORPUS], trainer)


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        r"|\s+(?!\S)|\s+"
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    train(tokenizer, trainers.BpeTrainer(vocab_size=640, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_tokens([*ADDED, PLAIN])
    return tokenizer


def metaspace():
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)
    ])
    names = ["<unk>", "<s>", "</s>"]
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    train(tokenizer, trainers.BpeTrainer(vocab_size=560, special_tokens=names + byte_tokens, max_token_length=8))
    file = json.loads(tokenizer.to_str())
    # The trainer knows no byte tokens but special ones; in a real file they are in the vocabulary alone.
    file["added_tokens"] = [token for token in file["added_tokens"] if token["content"] in names]
    tokenizer = Tokenizer.from_str(json.dumps(file))
    tokenizer.add_tokens(ADDED)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer


def without_added_tokens(tokenizer):
    file = copy.deepcopy(json.loads(tokenizer.to_str()))
    control = {token["content"] for token in file["added_tokens"] if token["content"] != PLAIN.content}
    file["model"]["vocab"] = {text: id for text, id in file["model"]["vocab"].items() if text not in control}
    file["model"]["unk_token"] = None
    kept = [token for token in file["added_tokens"] if token["content"] not in control]
    # The library renumbers added tokens whose neighbours are gone, so the plain one goes through the vocabulary.
    file["model"]["vocab"].update({token["content"]: token["id"] for token in kept})
    file["added_tokens"] = kept
    return Tokenizer.from_str(json.dumps(file))


for name, tokenizer in [("byte_level", byte_level()), ("metaspace", metaspace())]:
    plain = without_added_tokens(tokenizer)
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    rows = [
        {
            "text": text,
            "ids": tokenizer.encode(text, add_special_tokens=False).ids,
            "plain": plain.encode(text, add_special_tokens=False).ids,
        }
        for text in TEXTS
    ]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    (OUT / f"{name}.expected.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(name, tokenizer.get_vocab_size(), (OUT / f"{name}.json").stat().st_size)
