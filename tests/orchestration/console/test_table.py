"""Tests of the tables and the verdict at the end of a run."""

import pytest
from console_screens import Pipe
from console_script import (
    CAREFUL,
    CURATOR,
    PLAIN,
    SHORT,
    Script,
    end_race,
    open_stage,
    opening,
    stop,
    verdict,
)
from seen_scripts import seen

from transfer_prompting.agents.messages import Comparison
from transfer_prompting.orchestration.console.result import outcome
from transfer_prompting.orchestration.console.table import TOP, prompt_table
from transfer_prompting.prompts.candidate import make_candidate

EVERYTHING = ["accuracy", "test", "ifr", "1-ece", "pr-p", "pr-n", "n", "how", "text", "prompt"]


def shown(script: Script, width: int = 80) -> list[str]:
    pipe, view = Pipe(width), seen(script)
    assert view.board is not None
    pipe.console.print(prompt_table(view.board, width))
    return pipe.rows


def test_wide_screens_show_the_whole_vector(story: Script) -> None:
    """200 columns hold every measure that has a value, and the finalists' scores on held-out data."""
    _title, head, best, initial = shown(story, 200)
    assert head.split() == EVERYTHING
    numbers = ["0.800", "0.800", "1.00", "0.90", "0.70", "0.30", "4"]
    assert best.split()[:9] == ["*^", *numbers, "history"]
    assert initial.split()[0] == "o"
    assert initial.split()[-1] == PLAIN.id
    assert "Think of what could be wrong, then [bold]answer[/bold]." in best
    assert best.endswith(CAREFUL.id)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_it_fits(story: Script, width: int) -> None:
    """At every width the table fits and keeps prompt, main metric and text."""
    rows = shown(story, width)
    assert max(map(len, rows)) <= width
    head = rows[1].split()
    assert {"prompt", "accuracy", "text"} <= set(head)
    assert len(rows) == 4


def test_80_columns(story: Script) -> None:
    """At 80 columns the less important measures are dropped to make room for the text."""
    _title, head, best, _initial = shown(story)
    assert {"test", "accuracy", "ifr", "1-ece", "n"} <= set(head.split())
    assert not {"pr-n", "pr-p"} & set(head.split())
    assert "Think of what could" in best


def test_no_test_column_without_a_test(script: Script) -> None:
    """A column that would be empty is left out: the source stage has no held-out data."""
    open_stage(script, "source", ("near",), PLAIN)
    script.score(script.request(PLAIN), 0.5)
    assert shown(script, 200)[1].split() == ["score", "n", "how", "text", "prompt"]


def test_the_ten_best_and_the_best_initial(script: Script) -> None:
    """The ten best prompts are shown, and the best initial prompt even if it is not among them."""
    made = [make_candidate(f"Proposal {i}.", "history") for i in range(TOP + 5)]
    opening(script)
    open_stage(script, "source", ("near",), PLAIN)
    script.score(script.request(PLAIN), 0.01)
    for i, candidate in enumerate(made):
        script.score(script.request(candidate, step=1), 0.1 + i / 100)
    title, _head, *rows = shown(script)
    assert "11 of 16" in title
    assert [row.split()[-3] for row in rows] == ["Proposal"] * TOP + ["the"]
    assert rows[0].startswith("*")
    assert rows[-1].startswith("o")


def test_stopped_prompts(script: Script, pipe: Pipe) -> None:
    """A stopped prompt is marked and has its number of examples; the saved examples are shown."""
    opening(script)
    open_stage(script, "source", ("near",), PLAIN, SHORT)
    script.score(script.request(PLAIN), 0.5)
    script.score(script.request(SHORT, n=2), 0.25)
    stop(script, SHORT, 2, step=0)
    end_race(script, "source", 0, (PLAIN, 4), (SHORT, 2), winner=PLAIN)
    _title, _head, best, stopped = shown(script)
    assert best.split()[0] == "*o"
    assert stopped.split()[0] == "x"
    assert stopped.split()[-6:] == ["2", "shorten", "One", "word", "only.", SHORT.id]
    pipe.console.print(outcome(seen(script)))
    assert "6 examples answered, 2 saved by racing" in pipe.rows
    assert max(map(len, pipe.rows)) <= 80


def test_control(script: Script, pipe: Pipe) -> None:
    """The verdict of a run with a control has the control's prompt and its distance from the best."""
    comparison = Comparison(
        measure="metric", title="accuracy", best=0.8, other=0.6, difference=0.2, low=-0.1, high=0.5, n=4
    )
    message = verdict().model_copy(update={"control": SHORT, "against_control": (comparison,)})
    script.say(CURATOR, message)
    pipe.console.print(outcome(seen(script)))
    at = pipe.rows.index(f"Control: {SHORT.id} {SHORT.text}")
    assert pipe.rows[at + 1] == "  accuracy: 0.800 against 0.600, +0.200, 95 % interval -0.100 to +0.500"


def test_marks_can_meet(script: Script) -> None:
    """A prompt that is both best and initial has both marks."""
    opening(script)
    open_stage(script, "source", ("near",), PLAIN, SHORT)
    script.score(script.request(PLAIN), 0.5)
    assert shown(script)[2].startswith("*o")


def test_outcome_has_both_stages_and_explains_itself(story: Script, pipe: Pipe) -> None:
    """The outcome has the source stage, the target stage, the meaning of the marks, and the verdict."""
    pipe.console.print(outcome(seen(story)))
    parts = [
        "source stage (near)",
        "target stage (far)",
        "* best",
        "your prompt",
        "Verdict:",
        "Best prompt: ",
    ]
    places = [pipe.text.index(part) for part in parts]
    assert places == sorted(places)


def test_a_run_under_way_has_a_best_prompt_so_far(script: Script, pipe: Pipe) -> None:
    """Before the verdict the best prompt is called the best so far."""
    open_stage(script, "source", ("near",), PLAIN)
    script.score(script.request(PLAIN), 0.5)
    pipe.console.print(outcome(seen(script)))
    assert "Verdict" not in pipe.text
    assert f"Best prompt so far: {PLAIN.id} (initial)\n\n{PLAIN.text}\n" in pipe.text


def test_which_prompt_to_keep(script: Script, pipe: Pipe) -> None:
    """Without a proven gain the user's own prompt is the one to keep; the best found is named, too."""
    opening(script)
    script.say(CURATOR, verdict().model_copy(update={"improved": False, "verdict": "no improvement found"}))
    pipe.console.print(outcome(seen(script)))
    kept = f"Keep your own prompt, {PLAIN.id}: no other was shown to be better.\n"
    assert f"{kept}Best prompt of the search: {CAREFUL.id} (history)\n" in pipe.text


def test_the_own_prompt_is_the_best(script: Script, pipe: Pipe) -> None:
    """If nothing beat the user's own prompt, it alone is named, ready to copy."""
    opening(script)
    own = verdict().model_copy(update={"improved": False, "best": PLAIN, "verdict": "no improvement found"})
    script.say(CURATOR, own)
    pipe.console.print(outcome(seen(script)))
    assert f"Keep your own prompt: {PLAIN.id} (initial)\n\n{PLAIN.text}\n" in pipe.text
