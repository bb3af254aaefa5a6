"""Proposals made by editing."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents import edits
from transfer_prompting.agents.edits import GENERAL, SPECIFIC, Material, Parent, propose, sentences
from transfer_prompting.prompts.candidate import candidate_id
from transfer_prompting.prompts.demonstrations import split_prompt, with_demonstrations
from transfer_prompting.prompts.seeds import seed_library
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

SHOWN = [Example(id=f"t{n}", question=f"Question {n}?", answer=answer) for n, answer in enumerate("abab")]
CLAUSES = ("Think first.", "Take care!", "Be brief.")
PARENTS = (
    "Answer the question.",
    "Read the text. Then answer: one word. Do not explain.",
    with_demonstrations("Look at the examples. Answer.", SHOWN[:2]),
)


def task(name: str = "toy", labels: tuple[str, ...] = ("a", "b")) -> Task:
    return Task(
        name=name,
        description="Sort the letters.",
        answer=AnswerFormat(type="label" if labels else "text", labels=labels),
        initial_prompts=("Answer.",),
        train=tuple(SHOWN),
    )


def material(*texts: str, tasks: int = 1) -> Material:
    parents = [Parent(candidate_id(text), text) for text in texts or PARENTS]
    return Material(parents, CLAUSES, [task(f"toy-{n}") for n in range(tasks)])


@PROPERTY
@given(st.integers(0, 2**32), st.integers(0, 12))
def test_same_seed_same_edits(seed: int, count: int) -> None:
    """Edits follow from their material and the seed alone, so that a log is enacted again word for word."""
    made = propose(material(), count, set(), Random(seed))
    assert propose(material(), count, set(), Random(seed)) == made
    assert len(made) <= count


@PROPERTY
@given(st.integers(0, 2**32))
def test_known_prompts_are_not_proposed(seed: int) -> None:
    """No candidate has a known id, none stands twice, and each has the id of its own words."""
    known = {candidate_id(text) for text in PARENTS}
    first = propose(material(), 6, known, Random(seed))
    second = propose(material(), 6, known | {c.id for c in first}, Random(seed))
    ids = [c.id for c in (*first, *second)]
    assert len(set(ids)) == len(ids)
    assert not known & set(ids)
    assert all(c.id == candidate_id(c.text) for c in (*first, *second))


@PROPERTY
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_specific_edits_are_for_one_task(seed: int, tasks: int) -> None:
    """What speaks of one task is not said in a stage with several."""
    made = propose(material(tasks=tasks), 12, set(), Random(seed))
    operators = {c.operator for c in made}
    assert operators <= set(GENERAL) | (set(SPECIFIC) if tasks == 1 else set())
    if tasks > 1:
        assert not any("Sort the letters" in c.text for c in made)


def test_all_operators_are_used() -> None:
    """In a stage with one task every kind of edit is tried."""
    made = propose(material(), 60, set(), Random(1))
    assert {c.operator for c in made} == set(GENERAL) | set(SPECIFIC)


@PROPERTY
@given(st.integers(0, 2**32), st.sampled_from(sorted(GENERAL | SPECIFIC)))
def test_parents_are_named(seed: int, operator: str) -> None:
    """Each edit names the prompts it was made from, all of them of its material."""
    _, parents = (GENERAL | SPECIFIC)[operator](material(), Random(seed))
    assert set(parents) <= {candidate_id(text) for text in PARENTS}
    assert len(parents) == (2 if operator == "cross" else 1)


@PROPERTY
@given(st.integers(0, 2**32), st.sampled_from(sorted((GENERAL | SPECIFIC).keys() - {"demonstrate"})))
def test_demonstrations_stay_behind(seed: int, operator: str) -> None:
    """An edit of the instruction leaves the demonstrations behind it as they are."""
    shown = split_prompt(PARENTS[2])[1]
    text, _ = (GENERAL | SPECIFIC)[operator](material(PARENTS[2]), Random(seed))
    instruction, demonstrations = split_prompt(text)
    assert demonstrations == shown
    assert not any(example.question in instruction for example in SHOWN)


@PROPERTY
@given(st.integers(0, 2**32))
def test_demonstrate(seed: int) -> None:
    """Demonstrations are taken from train, one of each answer, and replace those that are there."""
    text, _ = edits.demonstrate(material(PARENTS[2]), Random(seed))
    instruction, demonstrations = split_prompt(text)
    assert instruction == "Look at the examples. Answer."
    assert demonstrations.count("Answer:") == 2
    assert demonstrations.count("Answer: a") == demonstrations.count("Answer: b") == 1
    assert any(e.question in demonstrations for e in SHOWN)


def test_demonstrate_without_train() -> None:
    """A task without training examples shows none."""
    bare = Material(material().parents[:1], CLAUSES, [task().model_copy(update={"train": ()})])
    assert edits.demonstrate(bare, Random(1))[0] == PARENTS[0]


def test_at_most_eight_demonstrations() -> None:
    """A task with many answers does not make a prompt without end."""
    many = tuple(Example(id=f"t{n}", question=f"Q{n}", answer=str(n)) for n in range(30))
    open_task = task(labels=()).model_copy(update={"train": many})
    text, _ = edits.demonstrate(Material(material().parents, CLAUSES, [open_task]), Random(1))
    assert text.count("Answer: ") == 8


@PROPERTY
@given(st.integers(0, 2**32))
def test_extend_and_replace(seed: int) -> None:
    """Extending adds one clause at an end, replacing puts one in a sentence's place."""
    old = sentences(PARENTS[1])
    extended = sentences(edits.extend(material(PARENTS[1]), Random(seed))[0])
    assert extended[1:] == old or extended[:-1] == old
    replaced = sentences(edits.replace(material(PARENTS[1]), Random(seed))[0])
    assert len(replaced) == len(old)
    assert sum(a != b for a, b in zip(old, replaced, strict=True)) == 1


@PROPERTY
@given(st.integers(0, 2**32))
def test_shorten(seed: int) -> None:
    """Shortening leaves one sentence out; the only sentence loses its demonstrations instead."""
    old = sentences(PARENTS[1])
    short = sentences(edits.shorten(material(PARENTS[1]), Random(seed))[0])
    assert len(short) == len(old) - 1
    assert [s for s in old if s in short] == short
    alone = with_demonstrations("Answer.", SHOWN)
    assert edits.shorten(material(alone), Random(seed))[0] == "Answer."


@PROPERTY
@given(st.integers(0, 2**32))
def test_cross(seed: int) -> None:
    """A crossing holds sentences of both parents only, and none twice."""
    text, _ = edits.cross(material("One. Two. Three.", "Three. Four. Five."), Random(seed))
    parts = sentences(text)
    assert set(parts) <= {"One.", "Two.", "Three.", "Four.", "Five."}
    assert len(set(parts)) == len(parts)


def test_describe_and_name_options() -> None:
    """The description stands beside the instruction, the labels behind it; a task without labels has none."""
    one = material(PARENTS[0])
    assert "Sort the letters." in edits.describe(one, Random(1))[0]
    named, _ = edits.name_options(one, Random(1))
    assert named.startswith(PARENTS[0])
    assert "a, b" in named
    bare = Material(one.parents, CLAUSES, [task(labels=())])
    assert edits.name_options(bare, Random(1))[0] == PARENTS[0]


@settings(PROPERTY, max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from(["", " ", "\n\nExamples:\n"]), st.integers(1, 2))
def test_empty_instruction(seed: int, text: str, tasks: int) -> None:
    """An empty prompt, which is a fair beginning, can be edited, too."""
    assert propose(material(text, tasks=tasks), 3, {candidate_id(text)}, Random(seed))


def test_nothing_new_to_find() -> None:
    """Where the edits of a small history are exhausted, fewer candidates are made, and it ends."""
    one = Material([Parent("p", "Answer.")], ["Answer."], [task(), task()])
    assert len(propose(one, 50, {candidate_id("Answer.")}, Random(1))) < 50


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four: five", ["One.", "Two!", "Three?", "Four:", "five"]),
        ("Version 2.5 is e.g. good", ["Version 2.5 is e.g.", "good"]),
        ("  One.\n\nTwo.  ", ["One.", "Two."]),
        ("", [""]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    """A sentence ends with a sign and a blank; an empty text is one empty sentence."""
    assert sentences(text) == parts


def test_better_parents_are_chosen_more_often() -> None:
    """The best parent is chosen n times as often as the last of n."""
    made = [edits.describe(material(), Random(seed))[1][0] for seed in range(600)]
    counts = [made.count(candidate_id(text)) for text in PARENTS]
    assert counts == sorted(counts, reverse=True)


def test_edits_with_the_real_library() -> None:
    """With the bundled clauses a small history yields a full step of proposals."""
    parents = [Parent(candidate_id(text), text) for text in seed_library().prompts[:4]]
    made = propose(Material(parents, seed_library().clauses, [task(), task()]), 8, set(), Random(1))
    assert len(made) == 8
