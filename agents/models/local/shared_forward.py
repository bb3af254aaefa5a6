"""Runs a model so that what the prompts of a batch share is computed, and kept, only once."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import accumulate, groupby
from typing import Any

import torch

from .attention import Pass, passing
from .packing import PASS_TOKENS, Piece, Row, blocks_of, inputs_of, order_of, passes_of, row_of, spans_of
from .key_values import Packed, Prefix
from .scoring import EncodedRequest, Decoding, logprobs_at
from .shared_prefixes import shared_prefix_lengths
from .workers import Workers
from .shared_decoding import SharedDecoding

# Logits of one pass, as numbers: with a large vocabulary they are the largest thing in memory.
_PASS_LOGITS = 1 << 26
# Prefixes are kept from batch to batch up to this size in all.
_PREFIX_BYTES = 256 << 20
# A part of a batch of answers has at least so many rows, or the batch stays in one part.
_PART_ROWS = 8


class SharedForward:
    """Runs the model on packed rows behind shared prefixes.

    A prefix passes through the model alone, so that its keys and values are the same to the bit
    whatever follows it: a reply depends on its own batch only, and not on what was kept from others.
    """

    def __init__(self, model: Any, workers: Workers) -> None:
        self._model = model
        self._workers = workers
        self._prefixes: OrderedDict[tuple[int, ...], Prefix] = OrderedDict()

    def score(self, batch: Sequence[EncodedRequest]) -> list[list[float]]:
        """Return for each request the sums of log-probabilities (nats) of its options' tokens."""
        sums = [[0.0] * len(encoded.options) for encoded in batch]
        for part in self._workers.map(self._scored, self._parts_of(self._rows_of(batch))):
            for request, option, logprob in part:
                sums[request][option] += logprob
        return sums

    def write(self, prompts: Sequence[list[int]], finish: Callable[[Decoding, Sequence[int]], None]) -> None:
        """Call `finish` with each part of the batch, in several threads at once."""
        rows = sorted(self._rows_of([EncodedRequest(prompt, []) for prompt in prompts]), key=order_of)
        count = min(self._workers.count, max(1, len(rows) // _PART_ROWS))

        def run(part: list[Row]) -> None:
            finish(SharedDecoding(self.run, part, self._model.device), [row.request for row in part])

        # Dealt out in turn: each part gets short and long rows of every prefix.
        self._workers.map(run, [rows[first::count] for first in range(count)])

    def run(self, spans: Pass, tokens: list[int], positions: list[int], wanted: list[int]) -> Any:
        """Run the model over tokens that attend as `spans` says; return logits [wanted, vocabulary]."""
        device = self._model.device
        with passing(spans):
            output = self._model(
                input_ids=torch.tensor([tokens], device=device),
                position_ids=torch.tensor([positions], device=device),
                use_cache=False,
                logits_to_keep=torch.tensor(wanted, device=device),
            )
        return output.logits[0]

    def forget(self) -> None:
        """Drop the prefixes kept from earlier batches."""
        self._prefixes.clear()

    def _rows_of(self, batch: Sequence[EncodedRequest]) -> list[Row]:
        prompts = [encoded.prompt for encoded in batch]
        shared = shared_prefix_lengths(prompts)
        keys = [tuple(prompt[:length]) for prompt, length in zip(prompts, shared, strict=True)]
        prefixes = self._computed(list(dict.fromkeys(keys)))
        return [
            row_of(place, encoded, prefixes[key])
            for place, (encoded, key) in enumerate(zip(batch, keys, strict=True))
        ]

    def _computed(self, keys: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], Prefix]:
        found = {key: self._prefixes.get(key) or Prefix(key) for key in keys}
        self._workers.map(
            self._compute, [prefix for prefix in found.values() if prefix and not prefix.layers]
        )
        for key, prefix in found.items():
            self._prefixes[key] = prefix
            self._prefixes.move_to_end(key)
        while sum(prefix.bytes for prefix in self._prefixes.values()) > _PREFIX_BYTES:
            self._prefixes.popitem(last=False)
        return found

    def _compute(self, prefix: Prefix) -> None:
        self.run(prefix, list(prefix.tokens), list(range(len(prefix))), [0])

    def _parts_of(self, rows: Sequence[Row]) -> list[list[Row]]:
        """Cut the rows, like beside like, into parts of about one pass, as many as keep workers busy."""
        ordered = sorted(rows, key=order_of)
        ends = list(accumulate(map(self._weight, ordered)))
        busy = self._workers.count
        count = -(-ends[-1] // PASS_TOKENS)
        count = -(-count // busy) * busy
        size = -(-ends[-1] // count)
        numbered = groupby(zip(ordered, ends, strict=True), key=lambda entry: (entry[1] - 1) // size)
        return [[row for row, _ in part] for _, part in numbered]

    def _weight(self, row: Row) -> int:
        logits = len({place for place, _, _ in row.targets}) * int(self._model.config.vocab_size)
        return max(len(row.tokens), logits * PASS_TOKENS // _PASS_LOGITS)

    def _scored(self, part: list[Row]) -> list[tuple[int, int, float]]:
        """Return (request, option, log-probability) of every token that counts."""
        found = []
        for pieces in passes_of(blocks_of(part, self._model.device)):
            found += self._scored_pass(pieces)
        return found

    def _scored_pass(self, pieces: list[Piece]) -> list[tuple[int, int, float]]:
        targets = _targets(pieces)
        wanted = sorted({place for place, _, _, _ in targets}) or [0]
        spans = Packed(spans_of(pieces, self._model.device))
        logits = self.run(spans, *inputs_of(pieces), wanted)
        line = {place: number for number, place in enumerate(wanted)}
        lines = torch.tensor(
            [line[place] for place, _, _, _ in targets], device=logits.device, dtype=torch.long
        )
        tokens = torch.tensor([token for _, token, _, _ in targets], device=logits.device, dtype=torch.long)
        logprobs = logprobs_at(logits, lines, tokens).tolist()
        return [(request, option, p) for (_, _, request, option), p in zip(targets, logprobs, strict=True)]


def _targets(pieces: Sequence[Piece]) -> list[tuple[int, int, int, int]]:
    """Return (place in the pass, token to come, request, option) of each token that counts."""
    targets, before = [], 0
    for piece in pieces:
        for place, token, option in piece.row.targets:
            if piece.start <= place < piece.end:
                targets.append((before + place - piece.start, token, piece.row.request, option))
        before += piece.end - piece.start
    return targets
