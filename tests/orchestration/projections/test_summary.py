"""An outline is the whole view of a run, although the database adds up its calls."""

from collections.abc import Callable
from pathlib import Path

import pytest
from console_script import PLAIN, SHORT, Script, open_stage, opening, whole_run
from tiny_runs import RUN, begin, raced_config, scripted

from transfer_prompting.agents.messages import CallFailed, ForkMade, RunResumed
from transfer_prompting.agents.upcasting import UPCASTERS
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.projections.summary import summarised
from transfer_prompting.storage.errors import LogUnreadable
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.reader import Reader
from transfer_prompting.storage.redaction import blank
from transfer_prompting.storage.sqlite.reader import LogReader


def broken_off() -> Script:
    """A run that crashed with a call as its last event, went on, and is under way; with a note behind it."""
    script = Script()
    opening(script)
    open_stage(script, "source", ("near",), PLAIN)
    asked = script.request(PLAIN)
    first, second, third, fourth = (script.ask(asked, f"{PLAIN.id} / x{i}") for i in range(4))
    failure = CallFailed(key="k", cause="timeout", error="no answer", attempts=4)
    script.say("model/scorer", failure, "scorer/main", cause=first)
    final = failure.model_copy(update={"final": True})
    script.say("model/scorer", final, "scorer/main", cause=second)
    script.reply(third, tokens=(20, 3))
    script.say("user", RunResumed(reissued=(first.id,), versions={}), after=3_600_000_000)
    script.say("model/scorer", failure, "scorer/main", cause=fourth)
    script.reply(first, reused="elsewhere")
    script.reply(script.ask(script.request(SHORT)))
    script.ask(asked)
    script.say("user", ForkMade(fork="other", at=3), after=3_600_000_000)
    return script


async def write(script: Script, path: Path) -> None:
    """A log of those events, at their own times."""
    ticks = iter(script.events)
    log = await EventLog.open(path, lambda: next(ticks).at)
    for e in script.events:
        await log.append([Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data)])
    await log.close()


def folded(reader: Reader, run: str) -> RunState:
    """The view that has seen every event."""
    view = RunState()
    for event in reader.read(run):
        view.apply(event, message_for(event))
    return view


@pytest.mark.parametrize("told", [whole_run, broken_off])
async def test_the_same_as_event_by_event(told: Callable[[], Script], tmp_path: Path) -> None:
    """Calls, costs and times are those of a view that has seen every event, also after a crash."""
    await write(told(), tmp_path / "log.db")
    with LogReader(tmp_path / "log.db") as reader:
        whole = folded(reader, "demo-1").as_json()
        assert summarised(reader, "demo-1").as_json() == whole
    assert whole["calls"]["finished"] > 0


async def test_calls_under_way(tmp_path: Path) -> None:
    """A failed call is under way again once the run was resumed, unless it was given up for good."""
    await write(broken_off(), tmp_path / "log.db")
    with LogReader(tmp_path / "log.db") as reader:
        view = summarised(reader, "demo-1")
    # Six were asked: three have a reply, one was given up, one has failed since the resumption.
    assert (view.calls.requested, view.calls.finished, view.calls.in_flight) == (6, 3, 1)
    assert (view.calls.reused, view.calls.saved_tokens, view.spending.prompt_tokens) == (1, 12, 30)


async def test_of_a_run(tmp_path: Path) -> None:
    """A run of the program has the same outline as view, also where a reply was redacted."""
    await begin(raced_config(tmp_path), tmp_path, scripted())
    log = tmp_path / "log.db"
    with LogReader(log) as reader:
        assert summarised(reader, RUN).as_json() == folded(reader, RUN).as_json()
        reply = next(reader.read(RUN, kinds=("call.finished",)))
    blank(log, reply.run, reply.seq)
    with LogReader(log) as reader:
        assert summarised(reader, RUN).as_json() == folded(reader, RUN).as_json()


async def test_replies_of_an_older_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where replies have another schema than today's, they are read one by one."""
    await write(whole_run(), tmp_path / "log.db")
    monkeypatch.setitem(UPCASTERS._newest, "call.finished", 2)

    def dearer(old: dict[str, object]) -> dict[str, object]:
        reply = dict(old["reply"], prompt_tokens=1000)  # type: ignore[call-overload]
        return {**old, "reply": reply}

    monkeypatch.setitem(UPCASTERS._steps, ("call.finished", 1), dearer)
    with LogReader(tmp_path / "log.db") as reader:
        assert summarised(reader, "demo-1").spending.prompt_tokens == 26_000


async def test_a_message_that_cannot_be_read(tmp_path: Path) -> None:
    """An outline with a hole in it would be wrong: it is refused, with the seq."""
    script = whole_run()
    at = next(i for i, event in enumerate(script.events) if event.kind == "race.finished")
    script.events[at] = script.events[at]._replace(data=b'{"kind":"race.finished"}')
    await write(script, tmp_path / "log.db")
    with LogReader(tmp_path / "log.db") as reader, pytest.raises(LogUnreadable, match=f"seq {at + 1} "):
        summarised(reader, "demo-1")
