"""Writes a checkpoint as a GGUF file of architecture `llama`, tokenizer and template included.

llama.cpp rotates neighbouring pairs (RoPE "norm" layout), so the rows of the query and
key matrices are permuted as its convert_hf_to_gguf.py does for `LlamaForCausalLM`.
"""

import argparse
import json
import os
from pathlib import Path

import gguf
import numpy as np
import torch

from tokenizer import CONTROL

HERE = Path(__file__).parent
TYPES = {"f32": gguf.GGMLQuantizationType.F32, "f16": gguf.GGMLQuantizationType.F16, "q8_0": gguf.GGMLQuantizationType.Q8_0}
FILE_TYPES = {"f32": gguf.LlamaFileType.ALL_F32, "f16": gguf.LlamaFileType.MOSTLY_F16, "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0}


def permute(weight, heads):
    """Rotate-half rows to interleaved rows, head by head."""
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def unpermute(weight, heads):
    rows = weight.shape[0]
    return weight.reshape(heads, rows // heads // 2, 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def tensors(state, config):
    """(GGUF name, float32 array) of every tensor."""
    c = {k: v.float().numpy() for k, v in state.items()}
    yield "token_embd.weight", c["embedding.weight"]
    for i in range(config["layer_count"]):
        p, b = f"blocks.{i}.", f"blk.{i}."
        yield b + "attn_norm.weight", c[p + "attn_norm.weight"]
        yield b + "attn_q.weight", permute(c[p + "q.weight"], config["head_count"])
        yield b + "attn_k.weight", permute(c[p + "k.weight"], config["kv_head_count"])
        yield b + "attn_v.weight", c[p + "v.weight"]
        yield b + "attn_output.weight", c[p + "out.weight"]
        yield b + "ffn_norm.weight", c[p + "ffn_norm.weight"]
        yield b + "ffn_gate.weight", c[p + "gate.weight"]
        yield b + "ffn_up.weight", c[p + "up.weight"]
        yield b + "ffn_down.weight", c[p + "down.weight"]
    yield "output_norm.weight", c["norm.weight"]


def write_metadata(w, config, tokenizer, kind):
    w.add_name("Toolwright seed")
    w.add_description("Small tool-calling model trained from scratch on generated arithmetic conversations")
    w.add_license("MIT OR Apache-2.0")
    w.add_languages(["en"])
    w.add_file_type(FILE_TYPES[kind])
    w.add_context_length(config["context_length"])
    w.add_embedding_length(config["hidden_size"])
    w.add_block_count(config["layer_count"])
    w.add_feed_forward_length(config["feed_forward_size"])
    w.add_head_count(config["head_count"])
    w.add_head_count_kv(config["kv_head_count"])
    w.add_rope_dimension_count(config["hidden_size"] // config["head_count"])
    w.add_rope_freq_base(config["rope_theta"])
    w.add_layer_norm_rms_eps(config["norm_epsilon"])
    w.add_vocab_size(config["vocab_size"])
    w.add_string("toolwright.profile", "bare")
    w.add_string("toolwright.tools", "calculator,search,run_python,datetime")
    vocabulary = sorted(tokenizer["model"]["vocab"].items(), key=lambda item: item[1])
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("qwen2")
    w.add_token_list([t for t, _ in vocabulary])
    w.add_token_types([gguf.TokenType.CONTROL if t in CONTROL else gguf.TokenType.NORMAL for t, _ in vocabulary])
    w.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]])
    ids = dict(vocabulary)
    w.add_eos_token_id(ids["<|im_end|>"])
    w.add_pad_token_id(ids["<|endoftext|>"])
    w.add_add_bos_token(False)
    w.add_add_eos_token(False)
    w.add_chat_template((HERE / "chat_template.jinja").read_text(encoding="utf-8").strip())


def export(checkpoint, tokenizer_path, out, kind):
    state = torch.load(checkpoint, map_location="cpu")
    tokenizer = json.loads(Path(tokenizer_path).read_text(encoding="utf-8"))
    w = gguf.GGUFWriter(f"{out}.new", "llama")
    write_metadata(w, state["config"], tokenizer, kind)
    for name, array in tensors(state["model"], state["config"]):
        if array.ndim == 1 or kind == "f32":
            w.add_tensor(name, np.ascontiguousarray(array, dtype=np.float32))
        else:
            w.add_tensor(name, gguf.quants.quantize(np.ascontiguousarray(array), TYPES[kind]), raw_dtype=TYPES[kind])
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    os.replace(f"{out}.new", out)
    return state


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint")
    p.add_argument("out")
    p.add_argument("--tokenizer", default=HERE / "tokenizer.json")
    p.add_argument("--type", choices=TYPES, default="q8_0")
    args = p.parse_args()
    state = export(args.checkpoint, args.tokenizer, args.out, args.type)
    print(f"{args.out}: step {state['step']}, {state['seen']:,} tokens, {os.path.getsize(args.out):,} bytes")


if __name__ == "__main__":
    main()
