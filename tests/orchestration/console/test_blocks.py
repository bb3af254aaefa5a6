"""Tests of the folded conversation: one line for what is said alike in one race."""

from collections.abc import Sequence

from console_screens import Pipe
from console_script import CAREFUL, CURATOR, PLAIN, SHORT, Script, end_race, stop, whole_run
from rich.console import Group

from transfer_prompting.agents.call_events import CALL_KINDS
from transfer_prompting.agents.messages import CandidateRejected, RunFailed
from transfer_prompting.orchestration.console.blocks import block_lines
from transfer_prompting.orchestration.projections.conversation import Block, Conversation
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.storage.event import Event

FIELD = (PLAIN, CAREFUL, SHORT, make_candidate("Be quick.", "history"))


def fold(events: Sequence[Event], conversation: Conversation) -> list[Block]:
    """Return the blocks that are complete after `events`."""
    messages = [event for event in events if event.kind not in CALL_KINDS]
    return [block for event in messages for block in conversation.apply(event, message_for(event))]


def said(block: Block, *, open_: bool = False) -> str:
    """Return the sentence of a block on a screen that is wide enough."""
    pipe = Pipe(300)
    pipe.console.print(Group(*block_lines(block, open_=open_)))
    return pipe.rows[0][30:]


def race(script: Script, *scores: float) -> None:
    """Append a race of `FIELD` with these scores; a missing one has not come."""
    asked = [script.request(candidate) for candidate in FIELD]
    for request, score in zip(asked, scores, strict=False):
        script.score(request, score)


def test_a_race_is_a_line_of_each_kind(script: Script) -> None:
    """Requests, scores and stops of a race are a line each, and the scores come with the best prompt."""
    race(script, 0.5, 0.75, 0.25, 0.0)
    stop(script, SHORT, 4, step=0)
    stop(script, FIELD[3], 4, step=0)
    end_race(script, "source", 0, (PLAIN, 4), (CAREFUL, 4), winner=CAREFUL)
    assert [said(block) for block in fold(script.events, Conversation())] == [
        "start: score 4 prompts on 4 dev examples of near",
        f"start: scored 4 prompts, 0.000 to 0.750 ({CAREFUL.id}) on 4 dev examples of near; "
        "best: Think of what could be wrong, then [bold]answer[/bold].",
        "start: 2 prompts stopped after 4 examples: they can hardly win",
        f"start: {CAREFUL.id} becomes the best prompt; 0 of 2 stopped",
    ]


def test_scores_grow_until_all_have_come(script: Script) -> None:
    """While scores are missing the line says how many there are."""
    conversation = Conversation()
    race(script, 0.5, 0.75)
    fold(script.events, conversation)
    [block] = conversation.open
    assert said(block, open_=True) == f"start: 2 of 4 scores: {CAREFUL.id} 0.750, {PLAIN.id} 0.500"


def test_two_races_at_once(script: Script) -> None:
    """Scores of two races that come in turns are one line for each race."""
    first = [script.request(candidate, step=1) for candidate in FIELD[:2]]
    second = [script.request(candidate, step=2) for candidate in FIELD[2:]]
    for one, other in zip(first, second, strict=True):
        script.score(one, 0.5)
        script.score(other, 0.25)
    kinds = [(block.events[0].kind, len(block.said)) for block in fold(script.events, Conversation())]
    assert kinds == [("scoring.requested", 2)] * 2 + [("prompt.scored", 2)] * 2


def test_several_tasks_have_one_score(script: Script) -> None:
    """Over several tasks a prompt has its mean score."""
    asked = [script.request(prompt, task) for prompt in FIELD[:2] for task in ("near", "other")]
    for request, score in zip(asked, (0.0, 1.0, 0.25, 0.25), strict=True):
        script.score(request, score)
    *_, scores = fold(script.events, Conversation())
    assert f"scored {PLAIN.id} 0.500, {CAREFUL.id} 0.250 on 4 dev examples of near and other" in said(scores)


def test_a_failure_ends_everything(script: Script) -> None:
    """When a run fails, the scores so far are told before the failure."""
    race(script, 0.5, 0.75)
    script.say("runtime", RunFailed(cause="quota", error="no money", count=1))
    blocks = fold(script.events, Conversation())
    assert [block.events[0].kind for block in blocks] == ["scoring.requested", "prompt.scored", "run.failed"]


def test_a_winner_that_was_the_best_stays(script: Script) -> None:
    """A race whose winner was the best prompt before leaves it in its place."""
    for step in (1, 2):
        end_race(script, "source", step, (CAREFUL, 4), winner=CAREFUL)
    first, second = fold(script.events, Conversation())
    assert "becomes the best prompt" in said(first)
    assert "stays the best prompt" in said(second)


def test_other_repetitions(script: Script) -> None:
    """Prompts that are rejected for the same reason are told by the first of them."""
    for prompt in (PLAIN, CAREFUL, SHORT):
        rejected = CandidateRejected(stage="source", step=1, candidate=prompt, reason="known already")
        script.say(CURATOR, rejected)
    end_race(script, "source", 1, (CAREFUL, 4), winner=CAREFUL)
    assert said(fold(script.events, Conversation())[0]).endswith(" (and 2 more)")


def test_no_message_is_lost() -> None:
    """Every message is in exactly one block, whether blocks are folded or not."""
    events = [event for event in whole_run().events if event.kind not in CALL_KINDS]
    for folds in (True, False):
        conversation = Conversation(folds)
        blocks = fold(events, conversation) + conversation.close()
        told = [event.seq for block in blocks for event in block.events]
        assert sorted(told) == [event.seq for event in events]
    assert all(len(block.said) == 1 for block in blocks)
