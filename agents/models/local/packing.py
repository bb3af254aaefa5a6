"""Packing of requests: into rows that continue prefixes, and into passes of a limited number of tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch

from .key_values import Prefix, RowBlock
from .scoring import EncodedRequest
from .spans import Span


@dataclass(frozen=True, slots=True)
class PackedRow:
    """The tokens of a request after its prefix: the rest of the prompt, then the options as branches.

    `targets` are (index in the row of the token before it, token, option) of each token whose probability
    counts.
    """

    request: int
    prefix: Prefix
    tokens: list[int]
    positions: list[int]
    """Position of each token in its text."""
    segments: list[int]
    """Branch of each token: 0 for the prompt, and n + 1 for option n."""
    targets: list[tuple[int, int, int]]


def packed_row(request: int, encoded: EncodedRequest, prefix: Prefix) -> PackedRow:
    """Return a request's row.

    The last token of an option is only a target, so that options of one token add nothing to the prompt.
    """
    own = encoded.prompt[len(prefix) :]
    row = PackedRow(request, prefix, own, list(range(len(prefix), len(encoded.prompt))), [0] * len(own), [])
    end = len(own) - 1
    for number, option in enumerate(encoded.options):
        before = len(row.tokens)
        indices = [end, *range(before, before + len(option) - 1)]
        row.targets.extend((index, token, number) for index, token in zip(indices, option, strict=True))
        row.tokens.extend(option[:-1])
        row.positions.extend(range(len(encoded.prompt), len(encoded.prompt) + len(option) - 1))
        row.segments.extend([number + 1] * (len(option) - 1))
    return row


def sort_key(row: PackedRow) -> tuple[tuple[int, ...], int]:
    """Return a key that sorts rows by prefix, and then by length."""
    return row.prefix.tokens, len(row.tokens)


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens from `start` to `end` of a row, which is number `index` of `block`."""

    row: PackedRow
    block: RowBlock
    index: int
    start: int
    end: int


def blocks_of(rows: Sequence[PackedRow], device: Any) -> list[tuple[RowBlock, list[PackedRow]]]:
    """Return blocks of consecutive rows that share a prefix."""
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row.prefix.tokens)]
    return [
        (RowBlock(group[0].prefix, [len(row.tokens) for row in group], _segments(group, device)), group)
        for group in groups
    ]


def _segments(rows: Sequence[PackedRow], device: Any) -> Any:
    """Return the segments [rows, tokens], padded by 0; None if no row has branches."""
    if not any(map(any, (row.segments for row in rows))):
        return None
    width = max(len(row.segments) for row in rows)
    return torch.tensor([row.segments + [0] * (width - len(row.segments)) for row in rows], device=device)


def passes_of(blocks: Sequence[tuple[RowBlock, list[PackedRow]]], tokens: int) -> Iterator[list[Piece]]:
    """Cut blocks into passes of whole rows and at most so many `tokens`.

    A row that is too long for one pass is cut into pieces.
    """
    current: list[Piece] = []
    size = 0
    for piece in _pieces(blocks, tokens):
        if current and size + piece.end - piece.start > tokens:
            yield current
            current, size = [], 0
        current.append(piece)
        size += piece.end - piece.start
    yield current


def _pieces(blocks: Sequence[tuple[RowBlock, list[PackedRow]]], tokens: int) -> Iterator[Piece]:
    for block, rows in blocks:
        for index, row in enumerate(rows):
            for start in range(0, len(row.tokens), tokens):
                yield Piece(row, block, index, start, min(start + tokens, len(row.tokens)))


def spans_of(pieces: Sequence[Piece], device: Any) -> list[Span]:
    """Return one span for the pieces of each block. A pass never holds two pieces of one row."""
    spans = []
    for _, group in groupby(pieces, key=lambda piece: id(piece.block)):
        same = list(group)
        starts, counts = [piece.start for piece in same], [piece.end - piece.start for piece in same]
        spans.append(Span.of_pieces(same[0].block, same[0].index, starts, counts, device))
    return spans


def inputs_of(pieces: Sequence[Piece]) -> tuple[list[int], list[int]]:
    """Return the tokens of a pass and their positions in their texts."""
    tokens = [token for piece in pieces for token in piece.row.tokens[piece.start : piece.end]]
    positions = [at for piece in pieces for at in piece.row.positions[piece.start : piece.end]]
    return tokens, positions
