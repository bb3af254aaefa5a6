"""A run as spans of time."""

from collections import Counter
from pathlib import Path

import pytest
from harbour_run import RUN as HARBOUR
from harbour_run import harbour_log
from program_runs import answer_as_steps, program_config, run_now
from tiny_runs import scripted

from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.projections.spans import RUN, Span, Spans
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader


def spans_of(events: list[Event]) -> list[Span]:
    folded = Spans()
    return [span for event in events for span in folded.apply(event)]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """A whole run with a source, a target and a control stage, and a judge."""
    with LogReader(harbour_log()) as reader:
        return list(reader.read(HARBOUR))


def test_every_call_has_one_span(events: list[Event], account: RunHistory) -> None:
    """Each call of a model is one span, with the tokens that the history has."""
    calls = [span for span in spans_of(events) if span.kind == "call"]
    known = {call.id: call.tokens for call in account.calls.of_models if call.about != "probe"}
    told = {
        span.id: 0
        if span.outcome.reused
        else span.outcome.reply.prompt_tokens + span.outcome.reply.completion_tokens
        for span in calls
        if span.outcome is not None and span.outcome.kind == "call.finished"
    }
    assert len(calls) == len(known)
    assert told == known


def test_spans_nest(events: list[Event]) -> None:
    """Each span but that of the run lies within its parent, which has a span, too."""
    spans = {span.id: span for span in spans_of(events)}
    for span in spans.values():
        if span.parent is None:
            assert span.id == RUN
            continue
        parent = spans[span.parent]
        assert parent.began <= span.began <= span.ended <= parent.ended


def test_no_span_is_told_twice(events: list[Event]) -> None:
    """The ids differ, and the run comes last."""
    spans = spans_of(events)
    assert max(Counter(span.id for span in spans).values()) == 1
    assert spans[-1].id == RUN


def test_stages_and_steps(events: list[Event], account: RunHistory) -> None:
    """There is a span for each stage, one for the final comparison, and one for each step."""
    spans = spans_of(events)
    stages = [span.name for span in spans if span.kind == "stage"]
    assert sorted(stages) == sorted([*account.state.leaderboards, "verdict"])
    steps = Counter(span.parent for span in spans if span.kind == "step")
    assert steps["stage/target"] == 1 + account.state.leaderboards["target"].steps
    assert not steps["stage/verdict"]


def test_an_unfinished_run_has_no_span(events: list[Event]) -> None:
    """What goes on has no span yet: the rest of the log tells it, and each span is told once."""
    folded, half = Spans(), len(events) // 2
    early = [span.id for event in events[:half] for span in folded.apply(event)]
    late = [span.id for event in events[half:] for span in folded.apply(event)]
    assert RUN not in early
    assert early + late == [span.id for span in spans_of(events)]


def test_calls_of_a_program_are_in_its_execution(tmp_path: Path) -> None:
    """The calls that a program makes belong to the execution that made them."""
    model = scripted(answer_as_steps)
    spans = spans_of(run_now(program_config(tmp_path), tmp_path, model))
    executions = {span.id for span in spans if span.kind == "execution"}
    inner = [span for span in spans if span.kind == "call" and span.name == "scorer"]
    assert executions
    assert inner
    assert {span.parent for span in inner} == executions
