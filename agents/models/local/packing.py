"""Requests as rows behind prefixes, and rows as passes of a bounded number of tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch

from .key_values import Prefix, Rows, Span
from .scoring import EncodedRequest

# Tokens of one pass: fewer leave the matrix units idle, more leave the processor's cache.
PASS_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Row:
    """What follows the prefix: tokens, their positions in the text, and which branch each is of.

    `targets` are (place of the token before it, token, option) of each token whose probability counts.
    """

    request: int
    prefix: Prefix
    tokens: list[int]
    positions: list[int]
    segments: list[int]
    targets: list[tuple[int, int, int]]


def row_of(request: int, encoded: EncodedRequest, prefix: Prefix) -> Row:
    """Return the request's row: the rest of its prompt, then its options as branches side by side.

    An option's last token is only ever asked for: options of one token cost nothing but the prompt.
    """
    own = encoded.prompt[len(prefix) :]
    row = Row(request, prefix, own, list(range(len(prefix), len(encoded.prompt))), [0] * len(own), [])
    end = len(own) - 1
    for number, option in enumerate(encoded.options):
        before = len(row.tokens)
        places = [end, *range(before, before + len(option) - 1)]
        row.targets.extend((place, token, number) for place, token in zip(places, option, strict=True))
        row.tokens.extend(option[:-1])
        row.positions.extend(range(len(encoded.prompt), len(encoded.prompt) + len(option) - 1))
        row.segments.extend([number + 1] * (len(option) - 1))
    return row


def order_of(row: Row) -> tuple[tuple[int, ...], int]:
    """Sort rows of one prefix together and rows of one length side by side."""
    return row.prefix.tokens, len(row.tokens)


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens `start` to `end` of a row, which stands at `place` in `block`."""

    row: Row
    block: Rows
    place: int
    start: int
    end: int


def blocks_of(rows: Sequence[Row], device: Any) -> list[tuple[Rows, list[Row]]]:
    """Return blocks of consecutive rows that share a prefix."""
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row.prefix.tokens)]
    return [
        (Rows(group[0].prefix, [len(row.tokens) for row in group], _segments(group, device)), group)
        for group in groups
    ]


def _segments(rows: Sequence[Row], device: Any) -> Any:
    if not any(map(any, (row.segments for row in rows))):
        return None
    width = max(len(row.segments) for row in rows)
    return torch.tensor([row.segments + [0] * (width - len(row.segments)) for row in rows], device=device)


def passes_of(blocks: Sequence[tuple[Rows, list[Row]]]) -> Iterator[list[Piece]]:
    """Cut blocks into passes: whole rows side by side, and rows too long for one pass in pieces."""
    under_way: list[Piece] = []
    size = 0
    for piece in _pieces(blocks):
        if under_way and size + piece.end - piece.start > PASS_TOKENS:
            yield under_way
            under_way, size = [], 0
        under_way.append(piece)
        size += piece.end - piece.start
    yield under_way


def _pieces(blocks: Sequence[tuple[Rows, list[Row]]]) -> Iterator[Piece]:
    for block, rows in blocks:
        for place, row in enumerate(rows):
            for start in range(0, len(row.tokens), PASS_TOKENS):
                yield Piece(row, block, place, start, min(start + PASS_TOKENS, len(row.tokens)))


def spans_of(pieces: Sequence[Piece], device: Any) -> list[Span]:
    """Return one span for the pieces of each block: a pass never holds two pieces of one row."""
    spans = []
    for _, group in groupby(pieces, key=lambda piece: id(piece.block)):
        same = list(group)
        starts, counts = [piece.start for piece in same], [piece.end - piece.start for piece in same]
        spans.append(Span(same[0].block, same[0].place, starts, counts, device))
    return spans


def inputs_of(pieces: Sequence[Piece]) -> tuple[list[int], list[int]]:
    """Return the tokens of a pass and their positions in their texts."""
    tokens = [token for piece in pieces for token in piece.row.tokens[piece.start : piece.end]]
    return tokens, [at for piece in pieces for at in piece.row.positions[piece.start : piece.end]]
