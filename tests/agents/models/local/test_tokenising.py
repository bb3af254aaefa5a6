"""Tokenising of texts part by part, with the embedded model's tokenizer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.agents.models.local import tokenising
from transfer_prompting.agents.models.local.tokenising import Tokeniser

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]

PIECES = [
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|im_",
    "|>",
    "system\n",
    "user",
    " ",
    "\n\n",
    "ab",
    "Füße",
    "猫",
    "1",
]


class Counting:
    """A tokenizer that notes which texts it is given."""

    def __init__(self, tokenizer: Any) -> None:
        self.seen: list[str] = []
        self._tokenizer = tokenizer
        self.is_fast, self.split_special_tokens = tokenizer.is_fast, False
        self.added_tokens_decoder = tokenizer.added_tokens_decoder

    def __call__(self, texts: list[str], **settings: Any) -> Any:
        self.seen += texts
        return self._tokenizer(texts, **settings)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    from transfer_prompting.agents.models.local.smollm2 import embedded_gguf, ensure_converted

    return AutoTokenizer.from_pretrained(ensure_converted(embedded_gguf()))


@given(texts=st.lists(st.lists(st.sampled_from(PIECES)).map("".join), min_size=1, max_size=3))
def test_tokens_equal_those_of_whole_texts(tokenizer: Any, texts: list[str]) -> None:
    """Whatever special tokens, or halves of them, are in a text, its parts have the tokens of the whole."""
    assert Tokeniser(tokenizer)(texts) == tokenizer(texts, add_special_tokens=False)["input_ids"]


def test_a_part_is_tokenised_once(tokenizer: Any) -> None:
    """A message that several texts share, in one call or in several, is tokenised once."""
    counting = Counting(tokenizer)
    tokenise = Tokeniser(counting)
    start, end = "<|im_start|>system\nBe brief.", "<|im_end|>"
    tokenise([f"{start}{end}a", f"{start}{end}b"])
    tokenise([f"{start}{end}c"])
    assert counting.seen == [start, f"{end}a", f"{end}b", f"{end}c"]


def test_what_is_kept_has_a_limit(tokenizer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old parts are forgotten once many characters are kept, and tokenised again when they come back."""
    monkeypatch.setattr(tokenising, "_KEPT_CHARACTERS", 10)
    counting = Counting(tokenizer)
    tokenise = Tokeniser(counting)
    for text in ("a" * 11, "b", "c", "a" * 11):
        assert tokenise([text]) == tokenizer([text], add_special_tokens=False)["input_ids"]
    assert counting.seen == ["a" * 11, "b", "c", "a" * 11]
    assert len(tokenise._known) < 4


def test_other_tokenizers_get_whole_texts(tokenizer: Any) -> None:
    """A tokenizer that is slow, or whose special tokens swallow blanks or are mere text, gets no parts."""
    text = "x <|im_end|>y"
    slow, greedy, plain = (Counting(tokenizer) for _ in range(3))
    slow.is_fast, plain.split_special_tokens = False, True
    token = next(iter(tokenizer.added_tokens_decoder.values()))
    greedy.added_tokens_decoder = {0: type(token)(token.content, lstrip=True, special=True, normalized=False)}
    for one in (slow, greedy, plain):
        Tokeniser(one)([text])
        assert one.seen == [text]
