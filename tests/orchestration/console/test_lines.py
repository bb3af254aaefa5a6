"""Tests of the conversation as lines."""

from datetime import datetime

import pytest
from console_screens import Pipe
from console_script import (
    CAREFUL,
    CURATOR,
    MODEL,
    PLAIN,
    REFERENCE,
    SCORER,
    SHORT,
    Script,
    end_race,
    propose,
    stop,
    verdict,
    want,
)
from rich.console import Group

from transfer_prompting.agents.messages import (
    CallFailed,
    HandlerFailed,
    HistoryEntry,
    Message,
    ProposalsRequested,
    RunFailed,
)
from transfer_prompting.orchestration.console.formatting import colour, number, short_name
from transfer_prompting.orchestration.console.lines import lines
from transfer_prompting.orchestration.console.visible import harmless, one_line
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.storage.event import Event

LONG = "the reason is a long one " * 10


def printed(event: Event, width: int = 80) -> list[str]:
    pipe = Pipe(width)
    pipe.console.print(Group(*lines(event, message_for(event))))
    return pipe.rows


@pytest.mark.parametrize(
    ("agent", "name"),
    [("curator/main", "curator"), ("model/scorer", "scorer's model"), ("user", "user"), ("model", "model")],
)
def test_short_names(agent: str, name: str) -> None:
    """Agents have short names for people."""
    assert short_name(agent) == name


def test_a_line_says_when_who_to_whom_and_what(script: Script) -> None:
    """A line has the local time, the sender, the recipients and a sentence."""
    event = script.request(PLAIN)
    local = datetime.fromtimestamp(event.at / 1e6).strftime("%H:%M:%S")
    [line] = printed(event)
    assert line.startswith(f"{local} curator -> scorer ")
    assert line.endswith(f"start: score {PLAIN.id} on 4 dev examples of near")


def test_no_recipient_means_all(script: Script) -> None:
    """A message without recipients is addressed to all."""
    event = script.say(CURATOR, verdict())
    assert "curator -> all " in printed(event)[0]


def test_two_recipients_are_named(story: Script) -> None:
    """Two recipients of a message are named; more of them are all."""
    assert "user -> curator, reference start demo" in printed(story.events[0])[0]
    everyone = story.events[0]._replace(recipients=(CURATOR, REFERENCE, SCORER))
    assert "user -> all          start demo" in printed(everyone)[0]


def test_sentences_are_aligned(story: Script) -> None:
    """The sentences of the three agents begin in the same column."""
    starts = {
        row.index(f" {word}")
        for e in story.events
        for row in printed(e)
        for word in ("start: ", "step 1: ", "verdict: ")
        if word in row
    }
    assert starts == {29}


def test_calls_have_no_lines(story: Script) -> None:
    """Model calls have no lines: a run makes thousands of them."""
    calls = [event for event in story.events if event.kind.startswith("call.")]
    assert calls
    assert not any(lines(event, message_for(event)) for event in calls)


def test_proposals_are_followed_by_their_texts(script: Script) -> None:
    """Each proposed prompt has an indented line with its id, its operator and its text on one line."""
    head, first, second = printed(propose(script, "source", 1, CAREFUL, SHORT))
    assert "reference -> curator step 1: 2 prompts proposed" in head
    assert first.split()[:3] == [CAREFUL.id, "history", "Think"]
    assert second.split() == [SHORT.id, "shorten", "One", "word", "only."]
    assert first.startswith("    ")


def test_a_narrow_screen_has_room_for_the_sender_alone(script: Script) -> None:
    """Where time and recipients would leave no room, a line has its sender and its sentence."""
    [line] = printed(script.request(PLAIN), 50)
    assert line == f"curator start: score {PLAIN.id} on 4 dev examples …"


@pytest.mark.parametrize("width", [30, 80, 200])
def test_long_prompts_are_shortened(script: Script, width: int) -> None:
    """A prompt longer than the screen is wide ends in an ellipsis and takes one line."""
    _head, line = printed(propose(script, "source", 1, make_candidate(LONG, "history")), width)
    assert len(line) == width
    assert line.endswith("…")


def test_markup_is_text(script: Script) -> None:
    """Square brackets from a model are shown and are no markup."""
    _head, line = printed(propose(script, "source", 1, CAREFUL), 120)
    assert "[bold]answer[/bold]" in line


def test_terminal_codes_are_replaced() -> None:
    """Terminal control sequences are replaced in prompts of one line and of several."""
    nasty = "red\x1b[31m bell\x07 clear\x9b2J back\u202e"
    assert not set("\x1b\x07\x9b\u202e") & set(one_line(nasty) + harmless(nasty))
    assert one_line(" two\n\tlines\r\n here ") == "two lines here"
    assert harmless("two\r\n\tlines") == "two\n lines"


def test_scores_fit(script: Script) -> None:
    """At 80 columns the line of a score shows prompt, main metric, composite score and number of examples."""
    event = script.score(
        script.request(PLAIN, "a_task_with_a_long_name"), 0.5, {"metric": 0.25, "accuracy": 0.25}
    )
    [line] = printed(event)
    assert f"scorer -> curator    start: {PLAIN.id} scores 0.250 (composite 0.500" in line
    [line] = printed(event, 130)
    assert line.endswith("on 4 dev examples of a_task_with_a_long_name")


def test_requests_read_as_sentences(script: Script) -> None:
    """A request for prompts gives the step and their number."""
    [line] = printed(want(script, "source", 1))
    assert line.endswith("curator -> reference step 1: propose 2 prompts")
    best = HistoryEntry(candidate=PLAIN.id, text=PLAIN.text, score=59, examples=4)
    again = ProposalsRequested(stage="source", step=2, count=1, tasks=(), history=(best,), exemplars=())
    [line] = printed(script.say(CURATOR, again, REFERENCE), 120)
    assert line.endswith("step 2: propose 1 prompt")


def test_races_read_as_sentences(script: Script) -> None:
    """At 80 columns a stop has its examples and its reason, and the end of a race names the best prompt."""
    [line] = printed(stop(script, SHORT, 20))
    assert f"curator -> all       step 1: {SHORT.id} stopped after 20 examples: " in line
    results = ((CAREFUL, 4), (SHORT, 2))
    [line] = printed(end_race(script, "source", 1, *results, against=PLAIN, winner=CAREFUL))
    assert f"curator -> reference step 1: {CAREFUL.id} becomes the best prompt; " in line
    [line] = printed(end_race(script, "source", 2, *results, against=PLAIN), 120)
    assert line.endswith(f"step 2: {PLAIN.id} stays the best prompt; 1 of 2 stopped")


def test_a_score_that_is_the_main_metric_is_told_once(script: Script) -> None:
    """If the score is the main metric, one number is shown."""
    event = script.score(script.request(PLAIN), 0.5)
    assert f"{PLAIN.id} scores 0.500 on 4 dev" in printed(event)[0]
    assert number(None) == "-"


@pytest.mark.parametrize(
    ("sender", "message"),
    [
        (MODEL, CallFailed(key="k", cause="quota", error=LONG, attempts=1)),
        ("runtime", RunFailed(cause="quota", error=LONG, count=1)),
        ("runtime", HandlerFailed(agent=SCORER, event="e", error=LONG, traceback="")),
    ],
)
def test_errors_are_wrapped(script: Script, sender: str, message: Message) -> None:
    """An error is wrapped and not cut, because its end says what to do."""
    text = " ".join(" ".join(printed(script.say(sender, message))).split())
    assert "…" not in text
    assert text.count("the reason is a long one") == 10


def test_each_role_has_a_colour() -> None:
    """The known roles differ in colour, each keeps its own, and a new role gets a readable one."""
    assert len({colour(agent) for agent in (CURATOR, REFERENCE, SCORER, MODEL)}) == 4
    assert colour("judge/main") == colour("judge/other")
    assert colour("judge/main") in {"cyan", "magenta", "green", "blue"}
