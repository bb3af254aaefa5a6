"""The landscape of two modules behaves as its truth says, and its proposer sees one module at a time."""

import asyncio
from collections.abc import Mapping
from math import sqrt
from types import SimpleNamespace
from typing import Any

import desk_program
import pytest
from asking import request, texts
from landscape import Reliability, Sizes
from landscape.two_modules import ANSWER, RETRIEVE, TwoModules, make_two_modules
from landscape.two_modules.proposer import ModuleProposer
from landscape.two_modules.words import SEARCH_DEFECT, SEARCH_OPENINGS, notice, to_retrieve
from landscape.words import DEFECT, DESKS, OPENINGS, TIPS, rule
from program_with_gepa import record

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.prompts.named_texts import join_texts, split_texts
from transfer_prompting.prompts.reading.proposals import read_proposal

MANY = Sizes(train=20, dev=20, test=1000)
SURE = Reliability(
    nothing=0, harmful=0, from_failures=1, from_examples=1, guess=0, contradiction=0, further=0
)
ROW = {
    "message": "Case 12345: A clerk of the Tern writes about a refund. The gate was shut.",
    "envelope": "The envelope bears the seal.",
    "answer": "claims",
}
RETRIEVE_RULE, ANSWER_RULE = to_retrieve(rule("refund", "date")), rule("refund", "flag")


def rules_of(world: TwoModules, module: str, count: int = 8) -> str:
    """Return the right rules of the heaviest topics in the language of a module."""
    truth = (world.model.retrieve if module == RETRIEVE else world.model.answer).truth
    said = " ".join(rule(topic, truth.rules[topic]) for topic in list(world.weights)[:count])
    return to_retrieve(said) if module == RETRIEVE else said


def pairs_of(world: TwoModules) -> dict[str, dict[str, str]]:
    """Return pairs of texts of every kind that the truth distinguishes."""
    retrieve, answer = world.texts[RETRIEVE], world.texts[ANSWER]
    shown = "\n".join(f"Text: {row['message']}\nAnswer: {row['answer']}" for row in world.rows["train"][:6])
    return {
        "first texts": {RETRIEVE: retrieve, ANSWER: answer},
        "retrieve alone": {RETRIEVE: f"{retrieve} {rules_of(world, RETRIEVE)}", ANSWER: answer},
        "answer alone": {RETRIEVE: retrieve, ANSWER: f"{answer} {rules_of(world, ANSWER)}"},
        "half of both": {
            RETRIEVE: f"{retrieve} {rules_of(world, RETRIEVE, 4)}",
            ANSWER: f"{answer} {rules_of(world, ANSWER, 4)}",
        },
        "all": world.best_texts(),
        "each other's": {
            RETRIEVE: f"{retrieve} {rules_of(world, ANSWER)}",
            ANSWER: f"{answer} {rules_of(world, RETRIEVE)}",
        },
        "tips": {RETRIEVE: " ".join([retrieve, *TIPS]), ANSWER: " ".join([answer, *TIPS])},
        "demonstrations": {RETRIEVE: retrieve, ANSWER: f"{answer}\n\n{shown}\n"},
        "no query": {RETRIEVE: f"{retrieve} {SEARCH_DEFECT}", ANSWER: answer},
        "no answer": {RETRIEVE: retrieve, ANSWER: f"{answer} {DEFECT}"},
    }


def frequency(world: TwoModules, pair: Mapping[str, str]) -> float:
    """Return the share of the test examples that the program of the comparison answers correctly."""

    async def ask(_role: str, messages: Any, **_named: Any) -> Any:
        turns = tuple(ChatMessage.model_validate(turn) for turn in messages)
        return SimpleNamespace(text=world.model(ModelRequest(messages=turns, max_tokens=99)).text)

    ask.note = lambda *_: None  # type: ignore[attr-defined]

    async def run() -> float:
        said = [await desk_program.run(row, pair, ask) for row in world.rows["test"]]
        right = (row["answer"] for row in world.rows["test"])
        return sum(one == other for one, other in zip(said, right, strict=True)) / len(said)

    return asyncio.run(run())


def test_truth_is_the_frequency_over_many_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exact accuracy of a pair of texts lies within four standard errors of that of the program."""
    world = make_two_modules(3, MANY)
    monkeypatch.setattr(
        desk_program, "search", lambda query: world.notices.get(query, desk_program.NOT_FOUND)
    )
    for name, pair in pairs_of(world).items():
        truth = world.true_accuracy(pair)
        allowed = 4 * sqrt(truth * (1 - truth) / MANY.test) + 1e-9
        assert abs(frequency(world, pair) - truth) <= allowed, name


def test_each_module_helps_by_itself_and_both_help_most() -> None:
    """Rules of one text raise the accuracy, those of both most; in the other text they do nothing."""
    world = make_two_modules(2)
    true = {name: world.true_accuracy(pair) for name, pair in pairs_of(world).items()}
    assert true["first texts"] == true["each other's"]
    assert true["first texts"] < min(true["retrieve alone"], true["answer alone"])
    assert max(true["retrieve alone"], true["answer alone"]) < true["all"] == world.attainable()


def test_defective_texts_give_nothing_to_read() -> None:
    """A defective `retrieve` leaves guesses; a defective `answer` is never right."""
    world = make_two_modules(2, defective=True)
    assert world.true_accuracy(world.texts) == 0
    assert world.true_accuracy({**world.texts, ANSWER: OPENINGS[0]}) == 0.25


def reflection(text: str, module: str, found: str, answered: str = "pilots") -> str:
    """Return a request in gepa's form about one failing example, as `module` saw it."""
    done = SimpleNamespace(query="port statutes 12345", notice=found, answer=answered)
    shown = record(module, ROW, done)  # type: ignore[arg-type]
    inputs = "\n".join(f"### {name}\n{value}" for name, value in shown["Inputs"].items())
    return (
        f"I gave these instructions:\n```\n{text}\n```\n# Example 1\n## Inputs\n{inputs}\n"
        f"## Generated Outputs\n{shown['Generated Outputs']}\n## Feedback\n{shown['Feedback']}\n\n"
        "Provide them within ``` blocks."
    )


OTHER, OWN = notice("tide table", "flag"), notice("refund", "flag")


@pytest.mark.parametrize(
    ("module", "text", "found", "added"),
    [
        (RETRIEVE, SEARCH_OPENINGS[0], OTHER, RETRIEVE_RULE),
        (RETRIEVE, SEARCH_OPENINGS[0], OWN, RETRIEVE_RULE),
        (ANSWER, OPENINGS[0], OWN, ANSWER_RULE),
        (ANSWER, OPENINGS[0], OTHER, None),
    ],
)
def test_a_module_learns_from_what_it_has_seen(module: str, text: str, found: str, added: str | None) -> None:
    """Its own examples lead to its own rule; a wrong notice shows `answer` nothing."""
    reply = ModuleProposer(1, SURE).write(reflection(text, module, found))
    assert (added in reply) if added else ("For refund cases" not in reply)


def test_an_example_fails_in_the_module_that_went_wrong() -> None:
    """A wrong notice leads to a rule of `retrieve` more often than a wrong answer by the right one."""

    def added(found: str) -> int:
        proposer, text = ModuleProposer(1), reflection(SEARCH_OPENINGS[0], RETRIEVE, found)
        return sum(RETRIEVE_RULE in proposer.write(text, sample) for sample in range(300))

    assert added(OTHER) > 1.5 * added(OWN)


def test_what_only_the_other_module_sees_leads_to_no_rule() -> None:
    """Examples of `answer` hold no rule of `retrieve`, and the other way round."""
    proposer = ModuleProposer(1, SURE)
    for module, text in ((RETRIEVE, OPENINGS[0]), (ANSWER, SEARCH_OPENINGS[0])):
        replies = [proposer.write(reflection(text, module, OTHER), sample) for sample in range(50)]
        assert not any("For refund cases" in reply for reply in replies)


TRACE = (
    f"Input: message: {ROW['message']}\nenvelope: {ROW['envelope']}\n"
    f"Step 1, with retrieve:\n  It was given: {ROW['message']}\n{ROW['envelope']}\n"
    f"  It replied: Query: harbour orders 12345\nStep 2, search: {OWN}\n"
    f"Step 3, with answer:\n  It was given: {ROW['message']}\n{OWN}\n  It replied: Answer: pilots\n"
    "Its answer: pilots\nRight answer: claims\n"
)


def test_a_request_that_names_its_text_gets_that_text() -> None:
    """The name decides, not the other text that is shown."""
    ask = (
        f'<instruction>{OPENINGS[0]}</instruction>\n<example n="1">\n{TRACE}</example>\n'
        f'Write the one named "answer" alone:\n'
        f'<text name="retrieve">{SEARCH_OPENINGS[0]} {RETRIEVE_RULE}</text>\n'
        "Write it between <instruction> and </instruction>."
    )
    assert read_proposal(ModuleProposer(1, SURE).write(ask)) == f"{OPENINGS[0]} {ANSWER_RULE}"


def test_a_prompt_of_both_texts_is_written_whole() -> None:
    """One text changes, sometimes both; the form of the whole stays, and each rule stands in its own text."""
    old = {RETRIEVE: SEARCH_OPENINGS[0], ANSWER: OPENINGS[0]}
    whole = join_texts(old)
    tried = join_texts({RETRIEVE: SEARCH_OPENINGS[1], ANSWER: OPENINGS[1]})
    wrong = (
        f'<instruction>{whole}</instruction>\n<example n="1">\n{TRACE}</example>\n<tried>{tried}</tried>\n'
        "Write all of them."
    )
    sure = Reliability(nothing=0, harmful=0, from_failures=1, further=0)
    changed = []
    for sample in range(40):
        new = split_texts(read_proposal(ModuleProposer(1, sure).write(wrong, sample)), list(old))
        assert new is not None
        assert ANSWER_RULE not in new[RETRIEVE]
        changed.append([name for name in old if new[name] != old[name]])
    assert all(len(names) <= 1 for names in changed)
    assert {RETRIEVE, ANSWER} == {name for names in changed for name in names}


def test_an_unusable_query_leads_to_the_defect() -> None:
    """If the search found nothing because of a code number, the demand for it is dropped."""
    text = f"{SEARCH_OPENINGS[0]} {SEARCH_DEFECT}"
    done = reflection(text, RETRIEVE, "No notice was found.").replace("port statutes 12345", "Code 3")
    assert ModuleProposer(1, SURE).write(done) == f"```\n{SEARCH_OPENINGS[0]}\n```"


def test_both_modules_answer_in_dspys_form() -> None:
    """The task model fills the field of the module that is asked."""
    world = make_two_modules(1)
    row = world.rows["dev"][0]
    demand = "fields, starting with the field `[[ ## {} ## ]]`, and then ending with"
    asks = [
        request(f"{row['message']}\n[[ ## {given} ## ]]\n{said}\n{demand.format(asked)}")
        for given, said, asked in (("envelope", row["envelope"], "query"), ("notice", OWN, "desk"))
    ]
    query, desk = texts(world.task_model(), asks)
    assert query.startswith("[[ ## query ## ]]\n")
    assert row["id"].removeprefix("case-") in query
    assert desk.splitlines()[0] == "[[ ## desk ## ]]"
    assert desk.splitlines()[1] in DESKS
