"""What models have in common whose weights are at hand: the tokenizer that comes with them counts exactly."""

import sys
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from .base import ModelError, ModelRequest, TokenCount
from .local.encoding import encode
from .local.scoring import Encoded
from .local.sources import ModelSource
from .progress_bars import quiet_progress


class TokenisedModel(ABC):
    """A model that scores options and rates them, and that tells the tokens of a request beforehand."""

    scores_options = True
    rates_options = True

    def __init__(self, source: ModelSource) -> None:
        self._source = source

    def count(self, request: ModelRequest) -> TokenCount | None:
        """Exactly the prompt tokens that the reply will tell; the first call loads the tokenizer, in seconds.

        None where there is none to load, or the request is one that will be refused.
        """
        if self._counter is None:
            return None
        try:
            encoded = encode(request, self._counter, sys.maxsize)
        except ModelError:
            return None
        written = request.options is None or request.lead is not None
        return TokenCount(
            self._prompt_tokens(encoded, written=written), request.max_tokens * written, exact=True
        )

    @cached_property
    def _counter(self) -> Any | None:
        """A tokenizer of its own: that of the weights may be busy in another thread."""
        try:
            tokenizer = self._load_tokenizer()
        except (ImportError, OSError, ValueError, KeyError, ModelError):
            # The first reply says what is wrong.
            return None
        return tokenizer if tokenizer.chat_template is not None else None

    def _load_tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        located = self._source.locate()
        with quiet_progress():
            return AutoTokenizer.from_pretrained(located.name, **located.place)

    @abstractmethod
    def _prompt_tokens(self, encoded: Encoded, *, written: bool) -> int:
        """The prompt tokens of the reply to a request; `written` says whether an answer is generated."""
