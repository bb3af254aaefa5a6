"""Tests of the display for pipes."""

from console_screens import Pipe
from console_script import CAREFUL, CURATOR, PLAIN, REFERENCE, SECOND, Script, propose, verdict

from transfer_prompting.agents.messages import ProposalsMade, RunFailed
from transfer_prompting.orchestration.console.plain_display import CALLS_PER_LINE, PlainDisplay
from transfer_prompting.prompts.candidate import make_candidate


def test_every_message_is_a_line(story: Script, pipe: Pipe) -> None:
    """Without folding each message gives one line, and proposals give one more for each candidate."""
    display = PlainDisplay(pipe.console, fold=False)
    for event in story.events:
        display.apply(event)
    messages = [event for event in story.events if not event.kind.startswith("call.")]
    assert len(pipe.rows) == len(messages) + 2


def test_what_is_said_alike_is_one_line(script: Script, pipe: Pipe) -> None:
    """Requests of one moment are one line as soon as a call follows; the verdict is told once, at the end."""
    display = PlainDisplay(pipe.console)
    asked = [script.request(PLAIN), script.request(CAREFUL)]
    call = script.ask(asked[0])
    for event in script.events[:2]:
        display.apply(event)
    assert pipe.text == ""
    display.apply(call)
    assert pipe.rows[0].endswith("curator -> scorer    start: score 2 prompts on 4 dev examples of near")
    display.apply(script.say(CURATOR, verdict()))
    assert pipe.rows[1].endswith("curator -> all       the run is done: improvement found")


def test_lines_are_never_cut(script: Script, pipe: Pipe) -> None:
    """A line of a pipe is as long as its text, and a text of a megabyte is shortened and says so."""
    long = make_candidate("word " * 40, "history")
    huge = make_candidate("word " * 200_000, "history")
    display = PlainDisplay(pipe.console)
    display.apply(propose(script, "source", 1, long, huge))
    _head, first, second = pipe.rows
    assert first.count("word") == 40
    assert len(second) < 2_100
    assert second.endswith(" characters)")
    assert "[...]" in second


def test_a_long_silence_is_broken(script: Script, pipe: Pipe) -> None:
    """If no line was printed for a minute, the next finished call gives one."""
    display = PlainDisplay(pipe.console)
    asked = script.request(PLAIN, n=3)
    calls = [script.ask(asked) for _ in range(3)]
    script.say(REFERENCE, ProposalsMade(stage="source", step=1, candidates=()), CURATOR, after=100 * SECOND)
    script.reply(calls[0])
    waited = script.reply(calls[1])
    late = waited._replace(at=waited.at + 100 * SECOND)
    for event in (*script.events[:-1], late):
        display.apply(event)
    assert sum("calls: " in row for row in pipe.rows) == 1


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
