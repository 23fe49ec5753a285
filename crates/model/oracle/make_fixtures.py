"""Tiny random models of every supported family with the logits that Hugging Face transformers computes for them.

Writes ../tests/fixtures/<name>/: config.json, model.safetensors, expected.json. Run by hand, when a family is added:

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python make_fixtures.py

Weights are rounded to the type in which they are saved before anything is computed, and everything is computed in f32.
"""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    SmolLM3Config,
    SmolLM3ForCausalLM,
)

VOCAB = 64
SHAPE = dict(
    vocab_size=VOCAB,
    hidden_size=32,
    intermediate_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=256,
    rms_norm_eps=1e-5,
    pad_token_id=None,
    bos_token_id=None,
    eos_token_id=None,
)

# Of the 72 positions, those whose logits are kept: the first, the last, and around the sliding window's edge.
LENGTH = 72
KEPT = [0, 1, 10, 11, 12, 40, 71]


def rope(kind, **rest):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=10_000.0, **rest))


FIXTURES = {
    "llama": (LlamaForCausalLM, LlamaConfig(**SHAPE, head_dim=8, attention_bias=True), torch.float32),
    "llama3-rope": (
        LlamaForCausalLM,
        LlamaConfig(
            **SHAPE,
            head_dim=16,
            tie_word_embeddings=True,
            **rope(
                "llama3",
                factor=8.0,
                low_freq_factor=1.0,
                high_freq_factor=4.0,
                original_max_position_embeddings=32,
            ),
        ),
        torch.bfloat16,
    ),
    "yarn": (
        LlamaForCausalLM,
        LlamaConfig(
            **SHAPE,
            head_dim=16,
            **rope("yarn", factor=4.0, original_max_position_embeddings=64, beta_fast=4.0),
        ),
        torch.bfloat16,
    ),
    "linear-rope": (
        LlamaForCausalLM,
        LlamaConfig(**SHAPE, head_dim=8, mlp_bias=True, **rope("linear", factor=4.0)),
        torch.float16,
    ),
    "mistral": (MistralForCausalLM, MistralConfig(**SHAPE, head_dim=16, sliding_window=11), torch.bfloat16),
    "qwen2": (
        Qwen2ForCausalLM,
        Qwen2Config(**SHAPE, use_sliding_window=True, sliding_window=11, max_window_layers=1),
        torch.bfloat16,
    ),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(**SHAPE, head_dim=16, tie_word_embeddings=True), torch.bfloat16),
    "smollm3": (
        SmolLM3ForCausalLM,
        SmolLM3Config(**SHAPE, no_rope_layers=[1, 0], use_sliding_window=False),
        torch.bfloat16,
    ),
}


@torch.no_grad()
def randomise(model, dtype, generator):
    """Weights large enough for attention to be far from uniform, norms away from 1, biases away from 0."""
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if name.endswith("bias"):
            value = 0.3 * noise
        elif weight.dim() == 1:
            value = 1.0 + 0.2 * noise
        elif "embed" in name:
            value = noise
        else:
            value = noise * 1.5 / weight.shape[1] ** 0.5
        weight.copy_(value.to(dtype).float())


def main():
    root = Path(__file__).parent.parent / "tests" / "fixtures"
    for index, (name, (kind, config, dtype)) in enumerate(FIXTURES.items()):
        generator = torch.Generator().manual_seed(index)
        config._attn_implementation = "eager"
        model = kind(config).float().eval()
        randomise(model, dtype, generator)
        tokens = torch.randint(VOCAB, (LENGTH,), generator=generator)
        with torch.no_grad():
            logits = model(tokens[None], use_cache=False).logits[0].double()

        folder = root / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        tied = model.config.tie_word_embeddings
        state = {
            key: value.to(dtype).contiguous()
            for key, value in model.state_dict().items()
            if not (tied and key == "lm_head.weight")
        }
        save_file(state, folder / "model.safetensors")
        model.config.save_pretrained(folder)
        expected = {
            "tokens": tokens.tolist(),
            "logits": {str(position): [float(f"{x:.7g}") for x in logits[position].tolist()] for position in KEPT},
        }
        (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
        print(name, sum(file.stat().st_size for file in folder.iterdir()), "bytes, largest logit", logits.abs().max().item())


if __name__ == "__main__":
    main()
