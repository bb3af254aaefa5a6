"""Rules from elsewhere that the reference agent's model words as one instruction."""

import pytest
from operator_making import TRAIN, Answer, Stepped

from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.agents.messages import MergeMade, MergeRequested
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.demonstrations import with_demonstrations

RULES = tuple(
    Lesson(sentence=sentence, mean=0.1, sd=0.02, answers=90, examples=40)
    for sentence in ("Read it twice.", "Read the text two times.")
)
OWN = make_candidate("Answer.", "initial")
EDITED = make_candidate("Answer. Read it twice. Read the text two times.", "merged", (OWN.id,))


def merged(answer: Answer, own: str = OWN.text) -> tuple[MergeMade, list[ModelRequest]]:
    """Return what the reference agent makes of two rules, and its requests."""
    reference = Stepped(answer, briefing="full")
    message = MergeRequested(
        into="target", task="toy", own=make_candidate(own, "initial"), edited=EDITED, rules=RULES
    )
    [made] = reference.hear(message)
    assert isinstance(made, MergeMade)
    return made, [request for asked in reference.asked for request in asked]


def test_the_model_is_shown_the_prompt_and_the_rules() -> None:
    """The request holds the task, the user's prompt and each rule; the reply is the merged prompt."""
    made, [request] = merged(lambda _: "<instruction>Read it twice, then answer.</instruction>")
    assert made.candidate == make_candidate("Read it twice, then answer.", "merged", (OWN.id,))
    assert (made.reason, made.prompt_tokens, made.completion_tokens) == ("", 7, 3)
    text = request.messages[-1].text
    assert all(part in text for part in ("Sort the letters.", OWN.text, *(r.sentence for r in RULES)))


def test_a_second_attempt_is_told_what_was_wrong() -> None:
    """A reply without a prompt is asked for once more, with the reason."""
    replies = iter(["I see.", "<instruction>Read it twice, then answer.</instruction>"])
    made, requests = merged(lambda _: next(replies))
    assert made.candidate is not None
    assert "it has no <instruction> in it" in requests[1].messages[-1].text
    assert made.prompt_tokens == 14


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "no <instruction>"),
        ("<instruction>Put {{ it }} here.</instruction>", "placeholder"),
        ("<instruction>Answer.</instruction>", "is not an instruction"),
        (f"<instruction>{'Read it. ' * 400}</instruction>", "characters"),
        (None, "the call failed (server_error)"),
    ],
)
def test_a_reply_of_no_use(reply: str | None, reason: str) -> None:
    """If no reply can be used, there is no merged prompt and the reason is told."""
    made, requests = merged(lambda _: reply)
    assert made.candidate is None
    assert reason in made.reason
    assert len(requests) == (1 if reply is None else 2)


def test_none_of_the_rules() -> None:
    """The user's own prompt is no merged prompt."""
    made, _ = merged(lambda _: "<instruction>Answer this.</instruction>", own="Answer this.")
    assert made.reason == "it holds none of the rules"


def test_demonstrations_stay() -> None:
    """The demonstrations of the user's prompt are not shown for wording, and stay as they are."""
    own = with_demonstrations("Answer this.", TRAIN[:2])
    made, [request, *_] = merged(lambda _: "<instruction>Read it twice. Answer.</instruction>", own=own)
    assert made.candidate is not None
    assert made.candidate.text == with_demonstrations("Read it twice. Answer.", TRAIN[:2])
    assert "Examples:" not in request.messages[-1].text.partition("<own>")[2].partition("</own>")[0]
