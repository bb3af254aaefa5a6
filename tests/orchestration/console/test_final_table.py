"""Tests of the table that a user asks for at the end: my prompt, the best one, the gain, tokens and price."""

import json

import pytest
from console_screens import Pipe
from console_script import CAREFUL, CURATOR, PLAIN, Script, verdict, whole_run
from seen_scripts import seen

from transfer_prompting.orchestration.console.result import outcome
from transfer_prompting.orchestration.projections.final_table import final_table
from transfer_prompting.orchestration.projections.run_state import RunState

PRICE = {"models": {"scorer": {"provider": "openai", "price": {"input": 1000.0, "output": 3000.0}}}}


def rows(view: RunState, width: int = 80) -> list[str]:
    """Return the lines of the final table, blanks reduced to one."""
    pipe = Pipe(width)
    pipe.console.print(outcome(view))
    at = next(i for i, row in enumerate(pipe.rows) if "95 % interval" in row and "Verdict" not in row)
    return [" ".join(row.split()) for row in pipe.rows[at : at + 5]]


def test_what_a_user_asks(story: Script) -> None:
    """The own prompt, the best one and the gain stand below each other, and then what they rest on."""
    title, own, best, gain, basis = rows(seen(story))
    assert title == "accuracy 95 % interval tokens"
    # Each prompt has answered four examples with two tokens in all, rounded to even.
    assert (own, best) == ("your prompt 0.400 0", "best prompt 0.800 0")
    assert gain == "gain +40.0 points +10.0 to +70.0 +0"
    assert basis.startswith("On 4 held-out examples; tokens of one answer. The run took")


def test_a_price_is_of_a_thousand_answers(story: Script) -> None:
    """A model with a price has a column with the price of a thousand answers."""
    started = {**json.loads(story.events[0].data), "config": PRICE}
    story.events[0] = story.events[0]._replace(data=json.dumps(started).encode())
    title, own, _best, gain, basis = rows(seen(story))
    assert title.endswith("tokens price")
    # A quarter of a token in and out: 0.00025 and 0.00075 for one answer.
    assert own.endswith(" 0 1.00")
    assert gain.endswith(" +0 +0.0000")
    assert "price of 1,000." in basis


def test_a_narrow_screen_has_no_costs(story: Script) -> None:
    """At 40 columns the scores and the interval fit."""
    title, _own, _best, gain, _basis = rows(seen(story), 40)
    assert title == "accuracy 95 % interval"
    assert gain == "gain +40.0 points +10.0 to +70.0"


def test_the_own_prompt_alone(story: Script) -> None:
    """If the own prompt is the best there is no gain to show."""
    story.events.pop()
    story.say(CURATOR, verdict().model_copy(update={"best": PLAIN, "improved": False}))
    title, own, after, *_ = rows(seen(story))
    assert title.startswith("accuracy")
    assert own.startswith("your prompt 0.400")
    assert after.startswith("On 4 held-out")


@pytest.mark.parametrize("left", [0, -1])
def test_no_table_without_a_verdict(left: int) -> None:
    """There is no table before the verdict, nor if the scores of a finalist are missing."""
    script = whole_run()
    if left:
        script.events.pop()
    else:
        script.events = [e for e in script.events if CAREFUL.id.encode() not in e.data or "finish" in e.kind]
    assert final_table(seen(script)) is None
