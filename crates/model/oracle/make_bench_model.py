"""Writes a GGUF file of Qwen2.5-0.5B's shape with random weights, to measure speed on (which does not depend on them)
against other programs on the same file.

    pip install gguf numpy
    python make_bench_model.py {Q8_0,Q4_0,Q4_K} OUT.gguf
"""

import sys

import gguf
import numpy as np

LAYERS, HIDDEN, HEADS, KV_HEADS, FEED_FORWARD, VOCABULARY, CONTEXT = 24, 896, 14, 2, 4864, 151_936, 32_768

# Bytes and numbers of a block, and where its 16-bit scales stand.
BLOCKS = {"Q8_0": (34, 32, [0]), "Q4_0": (18, 32, [0]), "Q4_K": (144, 256, [0, 2])}


def blocks(kind: str, rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Random blocks with scales such that numbers are around 0.02."""
    size, numbers, scales = BLOCKS[kind]
    data = rng.integers(0, 256, (rows, columns // numbers, size), dtype=np.uint8)
    for at in scales:
        scale = np.float16(0.02 / {"Q8_0": 64, "Q4_0": 4, "Q4_K": 256}[kind])
        data[:, :, at : at + 2] = np.frombuffer(scale.tobytes(), np.uint8)
    return data.reshape(rows, -1)


def main() -> None:
    kind, path = sys.argv[1:]
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_name(f"random weights in the shape of Qwen2.5-0.5B, {kind}")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("no_vocab")
    head = HIDDEN // HEADS

    def matrix(name: str, rows: int, columns: int) -> None:
        # K-quants need rows of 256 numbers; as llama.cpp does, other rows fall back to Q8_0.
        fitting = kind if columns % BLOCKS[kind][1] == 0 else "Q8_0"
        data = blocks(fitting, rows, columns, rng)
        writer.add_tensor(f"{name}.weight", data, raw_dtype=gguf.GGMLQuantizationType[fitting])

    def vector(name: str, length: int, value: float) -> None:
        writer.add_tensor(name, np.full(length, value, np.float32))

    matrix("token_embd", VOCABULARY, HIDDEN)
    vector("output_norm.weight", HIDDEN, 1.0)
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        vector(f"{block}.attn_norm.weight", HIDDEN, 1.0)
        vector(f"{block}.ffn_norm.weight", HIDDEN, 1.0)
        for name, heads in [("q", HEADS), ("k", KV_HEADS), ("v", KV_HEADS)]:
            matrix(f"{block}.attn_{name}", heads * head, HIDDEN)
            vector(f"{block}.attn_{name}.bias", heads * head, 0.01)
        matrix(f"{block}.attn_output", HIDDEN, HIDDEN)
        matrix(f"{block}.ffn_gate", FEED_FORWARD, HIDDEN)
        matrix(f"{block}.ffn_up", FEED_FORWARD, HIDDEN)
        matrix(f"{block}.ffn_down", HIDDEN, FEED_FORWARD)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
