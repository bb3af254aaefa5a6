"""A GGUF file answers like the weights that it was written from."""

from pathlib import Path
from typing import Any

import gguf
import pytest
import torch
import transformers

from transfer_prompting.agents.models.registry import ModelSettings, build_model

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]

HIDDEN, INNER, LAYERS, HEADS, KEY_HEADS, CONTEXT = 32, 48, 2, 4, 2, 256
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def vocabulary() -> tuple[list[str], list[int]]:
    """Return tokens and their types: GPT-2's 256 byte tokens, one merge, and the two markers of a turn."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    ordinary = [*bytes_to_unicode().values(), "he"]
    kinds = [int(gguf.TokenType.NORMAL)] * len(ordinary) + [int(gguf.TokenType.CONTROL)] * 2
    return [*ordinary, "<|im_start|>", "<|im_end|>"], kinds


def small_model() -> Any:
    """Return a small random model."""
    torch.manual_seed(0)
    size = len(vocabulary()[0])
    config = transformers.LlamaConfig(
        vocab_size=size,
        hidden_size=HIDDEN,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_HEADS,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=False,
        # Larger than for training, so that answers depend on the weights and not on rounding.
        initializer_range=0.3,
        bos_token_id=size - 2,
        eos_token_id=size - 1,
    )
    return transformers.LlamaForCausalLM(config).eval()


def interleaved(weight: Any, heads: int) -> Any:
    """Return a query or key weight in GGUF's order, where the halves of a rotated pair are neighbours."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def tensors_of(model: Any) -> dict[str, Any]:
    """Return the model's weights, keyed by their names in a GGUF file."""
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, LAYERS)
    tensors = {}
    for name, weight in model.state_dict().items():
        heads = HEADS if "q_proj" in name else KEY_HEADS if "k_proj" in name else 0
        array = weight.numpy()
        tensors[names.get_name(name, try_suffixes=(".weight",))] = (
            interleaved(array, heads) if heads else array
        )
    return tensors


def write_gguf(file: Path, model: Any) -> None:
    """Write the model, its tokeniser and its chat template to a GGUF file."""
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(model.config.rms_norm_eps)
    tokens, kinds = vocabulary()
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["h e"])
    writer.add_bos_token_id(len(tokens) - 2)
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_chat_template(TEMPLATE)
    for name, array in tensors_of(model).items():
        writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


async def test_gguf_file_answers_like_the_weights_in_it(tmp_path: Path, ask: Any) -> None:
    """Weights, tokeniser and chat template are read from the file; answers and scores are the model's own."""
    reference, file = small_model(), tmp_path / "small.gguf"
    write_gguf(file, reference)
    settings = {"provider": "transformers", "model": str(file), "dtype": "float32", "threads": 1}
    model = build_model(ModelSettings.model_validate(settings))
    tokens = vocabulary()[0]
    text = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    prompt = to_tokens(text, tokens)
    generated = await model.reply(ask("hi", max_tokens=12))
    scored = await model.reply(ask("hi", options=("yes", "no")))
    await model.close()
    with torch.inference_mode():
        whole = reference.generate(torch.tensor([prompt]), max_new_tokens=12, do_sample=False, pad_token_id=0)
        expected = [score(reference, prompt, to_tokens(option, tokens)) for option in ("yes", "no")]
    assert generated.prompt_tokens == len(prompt)
    assert generated.text == to_text(whole[0, len(prompt) :].tolist(), tokens)
    assert scored.option_logprobs == pytest.approx(expected, abs=1e-3)
    assert model.identity.startswith("transformers:small.gguf@")


def to_tokens(text: str, tokens: list[str]) -> list[int]:
    """Return the text as tokens. None of the tests' texts contains the merged pair."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters, encoded = bytes_to_unicode(), []
    while text:
        mark = next((mark for mark in tokens[-2:] if text.startswith(mark)), None)
        encoded.append(tokens.index(mark or letters[ord(text[0])]))
        text = text[len(mark or text[0]) :]
    return encoded


def to_text(answer: list[int], tokens: list[str]) -> str:
    """Return the text of the answer's ordinary tokens."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    back = {letter: byte for byte, letter in bytes_to_unicode().items()}
    ordinary = "".join(tokens[token] for token in answer if token < len(tokens) - 2)
    return bytes(back[letter] for letter in ordinary).decode(errors="replace")


def score(model: Any, prompt: list[int], option: list[int]) -> float:
    """Return the option's log-probability in nats."""
    logprobs = model(torch.tensor([prompt + option])).logits[0].log_softmax(-1)[len(prompt) - 1 :]
    return sum(float(logprobs[place, token]) for place, token in enumerate(option))
