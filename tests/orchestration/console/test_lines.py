"""The conversation as lines."""

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
)
from rich.console import Group

from transfer_prompting.agents.messages import CallFailed, HandlerFailed, Message, RunFailed
from transfer_prompting.orchestration.console.formatting import colour, harmless, number, one_line, short_name
from transfer_prompting.orchestration.console.lines import lines
from transfer_prompting.orchestration.projections.run_state import message_for
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.storage.event import Event

LONG = "the reason is a long one " * 10


def told(event: Event, width: int = 80) -> list[str]:
    pipe = Pipe(width)
    pipe.console.print(Group(*lines(event, message_for(event))))
    return pipe.rows


@pytest.mark.parametrize(
    ("agent", "name"),
    [("curator/main", "curator"), ("model/scorer", "scorer's model"), ("user", "user"), ("model", "model")],
)
def test_short_names(agent: str, name: str) -> None:
    """Agents are called what people call them."""
    assert short_name(agent) == name


def test_a_line_says_when_who_to_whom_and_what(script: Script) -> None:
    """A line begins with the local time, then sender, recipients and the gist in words."""
    event = script.request(PLAIN)
    local = datetime.fromtimestamp(event.at / 1e6).strftime("%H:%M:%S")
    [line] = told(event)
    assert line.startswith(f"{local} curator -> scorer ")
    assert line.endswith(f"score on 4 dev examples of near: {PLAIN.id}")


def test_nobody_in_particular_is_everybody(script: Script) -> None:
    """A message without recipients is said to all."""
    event = script.say(CURATOR, verdict())
    assert "curator -> all " in told(event)[0]


def test_several_recipients_are_all_named(story: Script) -> None:
    """Every recipient of a message is named."""
    assert "user -> curator, reference start demo" in told(story.events[0])[0]


def test_what_is_said_is_aligned(story: Script) -> None:
    """What the three agents say to each other begins in the same column."""
    starts = {
        row.index(f" {word}")
        for e in story.events
        for row in told(e)
        for word in ("step 1: ",)
        if word in row
    }
    scores = {
        row.index(" score ")
        for e in story.events
        for row in told(e)
        if "-> scorer " in row and " score " in row
    }
    assert len(starts | scores) == 1


def test_calls_are_no_lines(story: Script) -> None:
    """Model calls, thousands of them, are not told one by one."""
    calls = [event for event in story.events if event.kind.startswith("call.")]
    assert calls
    assert not any(lines(event, message_for(event)) for event in calls)


def test_proposals_are_followed_by_their_texts(script: Script) -> None:
    """Each proposed prompt has an indented line with its id, its operator and its text on one line."""
    head, first, second = told(propose(script, "source", 1, CAREFUL, SHORT))
    assert "reference -> curator step 1: 2 prompts proposed" in head
    assert first.split()[:3] == [CAREFUL.id, "history", "Think"]
    assert second.split() == [SHORT.id, "shorten", "One", "word", "only."]
    assert first.startswith("    ")


@pytest.mark.parametrize("width", [30, 80, 200])
def test_long_prompts_are_shortened(script: Script, width: int) -> None:
    """A prompt longer than the screen is wide ends in an ellipsis and takes one line."""
    _head, line = told(propose(script, "source", 1, make_candidate(LONG, "history")), width)
    assert len(line) == width
    assert line.endswith("…")


def test_markup_is_text(script: Script) -> None:
    """Square brackets from a model are shown, not obeyed."""
    _head, line = told(propose(script, "source", 1, CAREFUL), 120)
    assert "[bold]answer[/bold]" in line


def test_terminal_codes_are_made_harmless() -> None:
    """What a terminal would obey is replaced, in prompts of one line as in those of several."""
    nasty = "red\x1b[31m bell\x07 clear\x9b2J back\u202e"
    assert not set("\x1b\x07\x9b\u202e") & set(one_line(nasty) + harmless(nasty))
    assert one_line(" two\n\tlines\r\n here ") == "two lines here"
    assert harmless("two\r\n\tlines") == "two\n lines"


def test_scores_come_first(script: Script) -> None:
    """The line of a score begins with the composite and the accuracy, so that 80 columns show them."""
    event = script.score(script.request(PLAIN, "a_task_with_a_long_name_indeed"), 0.5, {"accuracy": 0.25})
    [line] = told(event)
    assert "scorer -> curator    score 0.500, accuracy 0.25 on 4 dev of a_task" in line


def test_races_are_told_in_words(script: Script) -> None:
    """Who is stopped, at how many examples and why, and who is the best after the race, fits 80 columns."""
    [line] = told(stop(script, SHORT, 20))
    assert f"curator -> all       stopped {SHORT.id} at 20: 50 points behind" in line
    results = ((CAREFUL, 4), (SHORT, 2))
    [line] = told(end_race(script, "source", 1, *results, against=PLAIN, winner=CAREFUL))
    assert line.endswith(f"curator -> reference step 1: {CAREFUL.id} is the best now; 1 of 2 stopped")
    [line] = told(end_race(script, "source", 2, *results, against=PLAIN))
    assert line.endswith(f"step 2: {PLAIN.id} stays the best; 1 of 2 stopped")


def test_undefined_accuracy_is_a_dash(script: Script) -> None:
    """An accuracy that is undefined is not shown as zero."""
    event = script.score(script.request(PLAIN), 0.5, {"accuracy": None})
    assert "accuracy - on 4 dev" in told(event)[0]
    assert number(None) == "-"


@pytest.mark.parametrize(
    ("sender", "message"),
    [
        (MODEL, CallFailed(key="k", cause="quota", error=LONG, attempts=1)),
        ("runtime", RunFailed(cause="quota", error=LONG, count=1)),
        ("runtime", HandlerFailed(agent=SCORER, event="e", error=LONG, traceback="")),
    ],
)
def test_errors_are_told_to_the_end(script: Script, sender: str, message: Message) -> None:
    """An error is wrapped rather than cut: what to do about it stands at its end."""
    text = " ".join(" ".join(told(script.say(sender, message))).split())
    assert "…" not in text
    assert text.count("the reason is a long one") == 10


def test_colours_are_one_for_each_role() -> None:
    """The three roles differ, keep their colour, and new roles get a readable one."""
    assert len({colour(agent) for agent in (CURATOR, REFERENCE, SCORER, MODEL)}) == 4
    assert colour("judge/main") == colour("judge/other")
    assert colour("judge/main") in {"cyan", "magenta", "green", "blue"}
