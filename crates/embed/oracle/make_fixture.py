"""A tiny random BERT as sentence-transformers would save it, with reference vectors by Hugging Face transformers.

    pip install torch==2.* transformers==5.*
    python make_fixture.py ../tests/fixtures
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

TEXTS = ["the cat sat on the mat", "cat", "", "a dog; two dogs!", "the cat and the dog and the mat " * 12]
WORDS = "the a cat dog mat sat on and two ##s ##g ##o ! ; d m c t".split()

out = pathlib.Path(sys.argv[1])
vocabulary = {word: at for at, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
tokenizer.post_processor = processors.TemplateProcessing(
    single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
)
torch.manual_seed(7)
config = BertConfig(
    vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
    max_position_embeddings=32,
)
model = BertModel(config, add_pooling_layer=False).eval()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.add_(torch.randn_like(parameter) * 0.1)

for name, first in [("mean", False), ("first", True)]:
    folder = out / name
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(config.to_json_string(use_diff=False))
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 24}) + "\n")
    pooling = {"pooling_mode_cls_token": first, "pooling_mode_mean_tokens": not first}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling) + "\n")
    vectors = []
    for text in TEXTS:
        encoded = tokenizer.encode(text)
        ids = encoded.ids if len(encoded.ids) <= 24 else encoded.ids[:23] + [3]
        with torch.no_grad():
            hidden = model(torch.tensor([ids])).last_hidden_state[0]
        pooled = hidden[0] if first else hidden.mean(0)
        vectors.append((pooled / pooled.norm()).tolist())
    (folder / "expected.json").write_text(json.dumps({"texts": TEXTS, "vectors": vectors}) + "\n")
