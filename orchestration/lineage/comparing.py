"""Two runs side by side: where they part, and what came of it.

Replies and scores come in whatever order calls end, so they are paired by what they answer; everything else
is paired by its place among what its sender said of that kind.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ...agents.messages import Stage
from ...storage.event import Event
from ...storage.reader import Reader
from ..view import RunView, message_for
from .differences import Difference, differences
from .endings import NOTES

_ASIDE = NOTES | {"run.started", "run.resumed", "run.failed", "handler.failed", "call.failed"}
"""Not compared: settings are listed by themselves, and interruptions change nothing that is said."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first thing that was said otherwise; a seq is None where the other run did not come to say it."""

    kind: str
    seqs: tuple[int | None, int | None]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class PromptPair:
    """A prompt of a stage and its scores in both runs, in [0, 1]; None where it was not scored."""

    stage: Stage
    id: str
    text: str
    scores: tuple[float | None, float | None]
    test_scores: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `tp diff` shows."""

    runs: tuple[str, str]
    settings: tuple[Difference, ...]
    divergence: Divergence | None
    prompts: tuple[PromptPair, ...]
    calls: tuple[dict[str, int], dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Said:
    seq: int
    kind: str
    content: Any


def compare(reader: Reader, first: str, second: str) -> Comparison:
    """Compare two runs of one log, by their full names."""
    one, other = list(reader.read(first)), list(reader.read(second))
    views = _view(one), _view(other)
    return Comparison(
        runs=(first, second),
        settings=differences(_settings(one), _settings(other)),
        divergence=_divergence(_said(one), _said(other)),
        prompts=tuple(_prompts(*views)),
        calls=(views[0].calls.as_json(), views[1].calls.as_json()),
    )


def _divergence(one: Mapping[object, _Said], other: Mapping[object, _Said]) -> Divergence | None:
    for key, said in one.items():
        answer = other.get(key)
        if answer is None:
            return Divergence(said.kind, (said.seq, None), ())
        if answer.content != said.content:
            found = differences(said.content, answer.content)
            return Divergence(said.kind, (said.seq, answer.seq), found)
    extra = next((said for key, said in other.items() if key not in one), None)
    return Divergence(extra.kind, (None, extra.seq), ()) if extra else None


def _said(events: Iterable[Event]) -> dict[object, _Said]:
    """What was said, under keys by which the same thing is found in another run."""
    found: dict[object, _Said] = {}
    places: Counter[tuple[str, str]] = Counter()
    for event in events:
        if event.kind in _ASIDE:
            continue
        data = orjson.loads(event.data)
        key, content = _key(event, data), data["reply"] if event.kind == "call.finished" else data
        if key is None:
            place = event.sender, event.kind
            key = (*place, places[place])
            places[place] += 1
        found.setdefault(key, _Said(event.seq, event.kind, content))
    return found


def _key(event: Event, data: dict[str, Any]) -> object:
    if event.kind in ("call.requested", "call.finished"):
        return event.kind, data["key"]
    if event.kind == "prompt.scored":
        return tuple(data[name] for name in ("kind", "stage", "step", "purpose", "candidate", "task"))
    return None


def _settings(events: list[Event]) -> Any:
    started = orjson.loads(events[0].data)
    return {**started.get("config", {}), "models in use": started.get("models")}


def _view(events: Iterable[Event]) -> RunView:
    view = RunView()
    for event in events:
        view.feed(event, message_for(event))
    return view


def _prompts(one: RunView, other: RunView) -> Iterator[PromptPair]:
    for stage in dict.fromkeys([*one.boards, *other.boards]):
        boards = one.boards.get(stage), other.boards.get(stage)
        texts = {id_: row.candidate.text for board in boards if board for id_, row in board.rows.items()}
        for id_, text in texts.items():
            rows = [(board, board.rows.get(id_) if board else None) for board in boards]
            scores = [board.score_of(row) if board and row else None for board, row in rows]
            finals = [row.final.composite if row and row.final else None for _, row in rows]
            yield PromptPair(stage, id_, text, (scores[0], scores[1]), (finals[0], finals[1]))
