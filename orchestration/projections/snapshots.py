"""Copies of a run's state, so that going back in a long log does not start at its beginning."""

import pickle
from bisect import bisect_right
from io import BytesIO
from typing import Any

from pydantic import BaseModel

from .run_state import RunState


class Snapshots:
    """Copies of a `RunState` by seq. Messages and prompts never change, so all copies share them."""

    def __init__(self) -> None:
        self._seqs: list[int] = []
        self._copies: list[bytes] = []
        self._shared: list[BaseModel] = []
        self._places: dict[int, int] = {}

    def put(self, seq: int, view: RunState) -> None:
        """Keep a copy of `view`, the state after the event `seq`. Seqs must ascend."""
        out = BytesIO()
        _Writer(out, self._shared, self._places).dump(view)
        self._seqs.append(seq)
        self._copies.append(out.getvalue())

    def before(self, seq: int) -> tuple[int, RunState]:
        """Return the last copy no later than `seq`, with its own seq; an empty state if there is none."""
        at = bisect_right(self._seqs, seq)
        if not at:
            return 0, RunState()
        view: RunState = _Reader(BytesIO(self._copies[at - 1]), self._shared).load()
        return self._seqs[at - 1], view


class _Writer(pickle.Pickler):
    def __init__(self, out: BytesIO, shared: list[BaseModel], places: dict[int, int]) -> None:
        super().__init__(out, pickle.HIGHEST_PROTOCOL)
        self._shared, self._places = shared, places

    def persistent_id(self, obj: Any) -> int | None:
        if not isinstance(obj, BaseModel):
            return None
        # The list keeps every object alive, so no other object can get the same id.
        if id(obj) not in self._places:
            self._places[id(obj)] = len(self._shared)
            self._shared.append(obj)
        return self._places[id(obj)]


class _Reader(pickle.Unpickler):
    """Reads only copies that this process has written: nothing from outside is unpickled."""

    def __init__(self, source: BytesIO, shared: list[BaseModel]) -> None:
        super().__init__(source)
        self._shared = shared

    def persistent_load(self, pid: Any) -> BaseModel:
        return self._shared[int(pid)]
