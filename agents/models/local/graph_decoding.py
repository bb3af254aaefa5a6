"""Decoding on a GPU in steps that are recorded once and replayed.

Starting the thousand kernels of a step from Python takes several times as long as running them. A CUDA
graph starts them all at once. It needs fixed shapes and addresses: rows stay until half of them have ended,
each has room for many tokens, and the chosen tokens stay on the GPU until several steps have been made.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import torch

from .key_values import RowBlock
from .shared_decoding import Runner, SharedDecoding
from .spans import PackedPass, Span

# Steps made from Python before one is recorded, which takes about as long: many answers end before.
_UNRECORDED = 3
# Steps made before the host looks at their tokens. A row that ends among them makes the others in vain.
_TOGETHER = 8
# Most tokens for which a recording has room. Attention reads all of it in every step.
_ROOM = 128

_RECORDING = threading.Lock()


class GraphDecoding(SharedDecoding):
    """Decodes like `SharedDecoding`, with recorded steps for the most likely tokens."""

    _steps: "_RecordedSteps | None" = None
    _recordable = True
    _made = 0

    def greedy(self, tokens: Sequence[int], most: int) -> list[list[int]]:
        """Append one token to each row, then the most likely ones; return up to `most` of these by row."""
        self._made += 1
        if self._made <= _UNRECORDED:
            return super().greedy(tokens, most)
        count = min(_TOGETHER, most)
        if self._steps is None or self._steps.left < count:
            self._record(max(count, min(most, _ROOM)))
        return self._steps.run(tokens, count) if self._steps else super().greedy(tokens, most)

    def _record(self, left: int) -> None:
        """Record steps for so many tokens, unless the model does what cannot be recorded."""
        self._steps = None
        if not self._recordable:
            return
        try:
            self._steps = _RecordedSteps(self._runner, self._live(), left)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError:
            self._recordable = False

    def step(self, tokens: Sequence[int]) -> Any:
        """Append one token to each row and return the logits [rows, vocabulary] of the next tokens."""
        self._steps = None
        return super().step(tokens)

    def keep(self, kept: Sequence[int]) -> list[int]:
        """Drop all rows but `kept`, or none yet while most are kept; return the old index of each row."""
        rows = sum(len(block.lengths) for block in self._blocks)
        if self._steps is not None and 2 * len(kept) > rows:
            return list(range(rows))
        self._steps = None
        return super().keep(kept)


class _RecordedSteps:
    """Steps for the rows of some blocks. `left` is the number of steps for which there is room."""

    def __init__(self, runner: Runner, blocks: Sequence[RowBlock], left: int) -> None:
        self.left = left
        self._runner, self._blocks = runner, blocks
        self._rooms = [max(block.lengths) + left for block in blocks]
        for block, room in zip(blocks, self._rooms, strict=True):
            block.reserve(room)
        device = blocks[0].device
        self._lengths = [torch.tensor(block.lengths, device=device) for block in blocks]
        self._tokens = torch.zeros(sum(map(len, self._lengths)), dtype=torch.long, device=device)
        self._replay = _recorded(self._step, device)

    def run(self, tokens: Sequence[int], count: int) -> list[list[int]]:
        """Append the tokens and then the most likely ones; return the `count` most likely of each row."""
        self._tokens.copy_(torch.tensor(tokens))
        found = []
        for _ in range(count):
            self._replay()
            found.append(self._tokens.clone())
        self.left -= count
        for block in self._blocks:
            block.lengths = [length + count for length in block.lengths]
        chosen: list[list[int]] = torch.stack(found, dim=1).tolist()
        return chosen

    def _step(self) -> None:
        spans = [
            Span.of_step(block, lengths, room)
            for block, lengths, room in zip(self._blocks, self._lengths, self._rooms, strict=True)
        ]
        positions = torch.cat(
            [len(block.prefix) + lengths for block, lengths in zip(self._blocks, self._lengths, strict=True)]
        )
        logits = self._runner.step(PackedPass(spans), self._tokens, positions)
        self._tokens.copy_(logits.argmax(dim=-1))
        for lengths in self._lengths:
            lengths.add_(1)


def _recorded(step: Callable[[], None], device: Any) -> Callable[[], None]:
    """Return a function that does what `step` does, with everything in it at the same places."""
    if device.type != "cuda":
        return step
    graph, before = torch.cuda.CUDAGraph(), torch.cuda.current_stream(device)
    try:
        # One recording at a time in a process, whose models may run in several threads.
        with _RECORDING, torch.cuda.graph(graph, capture_error_mode="thread_local"):
            step()
    except RuntimeError:
        # A recording that fails leaves its own stream in place.
        torch.cuda.set_stream(before)
        raise
    replay: Callable[[], None] = graph.replay
    return replay
