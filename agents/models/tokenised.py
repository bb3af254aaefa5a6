"""Models whose tokenizer is available, so that they count prompt tokens exactly."""

import sys
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

from .base import ModelError, ModelRequest, TokenCount
from .local.encoding import Encoder
from .local.scoring import EncodedRequest
from .local.sources import ModelSource
from .progress_bars import quiet_progress


class TokenisedModel(ABC):
    """A model that scores and rates options and counts a request's tokens before it is sent."""

    scores_options = True
    rates_options = True

    def __init__(self, source: ModelSource) -> None:
        self._source = source

    def count(self, request: ModelRequest) -> TokenCount | None:
        """Return the exact prompt tokens of the reply. The first call loads the tokenizer in some seconds.

        Return None if there is no tokenizer to load, or if the model will refuse the request.
        """
        if self._encoder_for_counting is None:
            return None
        try:
            encoded = self._encoder_for_counting.encode(request)
        except ModelError:
            return None
        generates = request.options is None or request.lead is not None
        prompt = self._prompt_tokens(encoded, generates=generates)
        return TokenCount(prompt, request.max_tokens * generates, exact=True)

    @cached_property
    def _encoder_for_counting(self) -> Encoder | None:
        """An encoder of its own, because the engine's may be in use in another thread."""
        try:
            tokenizer = self._load_tokenizer()
        except (ImportError, OSError, ValueError, KeyError, ModelError):
            # The first request raises an error that explains it.
            return None
        return Encoder(tokenizer, sys.maxsize) if tokenizer.chat_template is not None else None

    def _load_tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        location = self._source.locate()
        with quiet_progress():
            return AutoTokenizer.from_pretrained(location.name, **location.arguments)

    @abstractmethod
    def _prompt_tokens(self, encoded: EncodedRequest, *, generates: bool) -> int:
        """Return the prompt tokens of the reply; `generates` says whether an answer is generated."""
