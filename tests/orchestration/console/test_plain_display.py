"""Tests of the display for pipes."""

from console_screens import Pipe
from console_script import CAREFUL, PLAIN, Script

from transfer_prompting.agents.messages import RunFailed
from transfer_prompting.orchestration.console.plain_display import CALLS_PER_LINE, PlainDisplay


def test_every_message_is_a_line(story: Script, pipe: Pipe) -> None:
    """Each message gives one line, calls give none, and proposals give one more for each candidate."""
    display = PlainDisplay(pipe.console)
    for event in story.events:
        display.apply(event)
    messages = [event for event in story.events if not event.kind.startswith("call.")]
    wrapped = 1  # the verdict takes two lines
    assert len(pipe.rows) == len(messages) + 2 + wrapped


def test_no_terminal_codes(story: Script, pipe: Pipe) -> None:
    """A pipe gets text without terminal codes."""
    with PlainDisplay(pipe.console) as display:
        for event in story.events:
            display.apply(event)
    assert "\x1b" not in pipe.text


def test_calls_have_a_line_now_and_then(script: Script, pipe: Pipe) -> None:
    """Each 200 calls give one line with the calls done, in flight and failed, and the examples answered."""
    display = PlainDisplay(pipe.console)
    asked = script.request(PLAIN, n=500)
    calls = [script.ask(asked) for _ in range(500)]
    for call in calls[:450]:
        script.reply(call)
    for event in script.events:
        display.apply(event)
    progress = [row for row in pipe.rows if "calls:" in row]
    assert len(progress) == 450 // CALLS_PER_LINE
    assert progress[0].endswith("200 done, 300 in flight, 0 failed; 200 of 500 examples")


def test_the_end_is_the_table_and_the_verdict(story: Script, pipe: Pipe) -> None:
    """Closing prints the tables, the verdict and the full text of the best prompt, once."""
    with PlainDisplay(pipe.console) as display:
        for event in story.events:
            display.apply(event)
    display.close()
    assert pipe.text.count("target stage (far): 2 of 2") == 1
    assert pipe.text.count("Verdict: improvement found") == 1
    assert pipe.rows[-2:] == CAREFUL.text.splitlines()


def test_nothing_fed_nothing_shown(pipe: Pipe) -> None:
    """A display that was fed no event prints nothing."""
    with PlainDisplay(pipe.console):
        pass
    assert pipe.text == ""


def test_a_stopped_run_says_why(script: Script, pipe: Pipe) -> None:
    """A run that failed before any score ends with its error and without an empty table."""
    with PlainDisplay(pipe.console) as display:
        display.apply(script.say("runtime", RunFailed(cause="quota", error="no money left", count=1)))
    assert pipe.rows[-1] == "Stopped: no money left"
    assert "best initial" not in pipe.text
