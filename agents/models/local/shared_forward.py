"""Forward passes in which each prefix that prompts share is computed and kept only once."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import accumulate, groupby
from typing import Any

import torch

from .attention import Pass, active_pass
from .encoding import context_length
from .graph_decoding import GraphDecoding
from .key_values import Prefix
from .packing import (
    PackedRow,
    Piece,
    blocks_of,
    inputs_of,
    packed_row,
    passes_of,
    sort_key,
    spans_of,
)
from .pass_size import pass_size
from .scoring import Decoding, EncodedRequest, logprobs_at
from .shared_decoding import SharedDecoding
from .shared_prefixes import shared_prefix_lengths
from .spans import PackedPass
from .workers import Workers

# Most bytes of the prefixes that are kept from batch to batch.
_PREFIX_BYTES = 256 << 20
# A batch of answers is split only into parts of at least this many rows.
_PART_ROWS = 8


class SharedForward:
    """Runs the model on packed rows that continue shared prefixes.

    A prefix passes through the model alone, so that its keys and values are the same to the bit whatever
    follows it. A reply therefore depends only on its own batch, and not on prefixes kept from earlier ones.
    """

    def __init__(self, model: Any, workers: Workers) -> None:
        self._model = model
        self._workers = workers
        self._size = pass_size(model)
        self._last_position = context_length(model) - 1
        self._prefixes: OrderedDict[tuple[int, ...], Prefix] = OrderedDict()

    def score(self, batch: Sequence[EncodedRequest]) -> list[list[float]]:
        """Return for each request the sums of log-probabilities (nats) of its options' tokens."""
        sums = [[0.0] * len(encoded.options) for encoded in batch]
        for part in self._workers.map(self._score_part, self._split(self._rows_of(batch))):
            for request, option, logprob in part:
                sums[request][option] += logprob
        return sums

    def decode(self, prompts: Sequence[list[int]], decode: Callable[[Decoding, Sequence[int]], None]) -> None:
        """Call `decode` with each part of the batch, in several threads at the same time."""
        rows = sorted(self._rows_of([EncodedRequest(prompt, []) for prompt in prompts]), key=sort_key)
        count = min(self._workers.count, max(1, len(rows) // _PART_ROWS))
        device = self._model.device

        def run(part: list[PackedRow]) -> None:
            kind = GraphDecoding if device.type == "cuda" else SharedDecoding
            decode(kind(self, part, device, self._size), [row.request for row in part])

        # Every `count`-th row: each part gets short and long rows of every prefix.
        self._workers.map(run, [rows[first::count] for first in range(count)])

    def run(self, current: Pass, tokens: list[int], positions: list[int], wanted: list[int]) -> Any:
        """Run one pass and return the logits [len(wanted), vocabulary] at the indices `wanted`."""
        device = self._model.device
        return self._run(
            current,
            torch.tensor(tokens, device=device),
            torch.tensor(positions, device=device),
            torch.tensor(wanted, device=device),
        )

    def step(self, current: Pass, tokens: Any, positions: Any) -> Any:
        """Run one pass on tensors [tokens] and return the logits [tokens, vocabulary] of all of them."""
        # Nothing is copied from the host here, so the pass can be recorded as a CUDA graph. Rows that have
        # ended may go on past the last position.
        return self._run(current, tokens, positions.clamp(max=self._last_position), 0)

    def _run(self, current: Pass, tokens: Any, positions: Any, wanted: Any) -> Any:
        with active_pass(current):
            output = self._model(
                input_ids=tokens[None], position_ids=positions[None], use_cache=False, logits_to_keep=wanted
            )
        return output.logits[0]

    def forget(self) -> None:
        """Drop the prefixes kept from earlier batches."""
        self._prefixes.clear()

    def _rows_of(self, batch: Sequence[EncodedRequest]) -> list[PackedRow]:
        prompts = [encoded.prompt for encoded in batch]
        lengths = shared_prefix_lengths(prompts)
        keys = [tuple(prompt[:length]) for prompt, length in zip(prompts, lengths, strict=True)]
        prefixes = self._prefixes_of(list(dict.fromkeys(keys)))
        return [
            packed_row(request, encoded, prefixes[key])
            for request, (encoded, key) in enumerate(zip(batch, keys, strict=True))
        ]

    def _prefixes_of(self, keys: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], Prefix]:
        """Return the computed prefixes, and drop those that were used longest ago if memory is short."""
        prefixes = {key: self._prefixes.get(key) or Prefix(key) for key in keys}
        self._workers.map(
            self._compute, [prefix for prefix in prefixes.values() if prefix and not prefix.layers]
        )
        for key, prefix in prefixes.items():
            self._prefixes[key] = prefix
            self._prefixes.move_to_end(key)
        while sum(prefix.bytes for prefix in self._prefixes.values()) > _PREFIX_BYTES:
            self._prefixes.popitem(last=False)
        return prefixes

    def _compute(self, prefix: Prefix) -> None:
        self.run(prefix, list(prefix.tokens), list(range(len(prefix))), [0])

    def _split(self, rows: Sequence[PackedRow]) -> list[list[PackedRow]]:
        """Split the sorted rows into parts of about one pass each, a multiple of the number of workers."""
        ordered = sorted(rows, key=sort_key)
        ends = list(accumulate(map(self._weight, ordered)))
        workers = self._workers.count
        count = -(-ends[-1] // self._size.tokens)
        count = -(-count // workers) * workers
        size = -(-ends[-1] // count)
        numbered = groupby(zip(ordered, ends, strict=True), key=lambda entry: (entry[1] - 1) // size)
        return [[row for row, _ in part] for _, part in numbered]

    def _weight(self, row: PackedRow) -> int:
        logits = len({index for index, _, _ in row.targets}) * int(self._model.config.vocab_size)
        return max(len(row.tokens), logits * self._size.tokens // self._size.logits)

    def _score_part(self, part: list[PackedRow]) -> list[tuple[int, int, float]]:
        """Return (request, option, log-probability) of every target token."""
        scores = []
        for pieces in passes_of(blocks_of(part, self._model.device), self._size.tokens):
            scores += self._score_pass(pieces)
        return scores

    def _score_pass(self, pieces: list[Piece]) -> list[tuple[int, int, float]]:
        targets = _targets(pieces)
        wanted = sorted({index for index, _, _, _ in targets}) or [0]
        current = PackedPass(spans_of(pieces, self._model.device))
        logits = self.run(current, *inputs_of(pieces), wanted)
        row_at = {index: row for row, index in enumerate(wanted)}
        rows = torch.tensor(
            [row_at[index] for index, _, _, _ in targets], device=logits.device, dtype=torch.long
        )
        tokens = torch.tensor([token for _, token, _, _ in targets], device=logits.device, dtype=torch.long)
        logprobs = logprobs_at(logits, rows, tokens).tolist()
        return [(request, option, p) for (_, _, request, option), p in zip(targets, logprobs, strict=True)]


def _targets(pieces: Sequence[Piece]) -> list[tuple[int, int, int, int]]:
    """Return (index in the pass, next token, request, option) of each target token."""
    targets, offset = [], 0
    for piece in pieces:
        for index, token, option in piece.row.targets:
            if piece.start <= index < piece.end:
                targets.append((offset + index - piece.start, token, piece.row.request, option))
        offset += piece.end - piece.start
    return targets
