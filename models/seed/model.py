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

    vocab_size: int = 4096
    hidden_size: int = 384
    layer_count: int = 6
    head_count: int = 4
    kv_head_count: int = 2
    feed_forward_size: int = 1024
    context_length: int = 1536
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
    """One decoder layer. Attention is two plain matmuls: on CPU they cost no more than
    `scaled_dot_product_attention`, whose backward is slow there."""

    def __init__(self, c):
        super().__init__()
        self.c = c
        h, kv, hd = c.head_count, c.kv_head_count, c.head_dim
        self.attn_norm = RMSNorm(c.hidden_size, c.norm_epsilon)
        self.ffn_norm = RMSNorm(c.hidden_size, c.norm_epsilon)
        self.q = nn.Linear(c.hidden_size, h * hd, bias=False)
        self.k = nn.Linear(c.hidden_size, kv * hd, bias=False)
        self.v = nn.Linear(c.hidden_size, kv * hd, bias=False)
        self.out = nn.Linear(h * hd, c.hidden_size, bias=False)
        self.gate = nn.Linear(c.hidden_size, c.feed_forward_size, bias=False)
        self.up = nn.Linear(c.hidden_size, c.feed_forward_size, bias=False)
        self.down = nn.Linear(c.feed_forward_size, c.hidden_size, bias=False)

    def forward(self, x, cos, sin, mask, prefix=None):
        """`prefix`: keys and values [1, kv, n, head_dim] that stand before every row.
        Returns the states and the row's own keys and values."""
        c = self.c
        batch, time, _ = x.shape
        h, kv, hd = c.head_count, c.kv_head_count, c.head_dim
        y = self.attn_norm(x)
        q, k, v = (w(y).view(batch, time, n, hd).transpose(1, 2) for w, n in ((self.q, h), (self.k, kv), (self.v, kv)))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        own = (k, v)
        if prefix is not None:
            k, v = (torch.cat((p.expand(batch, -1, -1, -1), o), 2) for p, o in zip(prefix, own, strict=True))
        # The heads of a group look at the same keys: one product for all of them.
        q = (q * hd**-0.5).reshape(batch, kv, h // kv * time, hd)
        scores = torch.matmul(q, k.transpose(-1, -2)).view(batch, h, time, -1) + mask
        scores = torch.softmax(scores, -1).to(v.dtype).view(batch, kv, h // kv * time, -1)
        y = torch.matmul(scores, v).view(batch, h, time, hd)
        x = x + self.out(y.transpose(1, 2).reshape(batch, time, h * hd))
        y = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y)), own


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

    def hidden(self, tokens, mask, positions, prefix=None):
        """Final hidden states [batch, time, hidden], and each layer's keys and values.

        `mask` [batch, 1, time, keys] is added to the scores; `positions` [batch, time];
        `prefix`: what this returned for a row that stands before every one of these."""
        x = self.embedding(tokens)
        cos, sin = (table[positions][:, None].to(x.dtype) for table in (self.cos, self.sin))
        kept = []
        for i, block in enumerate(self.blocks):
            x, own = block(x, cos, sin, mask, None if prefix is None else prefix[i])
            kept.append(own)
        return self.norm(x), kept

    def forward(self, tokens, mask, positions, head_tokens, head_mask, head_positions):
        """Hidden states of rows that share a head: it is read once for all of them."""
        _, prefix = self.hidden(head_tokens, head_mask, head_positions)
        return self.hidden(tokens, mask, positions, prefix)[0]

    def logits(self, hidden):
        return F.linear(hidden, self.embedding.weight)
