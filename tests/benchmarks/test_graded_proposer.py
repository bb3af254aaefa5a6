"""The simulated proposer uses the feedback of metrics, and the expert knows what is wrong in the data."""

from dataclasses import replace

import pytest
from asking import request, texts
from landscape import Reliability, Sizes, make_permuted_world
from landscape.meta_prompt import read_meta_prompt
from landscape.proposer import Proposer
from landscape.words import HEDGE, OPENINGS, rule

from transfer_prompting.prompts.reading.doubts import read_doubts
from transfer_prompting.prompts.reading.proposals import read_proposal

SEED = OPENINGS[0]
SURE = Reliability(nothing=0, harmful=0, from_failures=1, contradiction=0, further=0, trimming=1)
TWO = (
    "Case 12345: A clerk of the Tern writes about a refund (the flag is underlined) and an ice warning "
    "(the date is underlined). The gate was shut."
)


def improve(instruction: str, *attempts: str) -> str:
    """Return a request of reflection."""
    shown = "\n".join(f'<example n="{n}">\n{text}\n</example>' for n, text in enumerate(attempts, 1))
    return (
        f'<instruction score="40">{instruction}</instruction>\n\n'
        f"With it, the model got these inputs wrong:\n{shown}\n\n"
        "Write an improved one between <instruction> and </instruction>."
    )


def attempt(feedback: str = "") -> str:
    """Return a failed attempt at the message with two topics."""
    said = f"\nFeedback of set_f1: {feedback}" if feedback else ""
    return f"Input: {TWO}\nIts answer: refund\nRight answer: ice warning / refund{said}"


def topics_taken_up(text: str, tries: int = 200) -> set[str]:
    """Return the topics for which a fully reliable proposer writes rules."""
    proposals = {read_proposal(Proposer(1, SURE).write(text, n)) for n in range(tries)}
    return {topic for topic in ("refund", "ice warning") for one in proposals if f"For {topic}" in one}


def test_feedback_names_the_topic_that_went_wrong() -> None:
    """With feedback, rules are written for the missing tag alone; without, for either topic."""
    assert topics_taken_up(improve(SEED, attempt('Missing: "ice warning".'))) == {"ice warning"}
    assert topics_taken_up(improve(SEED, attempt())) == {"refund", "ice warning"}


def test_each_topic_has_its_own_clue() -> None:
    """In a message with several topics, the clue behind a topic belongs to it."""
    shown = read_meta_prompt(improve(SEED, attempt())).shown
    assert [(one.topic, one.clue) for one in shown] == [("refund", "flag"), ("ice warning", "date")]


def test_good_letters_call_for_no_rule() -> None:
    """An example whose feedback is good is no failure, though it stands among the failures."""
    case = "Input: Case 12345: A clerk writes about a refund. The flag is underlined."
    for said, failed in (("Good: the refund was handled well.", False), ("Poor: it lacks all care.", True)):
        [shown] = read_meta_prompt(improve(SEED, f"{case}\nFeedback of care: {said}")).shown
        assert shown.failed is failed


def test_length_is_no_failure_to_understand() -> None:
    """An example whose reply is only too long points to no rule."""
    text = f"Input: {TWO}\nFeedback of brevity: It has 6 lines; wanted are at most 4."
    assert [one.failed for one in read_meta_prompt(improve(SEED, text)).shown] == [False, False]


def test_rules_are_dropped_if_replies_are_too_long() -> None:
    """If most feedback says that replies are too long, the prompt loses one of its rules."""
    rules = [rule("refund", "flag"), rule("ice warning", "date")]
    long = f"{attempt()}\nFeedback of brevity: It has 6 lines; wanted are at most 4."
    shorter = read_proposal(Proposer(1, SURE).write(improve(" ".join([SEED, *rules]), long)))
    assert shorter in {f"{SEED} {one}" for one in rules}


def test_wrong_answers_may_make_a_proposer_ask_for_doubt() -> None:
    """A proposer that hedges adds the sentence once."""
    hedging = Proposer(1, replace(SURE, hedging=1.0))
    hedged = read_proposal(hedging.write(improve(SEED, attempt())))
    assert hedged == f"{SEED} {HEDGE}"
    assert read_proposal(hedging.write(improve(hedged, attempt()))) == hedged


def test_the_expert_doubts_wrong_answers_by_their_number() -> None:
    """It doubts nearly all wrong answers and hardly any right one, and suggests the true answer."""
    world = make_permuted_world(4, Sizes(200, 5, 5), 0.5)
    examples = world.task.train
    shown = [f"Input: {e.question}\nIts answer: pilots\nRight answer: {e.answer}" for e in examples]
    [reply] = texts(world.expert_model(), [request(improve(SEED, *shown), max_tokens=10_000)])
    doubted = {examples[doubt.number - 1].id: doubt.suggested for doubt in read_doubts(reply, len(examples))}
    wrong = {e.id for e in examples} & world.wrong
    assert len(wrong & set(doubted)) / len(wrong) == pytest.approx(0.9, abs=0.08)
    assert len(set(doubted) - wrong) <= 10
    suggested = [doubted[id_] == world.cases[id_[5:]].answer for id_ in wrong & set(doubted)]
    assert sum(suggested) >= 0.95 * len(suggested)
    assert "<instruction>" in reply


def test_the_expert_checks_a_single_example() -> None:
    """Asked about one example, it doubts it or calls it right, and writes no prompt."""
    world = make_permuted_world(4, Sizes(60, 5, 5), 0.5)
    asks = [
        request(f"Check this one:\nInput: {e.question}\nAnswer in the data: {e.answer}\n\nReply ...")
        for e in world.task.train
    ]
    replies = dict(zip(world.task.train, texts(world.expert_model(), asks), strict=True))
    doubted = {example.id for example, reply in replies.items() if reply.startswith("<doubtful")}
    assert {reply for reply in replies.values() if not reply.startswith("<doubtful")} == {"<right/>"}
    assert len(doubted & world.wrong) >= 0.7 * len({e.id for e in world.task.train} & world.wrong)
