"""Every log that can come about is shown: cut off at any event, redacted anywhere, without a verdict."""

import asyncio
import io
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from harbour_run import RUN, harbour_log
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from log_making import hurt
from written_scripts import write

from transfer_prompting.orchestration.cli.app import app
from transfer_prompting.storage.errors import TransferPromptingError
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

COMMANDS = (
    ["show"],
    ["show", "--json"],
    ["show", "--tree"],
    ["cost"],
    ["why", "last", "best"],
    ["best"],
    ["project"],
    ["report", "-o", "page.html"],
    ["watch", "--no-follow", "--display", "plain"],
    ["watch", "--no-follow", "--display", "log"],
    ["watch", "--no-follow", "--display", "json"],
)


@cache
def _whole() -> tuple[Event, ...]:
    with LogReader(harbour_log()) as reader:
        return tuple(reader.read(RUN))


def _shown(events: Sequence[Event], redacted: Iterable[int]) -> dict[str, str]:
    """Call every command for a log, and return the outputs. An error that the program expects is one, too."""
    outputs = {}
    with TemporaryDirectory() as folder:
        log = Path(folder) / "log.db"
        asyncio.run(write(log, list(events)))
        hurt(log, *(f"UPDATE event SET data = x'' WHERE seq = {seq}" for seq in redacted))
        for command in COMMANDS:
            words = [word.replace("page.html", f"{folder}/page.html") for word in command]
            with redirect_stdout(io.StringIO()) as printed, redirect_stderr(printed):
                try:
                    app.main([*words, "--log", str(log)], standalone_mode=False)
                except TransferPromptingError as error:
                    print(error)
            outputs[" ".join(command)] = printed.getvalue()
    return outputs


@settings(deadline=None, database=None, max_examples=6, suppress_health_check=list(HealthCheck))
@given(share=st.floats(0, 1), redacted=st.sets(st.floats(0, 1), max_size=20))
@example(share=0, redacted=set())
@example(share=1, redacted={0.0})
@example(share=0.02, redacted={0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9})
def test_any_prefix(share: float, redacted: set[float]) -> None:
    """A run that was cut off after any event, with any payloads redacted, is shown without a traceback."""
    events = _whole()[: 1 + int(share * (len(_whole()) - 1))]
    outputs = _shown(events, {1 + int(place * (len(events) - 1)) for place in redacted})
    assert all(outputs.values())


@pytest.mark.parametrize("kind", sorted({event.kind for event in _whole() if event.kind != "run.started"}))
def test_a_redacted_kind(kind: str) -> None:
    """A run is shown even if every message of one kind was redacted."""
    outputs = _shown(_whole(), [event.seq for event in _whole() if event.kind == kind])
    assert all(outputs.values())


def test_a_run_without_a_verdict() -> None:
    """A run whose models were gone at the end is reported as what it is: nothing was compared."""
    *events, last = _whole()
    verdict = {
        **orjson.loads(last.data),
        "improved": False,
        "verdict": "no verdict: none of the 40 held-out examples could be evaluated",
        "comparisons": [],
        "against_control": [],
        "p_value": None,
    }
    unscored = [_unscored(event) for event in events]
    outputs = _shown([*unscored, last._replace(data=orjson.dumps(verdict))], ())
    assert "no verdict" in outputs["show"]


def _unscored(event: Event) -> Event:
    """Return a score on held-out examples, none of which could be evaluated; other events as they are."""
    if event.kind != "prompt.scored" or b'"split":"test"' not in event.data:
        return event
    scored = orjson.loads(event.data)
    scored["excluded"] = [outcome["example"] for outcome in scored["outcomes"]]
    scored |= {"outcomes": [], "score": {**scored["score"], "composite": 0.0, "measures": {}}}
    return event._replace(data=orjson.dumps(scored))
