"""Forward passes over whole sequences, for architectures that cannot share prefixes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from .pass_size import pass_size
from .plain_decoding import PlainDecoding
from .scoring import Decoding, EncodedRequest, logprobs_at

_Text = tuple[int, ...]


class PlainForward:
    """Runs every causal model correctly, including windowed, recurrent and hybrid ones.

    Texts to score are read many at a time, and so are prompts of one length to continue.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._size = pass_size(model)
        self._vocabulary = int(model.config.vocab_size)
        self._padded = not positions_depend_on_length(model.config)

    def score(self, batch: Sequence[EncodedRequest]) -> list[list[float]]:
        """Return for each request the sums of log-probabilities (nats) of its options' tokens."""
        # What is read to score an option: all but its last token. Options of one token read the same.
        read = [[(*one.prompt, *option[:-1]) for option in one.options] for one in batch]
        needed: dict[_Text, int] = {}
        places: dict[_Text, list[tuple[int, int]]] = {}
        for request, texts in enumerate(read):
            for number, text in enumerate(texts):
                needed[text] = max(needed.get(text, 0), len(batch[request].options[number]))
                places.setdefault(text, []).append((request, number))
        sums = [[0.0] * len(one.options) for one in batch]
        with torch.inference_mode():
            for part in self._parts(sorted(needed, key=len), needed):
                for text, logits in zip(part, self._logits(part, needed), strict=True):
                    for request, number in places[text]:
                        sums[request][number] = _logprob(logits, batch[request].options[number])
        return sums

    def decode(self, prompts: Sequence[list[int]], decode: Callable[[Decoding, Sequence[int]], None]) -> None:
        """Call `decode` with the whole batch."""
        order = sorted(range(len(prompts)), key=lambda row: len(prompts[row]))
        with torch.inference_mode():
            decode(PlainDecoding(self._model, [prompts[row] for row in order], self._size), order)

    def forget(self) -> None:
        """Do nothing: no memory is kept between batches."""

    def _parts(self, texts: Sequence[_Text], needed: Mapping[_Text, int]) -> Iterator[list[_Text]]:
        """Cut texts, in the order of their lengths, into passes of a limited size.

        Unless they may be padded, all texts of a pass are of one length.
        """
        part: list[_Text] = []
        kept = 0
        for text in texts:
            longer = len(text) - len(part[-1]) if part else 0
            kept = max(kept + longer, needed[text])
            rows = len(part) + 1
            full = rows * len(text) > self._size.tokens or rows * kept * self._vocabulary > self._size.logits
            if part and (full or (longer and not self._padded)):
                yield part
                part, kept = [], needed[text]
            part.append(text)
        if part:
            yield part

    def _logits(self, texts: Sequence[_Text], needed: Mapping[_Text, int]) -> list[Any]:
        """Return for each text the logits [needed[text], vocabulary] after each of its last tokens.

        Shorter texts are padded at the end. A causal model never sees the padding in a token before it.
        """
        width = max(map(len, texts))
        kept = max(width - len(text) + needed[text] for text in texts)
        rows = [[*text, *[0] * (width - len(text))] for text in texts]
        output = self._model(
            input_ids=torch.tensor(rows, device=self._model.device), use_cache=False, logits_to_keep=kept
        )
        ends = [kept - (width - len(text)) for text in texts]
        return [
            row[end - needed[text] : end]
            for text, row, end in zip(texts, output.logits[:, -kept:], ends, strict=True)
        ]


def positions_depend_on_length(config: Any) -> bool:
    """Return True if the encoding of a position depends on the length of the whole sequence."""
    rope = getattr(config, "rope_parameters", None) or {}
    return rope.get("rope_type", "default") in {"dynamic", "longrope"}


def _logprob(logits: Any, option: Sequence[int]) -> float:
    """Return the log-probability of an option, whose first token comes after the prompt."""
    rows = torch.arange(len(logits) - len(option), len(logits), device=logits.device)
    return float(logprobs_at(logits, rows, torch.tensor(option, device=logits.device)).sum())
