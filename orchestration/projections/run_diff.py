"""Two runs side by side: where they part, and what came of it.

Replies and scores come in whatever order calls end, so they are paired by what they answer; everything else
is paired by its place among what its sender said of that kind, of the same step where it names one, since the
races of several steps take turns. What was redacted differs from nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...agents.messages import Stage
from ...agents.upcasting import UPCASTERS
from ...storage.event import Event
from ...storage.reader import Reader
from ...storage.redaction import is_redacted
from .json_diff import Difference, differences
from .run_state import RunState, message_for
from .run_status import NOTES

_ASIDE = NOTES | {
    "run.started",
    "run.resumed",
    "run.failed",
    "handler.failed",
    "call.failed",
    "backend.probed",
}
"""Not compared: settings are listed by themselves, and interruptions change nothing that is said."""
_BY_CONTENT = {
    "call.requested": ("key",),
    "call.finished": ("key",),
    "prompt.scored": ("stage", "step", "purpose", "candidate", "task", "outcomes"),
}
"""Kinds that are not paired by their place, and the fields that are the same in both runs.

Of outcomes only the examples are: what became of them is what is compared.
"""


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
class RunDiff:
    """What `tp diff` shows."""

    runs: tuple[str, str]
    settings: tuple[Difference, ...]
    """Empty, too, where the opening message of a run was redacted."""
    divergence: Divergence | None
    prompts: tuple[PromptPair, ...]
    calls: tuple[dict[str, int], dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Said:
    seq: int
    kind: str
    content: Any
    """None where the payload was redacted."""


def compare(reader: Reader, first: str, second: str) -> RunDiff:
    """Compare two runs of one log, by their full names."""
    one, other = list(reader.read(first)), list(reader.read(second))
    views = _view(one), _view(other)
    # Of what was redacted nobody knows the step.
    blanked = frozenset(event.kind for event in (*one, *other) if is_redacted(event))
    return RunDiff(
        runs=(first, second),
        settings=_settings_changed(one[0], other[0]),
        divergence=_divergence(_said(one, blanked), _said(other, blanked)),
        prompts=tuple(_prompts(*views)),
        calls=(views[0].calls.as_json(), views[1].calls.as_json()),
    )


def _divergence(one: Mapping[object, _Said], other: Mapping[object, _Said]) -> Divergence | None:
    lost, theirs_lost = _lost(one), _lost(other)
    for key, said in one.items():
        answer = other.get(key)
        if answer is None and not _is_lost(said, theirs_lost):
            return Divergence(said.kind, (said.seq, None), ())
        if answer and None not in (said.content, answer.content) and said.content != answer.content:
            found = differences(said.content, answer.content)
            return Divergence(said.kind, (said.seq, answer.seq), found)
    extra = next((said for key, said in other.items() if key not in one and not _is_lost(said, lost)), None)
    return Divergence(extra.kind, (None, extra.seq), ()) if extra else None


def _lost(said: Mapping[object, _Said]) -> Counter[str]:
    """Kind -> how many messages cannot be paired any more, because what they were paired by is gone."""
    return Counter(s.kind for s in said.values() if s.content is None and s.kind in _BY_CONTENT)


def _is_lost(said: _Said, lost: Counter[str]) -> bool:
    """Whether a message without a partner was redacted, or may be one that was redacted in the other run."""
    if said.content is None:
        return True
    lost[said.kind] -= 1
    return lost[said.kind] >= 0


def _said(events: Iterable[Event], blanked: Collection[str] = ()) -> dict[object, _Said]:
    """What was said, under keys by which the same thing is found in another run."""
    found: dict[object, _Said] = {}
    places: Counter[tuple[object, ...]] = Counter()
    for event in events:
        if event.kind in _ASIDE:
            continue
        data = None if is_redacted(event) else UPCASTERS.payload(event)
        key: object
        if fields := _BY_CONTENT.get(event.kind):
            key = (event.kind, *(_identity(data[name]) for name in fields)) if data else event.id
        else:
            step = (data.get("stage"), data.get("step")) if data and event.kind not in blanked else ()
            place = event.sender, event.kind, *step
            key = (*place, places[place])
            places[place] += 1
        content = data["reply"] if data and event.kind == "call.finished" else data
        found.setdefault(key, _Said(event.seq, event.kind, content))
    return found


def _identity(value: Any) -> object:
    return tuple(outcome["example"] for outcome in value) if isinstance(value, list) else value


def _settings_changed(one: Event, other: Event) -> tuple[Difference, ...]:
    if is_redacted(one) or is_redacted(other):
        return ()
    return differences(_settings(one), _settings(other))


def _settings(opening: Event) -> Any:
    started = UPCASTERS.payload(opening)
    return {**started.get("config", {}), "models in use": started.get("models")}


def _view(events: Iterable[Event]) -> RunState:
    view = RunState()
    for event in events:
        view.feed(event, message_for(event))
    return view


def _prompts(one: RunState, other: RunState) -> Iterator[PromptPair]:
    for stage in dict.fromkeys([*one.boards, *other.boards]):
        boards = one.boards.get(stage), other.boards.get(stage)
        texts = {id_: row.candidate.text for board in boards if board for id_, row in board.rows.items()}
        for id_, text in texts.items():
            rows = [(board, board.rows.get(id_) if board else None) for board in boards]
            scores = [board.score_of(row) if board and row else None for board, row in rows]
            finals = [row.final.composite if row and row.final else None for _, row in rows]
            yield PromptPair(stage, id_, text, (scores[0], scores[1]), (finals[0], finals[1]))
