"""The simulated proposer works from the text alone, in any format that a program demands."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from asking import request, texts
from landscape import Reliability, Sizes, make_landscape
from landscape.meta_prompt import read_meta_prompt
from landscape.proposer import Proposer
from landscape.words import DEFECT, OPENINGS, REFUSAL, rule

from transfer_prompting.prompts.reading.proposals import Unparsed, read_proposal

SEED = OPENINGS[0]
SURE = Reliability(nothing=0, harmful=0, from_failures=1, from_examples=1, contradiction=0, further=0)
CASE = "Case 12345: A clerk of the Tern writes about a refund. The flag is underlined. The gate was shut."
WRONG = f"{CASE}\nAnswer given: berths\nRight answer: claims\n"


def improve(instruction: str, shown: str = WRONG) -> str:
    """Return a plain meta-prompt."""
    return (
        f"Improve this.\n<instruction>{instruction}</instruction>\n\n{shown}\n"
        "Write the new one between <instruction> and </instruction>."
    )


def test_a_failure_leads_to_the_rule_that_it_points_to() -> None:
    """A fully reliable proposer keeps the parent and adds the rule of the clue."""
    proposal = read_proposal(Proposer(1, SURE).write(improve(SEED)))
    assert proposal == f"{SEED} {rule('refund', 'flag')}"


def test_proposals_are_of_limited_reliability() -> None:
    """Two thirds of the proposals follow the failure; the others are harmful, useless or no prompt."""
    proposer, kinds = Proposer(1), Counter[str]()
    for sample in range(2000):
        reply = proposer.write(improve(SEED), sample)
        if reply == REFUSAL:
            kinds["nothing"] += 1
            continue
        text = read_proposal(reply)
        useful, harmful = rule("refund", "flag") in text, "refund" in text
        kinds["useful" if useful else "harmful" if harmful else "useless"] += 1
    share = {kind: count / 2000 for kind, count in kinds.items()}
    assert share == pytest.approx(
        {"useful": 0.65, "harmful": 0.15, "useless": 0.15, "nothing": 0.05}, abs=0.03
    )


def test_the_proposer_never_sees_the_truth() -> None:
    """Landscapes that differ in every rule, chance and weight have one proposer, which sees only text."""
    one, other = make_landscape("hidden_rules", 1), make_landscape("null", 1)
    other = replace(other, truth=replace(other.truth, rules={}), weights={})
    asks = [request(improve(SEED), sample=sample) for sample in range(50)]
    assert texts(one.proposer_model(), asks) == texts(other.proposer_model(), asks)


def test_failures_say_more_than_labelled_examples() -> None:
    """With right answers only, fewer proposals add the rule; without examples hardly any does."""
    proposer = Proposer(1)

    def useful(shown: str) -> int:
        replies = [proposer.write(improve(SEED, shown), sample) for sample in range(500)]
        return sum(rule("refund", "flag") in reply for reply in replies)

    assert useful(WRONG) > 1.5 * useful(f"{CASE}\nRight answer: claims\n") > 100
    assert useful("") < 10


def test_the_best_parent_is_the_one_with_the_highest_score() -> None:
    """If scores are given, the proposer starts from the best prompt, wherever it stands."""
    history = "".join(
        f'<instruction score="{score}">{text}</instruction>\n'
        for text, score in zip(OPENINGS[:3], (40, 70, 55), strict=True)
    )
    text = f"{history}\n{WRONG}\nAnswer between <instruction> and </instruction>."
    assert read_proposal(Proposer(1, SURE).write(text)).startswith(OPENINGS[1])


def test_two_prompts_are_combined_on_request() -> None:
    """The merged prompt has most of the rules of both."""
    one, other = f"{SEED} {rule('refund', 'flag')}", f"{SEED} {rule('ice warning', 'date')}"
    text = (
        f"Please merge the two prompts.\nPrompt 1: {one}\nPrompt 2: {other}\nGive it as <prompt>...</prompt>"
    )
    replies = [Proposer(1).write(text, sample) for sample in range(100)]
    both = sum(rule("refund", "flag") in reply and rule("ice warning", "date") in reply for reply in replies)
    assert 50 < both < 95


def test_code_numbers_lead_to_the_defect() -> None:
    """If answers shown are code numbers, the proposer removes the sentence that demands them."""
    shown = f"{CASE}\nAnswer given: Code 3\nRight answer: claims\n"
    assert read_proposal(Proposer(1, SURE).write(improve(f"{SEED} {DEFECT}", shown))) == SEED


def test_right_answers_contradict_the_defect() -> None:
    """If labelled examples show that answers are names, about half of the proposals drop the sentence."""
    text = improve(f"{SEED} {DEFECT}", f"{CASE}\nRight answer: claims\n")
    dropped = sum(DEFECT not in Proposer(1).write(text, sample) for sample in range(200))
    assert 80 < dropped < 130


@pytest.mark.parametrize(
    ("demand", "opening", "closing"),
    [
        ("Provide it within ``` blocks.", "```\n", "\n```"),
        ("Return <prompt>new prompt</prompt>", "<prompt>", "</prompt>"),
        (
            "starting with the field `[[ ## proposed_instruction ## ]]`, and then ending with the marker",
            "[[ ## proposed_instruction ## ]]\n",
            "\n\n[[ ## completed ## ]]",
        ),
        (
            "Respond with a JSON object in the following order of fields: `new_instruction`.",
            '{"new_instruction": "',
            '"}',
        ),
    ],
)
def test_a_proposal_comes_in_the_form_demanded(demand: str, opening: str, closing: str) -> None:
    """Fences, tags and DSPy's fields are filled as demanded."""
    reply = Proposer(1, SURE).write(f"The prompt so far:\n{SEED}\n\n{WRONG}\n{demand}")
    assert reply == f"{opening}{SEED} {rule('refund', 'flag')}{closing}"


def test_an_unknown_instruction_is_kept() -> None:
    """Sentences that the proposer does not know stay in the prompt that it improves."""
    proposal = read_proposal(Proposer(1, SURE).write(improve("Pick whatever fits best. Be brief.")))
    assert proposal == f"Pick whatever fits best. Be brief. {rule('refund', 'flag')}"


def test_examples_inside_a_prompt_are_no_feedback() -> None:
    """Demonstrations belong to the prompt, and their examples do not count as failures."""
    text = improve(f"{SEED}\n\nExamples:\nText: {CASE}\nAnswer: claims", "")
    read = read_meta_prompt(text)
    assert read.shown == ()
    assert [parent.sentences for parent in read.parents] == [(SEED,)]


def test_some_proposals_cannot_be_read_as_prompts_that_work() -> None:
    """A refusal used as a prompt is worth nothing."""
    world = make_landscape("hidden_rules", 1, Sizes(5, 5, 5))
    try:
        proposal = read_proposal(REFUSAL)
    except Unparsed:
        return
    assert world.true_accuracy(proposal) == 0


def test_several_prompts_at_a_time() -> None:
    """A meta-prompt may show a prompt as chat messages, and demand several new ones in the same form."""
    user = {"role": "user", "content": "Text: {question}"}
    shown = [{"role": "system", "content": SEED}, user]
    demand = f'<prompt>\n{shown}\n</prompt>\n\n{WRONG}\nGenerate [3] versions: {{"prompts": [...]}}'
    written = json.loads(Proposer(1, SURE)(request(demand, max_tokens=4096)).text)["prompts"]
    assert [one["prompt"][1] for one in written] == [user] * 3
    assert {one["prompt"][0]["content"] for one in written} == {f"{SEED} {rule('refund', 'flag')}"}
    nothing = Proposer(1, replace(SURE, nothing=1))(request(demand, max_tokens=4096))
    assert {one["prompt"][0]["content"] for one in json.loads(nothing.text)["prompts"]} == {REFUSAL}
