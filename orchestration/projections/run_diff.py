"""Comparison of two runs: where they part, and the results of both.

Replies and scores arrive in the order in which calls end, so they are paired by what they answer. Everything
else is paired by its position among the messages of the same sender and kind, and of the same step if there
is one, since the races of several steps take turns. A redacted payload equals everything.
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
from .decoding import message_for
from .json_diff import Difference, differences
from .run_state import RunState
from .run_status import NOTES

_ASIDE = NOTES | {
    "run.started",
    "run.resumed",
    "run.failed",
    "handler.failed",
    "call.attempted",
    "call.failed",
    "backend.probed",
}
"""Not compared: settings are listed separately, and interruptions change nothing in the conversation."""
_BY_CONTENT = {
    "call.requested": ("key",),
    "call.finished": ("key",),
    "prompt.scored": ("stage", "step", "purpose", "candidate", "task", "outcomes"),
}
"""Kinds that are paired by contents, and the fields that pair them.

Of outcomes only the examples count here: the results are what is compared.
"""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first message that differs; a seq is None if that run has no such message."""

    kind: str
    seqs: tuple[int | None, int | None]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class PromptPair:
    """A prompt of a stage and its scores in both runs, in [0, 1]; None if it was not scored."""

    stage: Stage
    id: str
    text: str
    scores: tuple[float | None, float | None]
    test_scores: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class RunDiff:
    """Differences of two runs in settings, conversation and scores, and the calls of both."""

    runs: tuple[str, str]
    settings: tuple[Difference, ...]
    """Empty also if the opening message of a run was redacted."""
    divergence: Divergence | None
    prompts: tuple[PromptPair, ...]
    calls: tuple[dict[str, int], dict[str, int]]
    texts: tuple[str, ...] = ()
    """Names of the texts of a prompt; () if a prompt is one text."""


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    kind: str
    content: Any
    """None if the payload was redacted."""


def compare(reader: Reader, first: str, second: str) -> RunDiff:
    """Compare two runs of one log, by their full names."""
    one, other = list(reader.read(first)), list(reader.read(second))
    states = _state(one), _state(other)
    # The step of a redacted message is unknown, so messages of its kind are paired without it.
    blanked = frozenset(event.kind for event in (*one, *other) if is_redacted(event))
    return RunDiff(
        runs=(first, second),
        settings=_settings_changed(one[0], other[0]),
        divergence=_divergence(_entries(one, blanked), _entries(other, blanked)),
        prompts=tuple(_prompts(*states)),
        calls=(states[0].call_totals(), states[1].call_totals()),
        texts=states[0].texts,
    )


def _divergence(one: Mapping[object, _Entry], other: Mapping[object, _Entry]) -> Divergence | None:
    unpaired, others_unpaired = _unpaired(one), _unpaired(other)
    for key, entry in one.items():
        twin = other.get(key)
        if twin is None and not _may_be_redacted(entry, others_unpaired):
            return Divergence(entry.kind, (entry.seq, None), ())
        if twin and None not in (entry.content, twin.content) and entry.content != twin.content:
            found = differences(entry.content, twin.content)
            return Divergence(entry.kind, (entry.seq, twin.seq), found)
    rest = (entry for key, entry in other.items() if key not in one)
    extra = next((entry for entry in rest if not _may_be_redacted(entry, unpaired)), None)
    return Divergence(extra.kind, (None, extra.seq), ()) if extra else None


def _unpaired(entries: Mapping[object, _Entry]) -> Counter[str]:
    """Return, by kind, the number of redacted messages that could only be paired by their contents."""
    return Counter(e.kind for e in entries.values() if e.content is None and e.kind in _BY_CONTENT)


def _may_be_redacted(entry: _Entry, unpaired: Counter[str]) -> bool:
    """Return whether a message without a twin was redacted, or its twin may have been."""
    if entry.content is None:
        return True
    unpaired[entry.kind] -= 1
    return unpaired[entry.kind] >= 0


def _entries(events: Iterable[Event], blanked: Collection[str] = ()) -> dict[object, _Entry]:
    """Return the messages under keys that pair them with those of another run."""
    found: dict[object, _Entry] = {}
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
        found.setdefault(key, _Entry(event.seq, event.kind, content))
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


def _state(events: Iterable[Event]) -> RunState:
    state = RunState()
    for event in events:
        state.apply(event, message_for(event))
    return state


def _prompts(one: RunState, other: RunState) -> Iterator[PromptPair]:
    for stage in dict.fromkeys([*one.leaderboards, *other.leaderboards]):
        boards = one.leaderboards.get(stage), other.leaderboards.get(stage)
        texts = {id_: row.candidate.text for board in boards if board for id_, row in board.rows.items()}
        for id_, text in texts.items():
            rows = [board.rows.get(id_) if board else None for board in boards]
            scores = [row.score if row else None for row in rows]
            finals = [row.final.composite if row and row.final else None for row in rows]
            yield PromptPair(stage, id_, text, (scores[0], scores[1]), (finals[0], finals[1]))
