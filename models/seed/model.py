"""The seed model: a llama-architecture decoder in plain PyTorch.

Same mathematics as Hugging Face `LlamaForCausalLM` (pre-norm RMSNorm, rotate-half
RoPE, grouped-query attention, SwiGLU, tied embeddings), so that `export.py` can
write it as a GGUF file of architecture `llama`.
"""

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Config:
    """Shape of the model. Every width is a multiple of 32, as Q8_0 blocks need."""

    vocab_size: int = 2048
    hidden_size: int = 256
    layer_count: int = 5
    head_count: int = 4
    kv_head_count: int = 2
    feed_forward_size: int = 704
    context_length: int = 1024
    rope_theta: float = 10000.0
    norm_epsilon: float = 1e-5

    @property
    def head_dim(self):
        return self.hidden_size // self.head_count

    def as_dict(self):
        return asdict(self)


class RMSNorm(nn.Module):
    def __init__(self, size, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


def rotate(x, cos, sin):
    """RoPE in the rotate-half layout; x is [batch, heads, time, head_dim]."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Block(nn.Module):
    """One decoder layer. Attention is two plain matmuls: on CPU their backward is
    about twice as fast as that of `scaled_dot_product_attention`."""

    def __init__(self, c):
        super().__init__()
        self.c = c
        h, kv, hd = c.head_count, c.kv_head_count, c.head_dim
        self.attn_norm = RMSNorm(c.hidden_size, c.norm_epsilon)
        self.ffn_norm = RMSNorm(c.hidden_size, c.norm_epsilon)
        self.qkv = nn.Linear(c.hidden_size, (h + 2 * kv) * hd, bias=False)
        self.out = nn.Linear(h * hd, c.hidden_size, bias=False)
        self.gate_up = nn.Linear(c.hidden_size, 2 * c.feed_forward_size, bias=False)
        self.down = nn.Linear(c.feed_forward_size, c.hidden_size, bias=False)

    def forward(self, x, cos, sin, mask, cache=None):
        c = self.c
        batch, time, _ = x.shape
        h, kv, hd = c.head_count, c.kv_head_count, c.head_dim
        qkv = self.qkv(self.attn_norm(x)).view(batch, time, h + 2 * kv, hd).transpose(1, 2)
        q, k, v = qkv.split((h, kv, kv), 1)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            if cache:
                k, v = torch.cat((cache[0], k), 2), torch.cat((cache[1], v), 2)
            cache[:] = [k, v]
        if kv != h:
            k, v = k.repeat_interleave(h // kv, 1), v.repeat_interleave(h // kv, 1)
        scores = torch.matmul(q * hd**-0.5, k.transpose(-1, -2)) + mask
        y = torch.matmul(torch.softmax(scores, -1), v)
        x = x + self.out(y.transpose(1, 2).reshape(batch, time, h * hd))
        gate, up = self.gate_up(self.ffn_norm(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = c = config
        self.embedding = nn.Embedding(c.vocab_size, c.hidden_size)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.layer_count))
        self.norm = RMSNorm(c.hidden_size, c.norm_epsilon)
        frequency = c.rope_theta ** -(torch.arange(0, c.head_dim, 2).float() / c.head_dim)
        angle = torch.arange(c.context_length).float()[:, None] * frequency[None]
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                std = 0.02 if "embedding" in name else 0.8 / math.sqrt(p.shape[1])
                if name.endswith(("out.weight", "down.weight")):
                    std /= math.sqrt(2 * c.layer_count)
                nn.init.normal_(p, 0, std)

    def hidden(self, tokens, mask, cos=None, sin=None, caches=None):
        """Final hidden states [batch, time, hidden]. `mask` is added to the scores."""
        x = self.embedding(tokens)
        cos = self.cos[: tokens.shape[1]] if cos is None else cos
        sin = self.sin[: tokens.shape[1]] if sin is None else sin
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin, mask, None if caches is None else caches[i])
        return self.norm(x)

    def logits(self, hidden):
        return F.linear(hidden, self.embedding.weight)


def document_mask(documents):
    """Causal mask that keeps packed documents apart: [batch, 1, time, time] of 0 / -inf."""
    time = documents.shape[1]
    seen = torch.ones(time, time, dtype=torch.bool).tril()
    seen = seen[None] & (documents[:, :, None] == documents[:, None, :])
    mask = torch.zeros(seen.shape).masked_fill_(~seen, float("-inf"))
    return mask[:, None]
