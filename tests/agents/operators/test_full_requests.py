"""Full requests for proposals: everything that a strong model needs to know, within bounds."""

from dataclasses import replace
from random import Random

import pytest
from operator_making import DEV, TRAIN, mistakes, parent, toy_task

from transfer_prompting.agents.messages import AnswerTally, Confusion, Rejection
from transfer_prompting.agents.operators.base import Question, Writer
from transfer_prompting.agents.operators.briefing import Briefing
from transfer_prompting.agents.operators.library import OPERATORS
from transfer_prompting.agents.operators.material import Attempt, Material, Parent
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.agents.search.bandit import Bandit
from transfer_prompting.agents.search.proposal_drafts import ProposalDraft, draft_step
from transfer_prompting.prompts.task import Example

WRITERS = sorted(name for name, operator in OPERATORS.items() if isinstance(operator, Writer))
BRIEFING = Briefing(full=True, model="tiny-7b", request="[INSTRUCTION]\n\nText: Where?", tokens=48)
TALLY = AnswerTally(
    task="toy",
    examples=20,
    answered={"b": 15, "a": 3},
    golds={"a": 10, "b": 6, "c": 4},
    unreadable=2,
    confusions=(
        Confusion(gold="a", answered="b", count=7),
        Confusion(gold="c", answered="b", count=2),
        Confusion(gold="c", answered=None, count=2),
    ),
)
LEADER = replace(
    parent(
        "Read the text with care, and then answer with a single word. Do not explain it.", 62, mistakes("b")
    ),
    leader=True,
    examples=100,
    successes=tuple(Attempt(example, example.answer, "toy", 1.0) for example in TRAIN[:3]),
    tallies=(TALLY,),
    rank=1,
)
OTHER = replace(parent("Answer it.", 58, mistakes("c", 2)), gain=-4, shared=30, rank=2, examples=30)
POOR = replace(
    parent("Guess.", 33, mistakes()),
    gain=-29,
    shared=9,
    stopped=True,
    rank=3,
    examples=9,
    operator="crossover",
)
REJECTED = Rejection(text="Answer c.", operator="reflection", reason='it repeats "dev-1"')


def full(*parents: Parent, **fields: object) -> Material:
    """Return full material; by default of a leader, a second and a stopped prompt."""
    made = Material(parents or (LEADER, OTHER, POOR), (), [toy_task("toy")], TRAIN[:2], BRIEFING)
    return replace(made, rejections=(REJECTED,), **fields)  # type: ignore[arg-type]


def ask(name: OperatorName, material: Material, seed: int = 1) -> Question:
    """Return the question of a writer."""
    operator = OPERATORS[name]
    assert isinstance(operator, Writer)
    return operator.question(material, Random(seed))


def drafts(names: tuple[OperatorName, ...], count: int, material: Material) -> list[Question]:
    """Return the questions of one step."""
    made = draft_step(material, count, Bandit(names), set(), Random(3))
    return [draft.question for draft in made if isinstance(draft, ProposalDraft)]


@pytest.mark.parametrize("name", WRITERS)
def test_the_setting_is_told(name: OperatorName) -> None:
    """Each request shows the literal request, the model, its limits, how answers count, and the history."""
    text = ask(name, full(LEADER, OTHER, replace(POOR, mistakes=tuple(mistakes(None, 2))))).text
    assert "<request>\n[INSTRUCTION]\n\nText: Where?\n</request>" in text
    assert (
        "The model is tiny-7b. Its answer is read from its reply, which may have 48 tokens at most." in text
    )
    assert "An answer is right or wrong; a score is the mean over the examples" in text
    assert OTHER.instruction in text
    assert "\n\n\n" not in text
    assert text.endswith("between <instruction> and </instruction>.")


def test_likelihood_is_told() -> None:
    """If the likelihood of the options decides, the request says that a demanded form changes nothing."""
    text = ask("reflection", full(briefing=replace(BRIEFING, likelihood=True))).text
    assert "It writes nothing: its answer is the option that it finds likeliest" in text


def test_metrics_are_told() -> None:
    """The main metric, further ones and weighted measures are named."""
    briefing = replace(BRIEFING, metric="token F1", further=("brevity",), weighted=("ece (20 %)",))
    text = ask("reflection", full(briefing=briefing)).text
    assert "a value from 0 to 1 by token F1 (further metrics: brevity); a score is the mean" in text
    assert "together with ece (20 %)." in text


def test_answers_in_numbers() -> None:
    """Answers stand beside right ones, with the constant answer's score and the confusions."""
    text = ask("reflection", full(LEADER)).text
    assert "| b | 15 | 6 |" in text
    assert "| c | 0 | 4 |" in text
    assert 'Always answering "a" would be right on 50 of 100 examples.' in text
    assert '- 7 times "b" where "a" is right' in text
    assert '- 2 times no readable answer where "c" is right' in text


def test_scores_are_comparable_and_sorted() -> None:
    """The history is sorted by the scores shown, with gains, numbers of examples and early ends."""
    text = ask("history", full(replace(POOR, score=40), LEADER, OTHER)).text
    assert 'score="62" best="so far, on 100 examples"' in text
    assert 'score="58" gain="-4 points on 30 shared examples"' in text
    assert 'gain="-29 points on 9 shared examples" stopped="early"' in text
    places = [text.index(f'<instruction score="{score}"') for score in (40, 58, 62)]
    assert places == sorted(places)


def test_no_parent_is_praised_blindly() -> None:
    """A parent is shown with its rank and its value, and is not said to work well."""
    text = ask("paraphrase", full(POOR, LEADER)).text + ask("crossover", full()).text
    assert "work well" not in text
    assert "works" not in text
    assert "It is number 1 of the 3 tried so far." in ask("reflection", full(LEADER, OTHER, POOR), 1).text


def test_failures_are_shown_whole() -> None:
    """A failing example comes with its reply, all right answers, its value and the metrics' feedback."""
    example = Example(id="dev-0", question="Who?", answer="Ada", alternatives=("Lovelace",))
    feedback = {"f1": "a name is missing", "tone": "too stiff"}
    attempt = Attempt(example, "Bob", "toy", 0.25, {"tone": 0.5}, "I think it was Bob.", feedback)
    text = ask("reflection", full(replace(LEADER, mistakes=(attempt,)))).text
    assert (
        '<example n="1">\nInput: Who?\nIts reply: I think it was Bob.\nIts answer: Bob\n'
        "Right answer: Ada / Lovelace\nValue: 0.25 of 1\ntone: 0.50 of 1\n"
        "Feedback of f1: a name is missing\nFeedback of tone: too stiff\n</example>" in text
    )


def test_siblings_show_other_mistakes_and_give_other_directions() -> None:
    """The requests of a step show disjoint mistakes as far as they go, and each gives its own direction."""
    many = [Attempt(e.model_copy(update={"id": f"d{n}"}), "b", "toy") for n in range(15) for e in DEV[:1]]
    leader = replace(LEADER, mistakes=tuple(many))
    asked = drafts(("reflection",), 3, full(leader))
    shown = [{key for key in question.keys if key[1].startswith("d")} for question in asked]
    assert [len(keys) for keys in shown] == [5, 5, 5]
    assert len(set.union(*shown)) == 15
    assert len({question.direction for question in asked}) == 3


def test_directions_follow_the_data() -> None:
    """Unreadable replies, overused answers and confused pairs come first, then general directions."""
    asked = [question.direction for question in drafts(("reflection",), 6, full(LEADER))]
    assert asked[:4] == ["form", "overused:b", "confused:a:b", "confused:c:b"]
    assert len(set(asked)) == 6


def test_failed_attempts_of_the_same_kind_are_shown() -> None:
    """Failed and rejected prompts of the same operator are shown so that they are not repeated."""
    text = ask("crossover", full()).text
    assert (
        '<tried score="33" gain="-29 points on 9 shared examples" stopped="early" result="no gain">Guess.'
        in text
    )
    assert "Answer c." not in text
    assert "rejected: it repeats 'dev-1'" in ask("reflection", full()).text


def test_crossover_leaves_stopped_prompts_out() -> None:
    """Stopped prompts are joined only if there are no two others."""
    for seed in range(20):
        assert not any(one.stopped for one in ask("crossover", full(), seed).parents)
    assert {one.stopped for one in ask("crossover", full(LEADER, POOR)).parents} == {True, False}


def test_the_first_of_a_pair_is_proven() -> None:
    """The first of two joined prompts has answered at least half as many examples as the best."""
    new = replace(OTHER, examples=5)
    assert all(ask("crossover", full(LEADER, new), seed).parents[0].leader for seed in range(20))


def test_the_users_prompt_is_reflected_on() -> None:
    """The user's own prompt is reflected on now and then, although two others are better."""
    own = replace(parent("Mine it is.", 20, mistakes()), initial=True)
    chosen = [ask("reflection", full(LEADER, OTHER, own), seed).parents[0] for seed in range(200)]
    assert 5 < chosen.count(own) < 50


def test_lengths_are_bounded() -> None:
    """However long inputs, outputs and feedback are, a request keeps its budget and both ends of an input."""
    endless = Example(id="e", question="Why? " + "because " * 5000 + "THE END", answer="x " * 3000)
    attempt = Attempt(endless, "y " * 3000, "toy", 0.1, {}, "z " * 9000, {"f1": "no " * 3000})
    one = ask("reflection", full(replace(LEADER, mistakes=(attempt,) * 9))).text
    assert len(one) < 18_000
    assert "Input: Why? because" in one
    assert "THE END\n" in one


def test_a_few_long_inputs_get_more_room() -> None:
    """A single long input keeps 1,500 characters."""
    long = Example(id="e", question="word " * 290, answer="x")
    text = ask("reflection", full(replace(LEADER, mistakes=(Attempt(long, "y", "toy"),)))).text
    assert "word " * 289 in text


def test_words_are_limited() -> None:
    """The length limit fits the setting: a third more than the parent, and less where it is to be shorter."""
    long = replace(LEADER, instruction="word " * 150)
    assert "Use at most 200 words." in ask("reflection", full(long)).text
    assert "Use at most 105 words." in ask("simplification", full(long)).text
    assert "Use at most 60 words." in ask("reflection", full(briefing=Briefing())).text


def test_placeholders_are_to_be_kept() -> None:
    """A prompt that places the input itself comes with the demand to keep its placeholders."""
    text = ask("reflection", full(replace(LEADER, instruction="Sort {{ text }} into {{ a.b }}."))).text
    assert "Keep each placeholder as it is: {{ text }}, {{ a.b }}." in text


def test_one_example_of_each_label() -> None:
    """A task with a few labels shows one training example of each."""
    text = ask("history", full()).text
    assert [f"Right answer: {label}\n" in text for label in "abc"] == [True] * 3


REPLY = (
    'The gold is odd. <doubtful example="1" answer="b">It is on shelf b.</doubtful>\n'
    '<doubtful example="99">?</doubtful> <instruction>Look twice.</instruction>'
)


def test_doubts_name_the_examples_shown() -> None:
    """A doubt refers to the example of its number, and is no part of the instruction."""
    question = ask("reflection", full())
    operator = OPERATORS["reflection"]
    assert isinstance(operator, Writer)
    assert "<doubtful example=" in question.text
    [(task, example, doubt)] = operator.doubts(REPLY, question)
    assert (task, example) == question.shown[0]
    assert (doubt.suggested, doubt.reason) == ("b", "It is on shelf b.")
    assert operator.read(REPLY, question) == "Look twice."


def test_brief_requests_ask_for_no_doubts() -> None:
    """A small model is shown no numbers, and its replies are searched for no doubts."""
    question = ask("reflection", full(briefing=Briefing()))
    assert "doubtful" not in question.text
    assert question.shown == ()


def test_one_of_several_texts_is_rewritten() -> None:
    """Of a prompt with several texts one is rewritten, and the others stay as they are."""
    task = toy_task("toy").model_copy(
        update={"texts": ("system", "hint"), "initial_prompts": ("[[system]]\nSort.\n\n[[hint]]\nThink.",)}
    )
    whole = parent("[[system]]\nSort.\n\n[[hint]]\nThink.", 50, mistakes())
    material = replace(full(whole), tasks=[task])
    parts = {}
    for part in material.texts:
        focused = material.focus(part)
        question = ask("reflection", focused)
        operator = OPERATORS["reflection"]
        assert isinstance(operator, Writer)
        parts[focused.part] = operator.read("<instruction>Look at it.</instruction>", question)
        assert f'Write the one named "{focused.part}" alone' in question.text
    assert parts == {
        "system": "[[system]]\nLook at it.\n\n[[hint]]\nThink.",
        "hint": "[[system]]\nSort.\n\n[[hint]]\nLook at it.",
    }
