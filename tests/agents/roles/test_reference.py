"""The proposals of the reference agent, and its requests to the model."""

import json
import subprocess
import sys
from collections import Counter
from typing import get_args

import pytest
from child_processes import child_environment
from operator_making import DEV, Stepped, entry, request
from reference_search import START, few_ideas, race_of, result_of, search

from transfer_prompting.agents.messages import (
    CandidateRejected,
    GoldDoubted,
    ProposalsMade,
    ReplyUnparsed,
    StageStarted,
)
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.operators.base import Writer
from transfer_prompting.agents.operators.library import OPERATORS
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.agents.roles.briefing import model_name
from transfer_prompting.prompts.candidate import make_candidate

EVERY = get_args(OperatorName)
WRITERS = {name for name, operator in OPERATORS.items() if isinstance(operator, Writer)}
FREE = tuple(name for name in OPERATORS if name not in WRITERS)


def test_no_prompt_is_proposed_twice() -> None:
    """In fifty steps with a model of few ideas no prompt is proposed twice, and none of the first ones."""
    made = search(Stepped(few_ideas, operators=EVERY), 50)
    ids = [candidate.id for step in made for candidate in step.candidates]
    assert len(set(ids)) == len(ids) > 200
    assert not {e.candidate for e in START} & set(ids)


def test_every_operator_is_tried_early() -> None:
    """Within a few steps each operator has been used that suits prompts of one text."""
    reference = Stepped(
        lambda request: f"<instruction>Do {len(reference.asked)} {request.sample}.</instruction>",
        operators=EVERY,
    )
    used = {c.operator for step in search(reference, 4) for c in step.candidates}
    assert used == set(OPERATORS) - {"merge", "all_texts"}


def test_known_prompts_are_not_proposed() -> None:
    """A prompt of the population or one that was rejected is not proposed."""
    taken = [make_candidate("Taken already.", "seed"), make_candidate("Bad idea.", "other")]
    ideas = iter(["Taken already", "bad idea", "A new one.", "A new one."] * 9)
    reference = Stepped(lambda _: f"<instruction>{next(ideas)}</instruction>", operators=("history",))
    reference.hear(StageStarted(stage="target", tasks=("toy",), steps=1, population=(taken[0],)))
    reference.hear(CandidateRejected(stage="target", step=0, candidate=taken[1], reason="it is bad"))
    assert [c.text for c in reference.propose(request(1, START, 4)).candidates] == ["A new one."]


def test_requests_that_overlap() -> None:
    """A request that comes while the model still writes for the one before leads to no prompt twice."""
    reference = Stepped(
        lambda asked: f"<instruction>Idea number {asked.sample // 2}.</instruction>",
        operators=("extend", "history"),
    )
    sent = reference.hear(request(1, START), request(2, START))
    made = [c.id for message in sent if isinstance(message, ProposalsMade) for c in message.candidates]
    assert len(sent) == 2
    assert len(reference.asked) == 2
    assert len(set(made)) == len(made)


def test_candidates_stand_in_the_order_of_their_choice() -> None:
    """Edited and written proposals keep their places, whenever they were ready."""
    reference = Stepped(
        lambda request: f"<instruction>Written number {request.sample}.</instruction>",
        operators=("extend", "history", "replace", "paraphrase"),
    )
    made = reference.propose(request(1, START, 4)).candidates
    assert [c.operator for c in made] == ["extend", "history", "replace", "paraphrase"]
    assert [c.text for c in made[1::2]] == ["Written number 1.", "Written number 3."]


def test_one_question_for_all_and_one_for_second_tries() -> None:
    """All requests of a step are asked together, and so are those whose replies could not be used."""
    reference = Stepped(
        lambda request: "" if "could not be used" not in request.messages[-1].text else "Well then, answer.",
        operators=("history", "paraphrase"),
    )
    *unparsed, made = reference.hear(request(1, START, 4))
    assert [len(asked) for asked in reference.asked] == [4, 4]
    assert [type(message) for message in unparsed] == [ReplyUnparsed] * 4
    assert all(isinstance(m, ReplyUnparsed) and m.asked_again and m.reason == "it is empty" for m in unparsed)
    assert isinstance(made, ProposalsMade)
    assert [c.text for c in made.candidates] == ["Well then, answer."]
    assert "could not be used: it is empty." in reference.asked[1][0].messages[-1].text


def test_the_control_begins_anew() -> None:
    """In the control the agent knows nothing of the stages before: it proposes the same as a new agent."""
    reference = Stepped(few_ideas)
    first = search(reference, 5)
    reference.hear(StageStarted(stage="target", tasks=("toy",), steps=5, population=()))
    assert search(reference, 5) != first
    reference.hear(StageStarted(stage="control", tasks=("toy",), steps=5, population=()))
    assert search(reference, 5) == first


@pytest.mark.parametrize(
    "reply", ["", "yes", "<instruction>", "\x00" * 50, "<instruction></instruction>", "漢 " * 3000]
)
def test_useless_replies(reply: str) -> None:
    """Whatever the model replies the step ends with the proposals that could be made without it."""
    reference = Stepped(lambda _: reply)
    for step in range(1, 4):
        made = reference.propose(request(step, START))
        assert {c.operator for c in made.candidates} <= set(FREE)
    assert all(len(asked) <= 8 for asked in reference.asked)


def test_no_model_is_asked_for_edits() -> None:
    """With operators that edit alone no request is made."""
    reference = Stepped(few_ideas, operators=FREE)
    assert len(reference.propose(request(1, START)).candidates) == 8
    assert reference.asked == []


def test_no_history() -> None:
    """Before anything was scored the model writes from the task alone."""
    reference = Stepped(lambda request: f"<instruction>Try {request.sample}.</instruction>")
    made = reference.propose(request(1, [], 3)).candidates
    assert [(c.operator, c.parents) for c in made] == [("history", ())] * 3
    edits = Stepped(few_ideas, operators=FREE)
    assert edits.propose(request(1, [], 3)).candidates == ()


def test_requests_differ() -> None:
    """Each request has its own sample and seed, and the settings' temperature and length."""
    reference = Stepped(few_ideas, operators=("history",), temperature=0.3, proposal_tokens=77)
    reference.propose(request(1, START, 5))
    asked = reference.asked[0]
    assert [r.sample for r in asked] == list(range(5))
    assert len({r.seed for r in asked}) == 5
    assert {(r.temperature, r.max_tokens) for r in asked} == {(0.3, 77)}


def test_what_pays_is_used_more() -> None:
    """The reference learns from races and rejections, and turns to the operators that pay."""
    reference = Stepped(few_ideas, operators=("extend", "replace", "cross"))
    history, used = list(START), Counter[str]()
    for step in range(1, 31):
        made = reference.propose(request(step, history[-20:], 4)).candidates
        history += [entry(c.text, 50) for c in made]
        used.update(c.operator for c in made if step > 10)
        for c in (c for c in made if c.operator == "replace"):
            reference.hear(CandidateRejected(stage="target", step=step, candidate=c, reason="no"))
        raced = [c for c in made if c.operator != "replace"]
        reference.hear(race_of(step, [result_of(c, 1 if c.operator == "extend" else -1) for c in raced]))
    assert used["extend"] > 1.5 * max(used["replace"], used["cross"])


def test_a_model_that_writes_nothing_is_asked_less() -> None:
    """Replies of no use count against the operators that asked for them."""
    reference = Stepped(lambda _: "", operators=("history", "paraphrase", "extend", "replace"))
    history, first_tries = list(START), []
    for step in range(1, 21):
        made = reference.propose(request(step, history[-20:])).candidates
        history += [entry(c.text, 50) for c in made]
        first_tries.append(8 - len(made))
    assert sum(first_tries[:2]) > sum(first_tries[-2:])


def test_others_take_the_place_of_an_exhausted_edit() -> None:
    """If an edit finds nothing new, the other operators fill the step."""
    reference = Stepped(
        lambda asked: f"<instruction>Try number {asked.sample}.</instruction>",
        operators=("shorten", "history"),
    )
    made = reference.propose(request(1, [entry("Answer.", 10)], 4)).candidates
    assert [c.operator for c in made] == ["history"] * 4


AGAIN = """
import json, sys
from child_processes import child_environment
from operator_making import Stepped
from reference_search import few_ideas, search
print(json.dumps([c.model_dump() for step in search(Stepped(few_ideas), 6) for c in step.candidates]))
"""


def test_hash_seeds_change_nothing() -> None:
    """Interpreters with different hash seeds make the same proposals of the same parents."""
    sent = []
    for seed in ("0", "1", "2"):
        environment = child_environment(PYTHONHASHSEED=seed)
        command = [sys.executable, "-c", AGAIN]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        sent.append(json.loads(done.stdout))
    assert sent[0] == sent[1] == sent[2]
    assert len(sent[0]) > 15


def test_doubts_are_told() -> None:
    """A doubt about a right answer is a message before the proposals, once for each example of a reply."""
    doubt = '<doubtful example="1" answer="c">It is shelf c.</doubtful>'
    reference = Stepped(
        lambda asked: f"{doubt} {doubt} <instruction>Try number {asked.sample}.</instruction>",
        operators=("reflection",),
        briefing="full",
    )
    *doubts, made = reference.hear(request(1, START, 2))
    assert [type(message) for message in doubts] == [GoldDoubted] * 2
    told = [message for message in doubts if isinstance(message, GoldDoubted)]
    assert {(m.suggested, m.reason, m.operator) for m in told} == {("c", "It is shelf c.", "reflection")}
    golds = {example.id: example.answer for example in DEV}
    assert all(m.task == "toy" and golds[m.example] == m.gold for m in told)
    assert isinstance(made, ProposalsMade)
    assert [c.text for c in made.candidates] == ["Try number 0.", "Try number 1."]


def test_a_full_briefing_shows_the_request() -> None:
    """A full request shows what the scored model is sent, and its name without the server's address."""
    reference = Stepped(few_ideas, operators=("history",), briefing="full")
    reference.propose(request(1, START, 1))
    text = reference.asked[0][0].messages[0].content
    assert "<request>\n[INSTRUCTION]\n\nText: Where does number 0 belong?" in text


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ("openai:https://host.example:8000/v1:org/small-7b:free", "org/small-7b:free"),
        ('openai:http://127.0.0.1:9/v1:m {"temperature": 1}', "m"),
        ("/home/user/models/tiny:bfloat16", "tiny:bfloat16"),
        ("human", "human"),
        ("", ""),
    ],
)
def test_model_names(identity: str, name: str) -> None:
    """The name of a model is told without addresses, settings and folders."""
    assert model_name(identity) == name


def test_tokens_are_counted() -> None:
    """Proposals come with the tokens of all requests for them, unusable replies included."""
    reference = Stepped(lambda _: "nonsense", operators=("history",))
    made = reference.propose(request(1, START))
    asked = sum(map(len, reference.asked))
    assert made.candidates == ()
    assert asked == 2 * request(1, START).count
    assert (made.prompt_tokens, made.completion_tokens) == (7 * asked, 3 * asked)


def test_a_failed_call_is_no_proposal() -> None:
    """A proposal whose call fails is not made, counts against no operator, and is counted as failed."""
    calls = 0

    def answer(request: ModelRequest) -> str | None:
        nonlocal calls
        calls += 1
        return None if calls % 2 else f"<instruction>Use rule {calls}.</instruction>"

    reference = Stepped(answer, operators=("history",))
    made = reference.propose(request(1, START, count=6))
    assert (made.failed, len(made.candidates)) == (3, 3)
    assert (made.prompt_tokens, made.completion_tokens) == (3 * 7, 3 * 3)
    assert [len(asked) for asked in reference.asked] == [6]
    assert reference._bandit._unpaid == {"history": 0.0}


def test_where_every_call_fails_the_step_has_no_proposals() -> None:
    """All failures are counted, none is replaced by another proposal, and no request is repeated."""
    reference = Stepped(lambda _request: None, operators=("history",))
    made = reference.propose(request(1, START, count=4))
    assert (made.failed, made.candidates, made.prompt_tokens) == (4, (), 0)
    assert len(reference.asked) == 1
