"""Small random models of many architectures."""

from typing import Any

import torch
import transformers

SMALL = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "pad_token_id": 0,
    "eos_token_id": 0,
    "bos_token_id": 0,
}


INSTRUCTION = [(7 * index) % 60 + 1 for index in range(40)]


def small(kind: str, **settings: Any) -> Any:
    """Return a small random model of an architecture."""
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(kind, **{**SMALL, **settings})
    return transformers.AutoModelForCausalLM.from_config(config).eval()


def model_of(kind: str) -> Any:
    return small(kind, **({"sliding_window": None} if kind in {"mistral", "phi3"} else {}))


def whole_logits(model: Any, tokens: list[int]) -> Any:
    """Return the logits [tokens, vocabulary] of a sequence, from one pass without a cache."""
    with torch.inference_mode():
        return model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0]
