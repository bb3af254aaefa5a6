"""The choice of the text that a proposal changes: by blame, by what has paid, and in turn."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_making import failed, parent, step, system_material, system_prompt
from outcome_making import PROPERTY

from transfer_prompting.agents.messages import RaceFinished, RaceResult
from transfer_prompting.agents.operators.lineage import Lineage
from transfer_prompting.agents.operators.names import OperatorName
from transfer_prompting.agents.search.bandit import Bandit
from transfer_prompting.agents.search.proposal_drafts import ProposalDraft, draft_step
from transfer_prompting.agents.search.text_choice import TextChoice, shares
from transfer_prompting.prompts.candidate import Candidate, make_candidate

NAMES = ("retrieve", "rank", "answer")
EQUAL = dict.fromkeys(NAMES, 1 / 3)
TWO = ("retrieve", "answer")
HALF = dict.fromkeys(TWO, 0.5)
ROOT = make_candidate(system_prompt(), "initial")
BY_TEXT = {
    "retrieve": make_candidate(system_prompt("Find it."), "reflection", (ROOT.id,)),
    "answer": make_candidate(system_prompt(answer="Name it."), "reflection", (ROOT.id,)),
    "both": make_candidate(system_prompt("Find it.", "Name it."), "all_texts", (ROOT.id,)),
}
LINEAGE = Lineage([ROOT, *BY_TEXT.values()])

SHARE = st.integers(0, 1000).map(lambda parts: parts / 1000)
"""Shares as draws and counts make them; a product of far smaller ones would vanish."""


def taken(choice: TextChoice, blamed: dict[str, float], count: int, seed: int = 1) -> list[str]:
    """Return the texts of the proposals of one step."""
    choice.begin_step(blamed, Random(seed))
    found = []
    for _ in range(count):
        found.append(choice.order()[0])
        choice.take(found[-1])
    return found


def race(*changed: str, winner: str | None = None) -> RaceFinished:
    """Return a race of prompts that have changed these texts, one of which may have won."""
    results = tuple(
        RaceResult(
            candidate=BY_TEXT[name].id,
            operator="reflection",
            outcome="better" if name == winner else "stopped",
            gain=0.1,
            examples=9,
        )
        for name in changed
    )
    id_ = BY_TEXT[winner].id if winner else None
    return RaceFinished(stage="target", step=1, against=ROOT.id, winner=id_, results=results, saved=0)


def test_texts_take_turns() -> None:
    """At equal evidence the texts take turns, over the siblings of a step and from step to step."""
    choice = TextChoice(NAMES)
    assert [taken(choice, EQUAL, 2, seed) for seed in range(3)] == [
        ["retrieve", "rank"],
        ["answer", "retrieve"],
        ["rank", "answer"],
    ]


@PROPERTY
@given(st.floats(0.2, 0.8), st.integers(0, 2**32))
def test_siblings_differ(most: float, seed: int) -> None:
    """Two siblings of the first step work on different texts unless nearly all points to one of them."""
    assert set(taken(TextChoice(TWO), {"retrieve": most, "answer": 1 - most}, 2, seed)) == set(TWO)


def test_blame_decides() -> None:
    """A text to which the failures point is changed more often, in proportion."""
    counts = Counter(taken(TextChoice(TWO), {"retrieve": 0.9, "answer": 0.1}, 100))
    assert 70 <= counts["retrieve"] <= 78


@PROPERTY
@given(
    st.lists(SHARE, min_size=3, max_size=3),
    st.lists(SHARE, min_size=3, max_size=3),
    st.integers(0, 2**32),
)
def test_no_text_starves(chances: list[float], blamed: list[float], seed: int) -> None:
    """Whatever the evidence is, each text has a part of the proposals, and the shares add up to 1."""
    found = shares(
        dict(zip(NAMES, chances, strict=True)),
        dict(zip(NAMES, blamed if any(blamed) else [1.0] * 3, strict=True)),
    )
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0.4 / 3 - 1e-9
    counts = Counter(taken(TextChoice(NAMES), {"retrieve": 1.0, "rank": 0.0, "answer": 0.0}, 40, seed))
    assert min(counts[name] for name in NAMES) >= 4


def test_what_has_paid() -> None:
    """A text whose changes have won races is changed more often; a text whose changes lost, less often."""
    choice = TextChoice(TWO)
    for _ in range(6):
        choice.apply(race("retrieve", "answer", winner="answer"), LINEAGE)
    counts = Counter(taken(choice, HALF, 100))
    assert counts["answer"] > 70


def test_forgetting() -> None:
    """What paid long ago hardly counts any more."""
    choice = TextChoice(TWO)
    for _ in range(6):
        choice.apply(race("retrieve", "answer", winner="answer"), LINEAGE)
    for _ in range(100):
        choice.apply(race(), LINEAGE)
    assert abs(Counter(taken(choice, HALF, 100))["answer"] - 50) < 12


def test_several_texts_share_the_credit() -> None:
    """A prompt that has changed both texts tells neither from the other."""
    choice = TextChoice(TWO)
    choice.apply(race("both", winner="both"), LINEAGE)
    assert Counter(taken(choice, HALF, 10)) == {"retrieve": 5, "answer": 5}


def test_unknown_prompts_teach_nothing() -> None:
    """Results of prompts without a known parent, such as the initial ones, are ignored."""
    choice = TextChoice(TWO)
    choice.apply(race("answer", winner="answer"), Lineage())
    assert taken(choice, HALF, 4) == ["retrieve", "answer"] * 2


@PROPERTY
@given(st.integers(0, 2**32), st.lists(st.sampled_from([*TWO, None]), max_size=8))
def test_same_history_same_choices(seed: int, winners: list[str | None]) -> None:
    """The choices follow from the races and the seed."""
    choices = []
    for _ in range(2):
        choice = TextChoice(TWO)
        for winner in winners:
            choice.apply(race(*TWO, winner=winner), LINEAGE)
        choices.append(taken(choice, HALF, 9, seed))
    assert choices[0] == choices[1]


def drafted(count: int, *names: OperatorName, trace: tuple[str, ...] = TWO, seed: int = 1) -> list[str]:
    """Return the text that each draft of a step rewrites, or "merge" for a merged prompt."""
    material = system_material([failed(n, *map(step, trace)) for n in range(9)])
    drafts = draft_step(material, count, Bandit(names), set(), Random(seed), TextChoice(TWO))
    found = []
    for draft in drafts:
        if isinstance(draft, Candidate):
            found.append(draft.operator)
        else:
            assert isinstance(draft, ProposalDraft)
            found.append(next((name for name in TWO if f'named "{name}"' in draft.question.text), "all"))
    return found


def test_drafts_follow() -> None:
    """The drafts of a step rewrite different texts, and mostly the text of the failing steps."""
    assert set(drafted(2, "reflection")) == set(TWO)
    assert Counter(drafted(10, "reflection", trace=("answer",)))["answer"] == 8


def test_whole_prompts_take_no_turn() -> None:
    """An operator that works on whole prompts leaves the texts' turns to the others."""
    assert drafted(4, "merge", "all_texts", "reflection", "paraphrase") == ["merge", "all", *TWO]


@PROPERTY
@given(st.integers(0, 2**32))
def test_a_text_that_suits(seed: int) -> None:
    """An operator that suits one text alone is given that one, whichever text's turn it is; or it waits."""
    long = parent(system_prompt(answer="Name the shelf of the parcel, and say nothing else about it at all."))
    for parents, expected in (([long], "answer"), (system_material().parents[1:], None)):
        material = replace(system_material(), parents=parents)
        drafts = draft_step(material, 1, Bandit(("simplification",)), set(), Random(seed))
        texts = [d.question.text for d in drafts if isinstance(d, ProposalDraft)]
        assert [f'named "{expected}"' in text for text in texts] == ([True] if expected else [])
