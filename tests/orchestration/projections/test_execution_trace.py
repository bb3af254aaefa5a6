"""The trace of an execution: its calls and notes in order, from any event that belongs to it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_log import ATTACKS, dangers
from rich.console import Console
from system_runs import RUN, system_log

from transfer_prompting.orchestration.console.trace import trace_text
from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.orchestration.projections.execution_trace import (
    ExecutionTrace,
    TracedStep,
    execution_of,
    read_trace,
)
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def reader() -> Iterator[LogReader]:
    """Yield a reader of a run of a program of two texts."""
    with LogReader(system_log()) as opened:
        yield opened


def executions(reader: LogReader) -> list[Event]:
    """Return the requests to run the program."""
    events = reader.read(RUN, kinds=("call.requested",))
    return [event for event in events if event.recipients == ("model/scorer.program",)]


def test_steps_in_order(reader: LogReader) -> None:
    """Each call has its module, and a note stands between the calls before and after which it was made."""
    trace = read_trace(reader, executions(reader)[0])
    assert [(step.module, step.what, step.call) for step in trace.steps] == [
        ("retrieve", "scorer", True),
        ("", "search", False),
        ("answer", "scorer", True),
    ]
    found, note, said = trace.steps
    assert note.replied == found.replied
    assert said.replied == trace.output
    assert trace.prompts["retrieve"] in (found.asked or "")
    assert json.loads(trace.row or "")["parcel"] in (found.asked or "")


def test_every_execution_has_a_trace(reader: LogReader) -> None:
    """All executions have two calls, and their tokens by module are those of the steps."""
    for event in executions(reader):
        trace = read_trace(reader, event)
        assert list(trace.contributions) == ["retrieve", "answer"]
        assert sum(tokens for _, tokens, _ in trace.contributions.values()) == sum(
            step.tokens for step in trace.steps
        )


def test_events_of_an_execution_lead_to_it(reader: LogReader) -> None:
    """The output, the inner calls and their replies lead to the execution; other events to none."""
    asked = executions(reader)[0]
    [first, _] = reader.all_caused_by(RUN, asked.id, "call.requested")
    inner, output = (reader.caused_by(RUN, event.id, "call.finished") for event in (first, asked))
    assert inner is not None
    assert output is not None
    assert {execution_of(reader, event) for event in (asked, first, inner, output)} == {asked}
    for event in reader.read(RUN, kinds=("run.started", "scoring.requested", "prompt.scored")):
        assert execution_of(reader, event) is None
    reference = next(
        e for e in reader.read(RUN, kinds=("call.requested",)) if "model/reference" in e.recipients
    )
    assert execution_of(reader, reference) is None


async def test_a_redacted_call(tmp_path: Path) -> None:
    """A redacted call keeps its place in the trace, without its words."""
    log = Path(shutil.copy(system_log(), tmp_path / "log.db"))
    with LogReader(log) as reader:
        asked = executions(reader)[0]
        [first, _] = reader.all_caused_by(RUN, asked.id, "call.requested")
    await redact(log, RUN, first.seq, "it holds a name")
    with LogReader(log) as reader:
        trace = read_trace(reader, executions(reader)[0])
    step = next(step for step in trace.steps if step.call)
    assert (step.module, step.asked) == ("(redacted)", None)


@pytest.mark.parametrize("attack", ATTACKS)
def test_foreign_words_are_text(attack: str) -> None:
    """Whatever a row, a model, a module or an error says, a terminal obeys none of it."""
    step = TracedStep(
        module=attack, what=attack, call=True, seq=1, asked=attack, replied=attack, error=attack
    )
    note = TracedStep(module="", what=attack, call=False, replied=attack)
    for output, error in ((attack, ""), (None, attack)):
        trace = ExecutionTrace(1, attack, attack, {attack: attack}, (step, note), output, error, False)
        console = Console(width=200, force_terminal=True, color_system=None)
        with console.capture() as shown:
            console.print(trace_text(trace))
        assert not dangers(shown.get())


def test_only_one_module(reader: LogReader) -> None:
    """With a module only the steps that rest on its text are shown."""
    console = Console(width=200)
    with console.capture() as shown:
        console.print(trace_text(read_trace(reader, executions(reader)[0]), modules=("answer",)))
    assert "3. answer" in shown.get()
    assert "1. retrieve" not in shown.get()
