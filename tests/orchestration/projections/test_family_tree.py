"""The family tree and the word diffs in it."""

from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.orchestration.projections.family_tree import family_tree, position_of, word_diff
from transfer_prompting.orchestration.projections.history import RunHistory

_TEXTS = st.text(alphabet="ab \n.", max_size=40)


@given(_TEXTS, _TEXTS)
def test_both_texts_can_be_read_off(before: str, after: str) -> None:
    """What is the same and new gives the child's text, what is the same or gone has the parent's words."""
    pieces = word_diff(before, after)
    assert "".join(text for change, text in pieces if change != "gone") == after
    assert "".join(text for change, text in pieces if change != "new").split() == before.split()


def test_only_what_changed_is_marked() -> None:
    """A word put in between others is new, and nothing else is."""
    assert word_diff("Sort the mail.", "Sort all the mail.") == [
        ("same", "Sort"),
        ("new", " all"),
        ("same", " the mail."),
    ]


def test_everybody_stands_once(account: RunHistory) -> None:
    """Each prompt has one place in the family_tree, below one of its own parents or at a root."""
    walked = [relative for root in family_tree(account) for _, relative in root.walk()]
    assert sorted(r.candidate.id for r in walked) == sorted(account.candidates)
    children = [r for r in walked if r.parent is not None]
    assert children
    assert all(r.parent is not None and r.parent.id in r.candidate.parents for r in children)


def test_a_place(account: RunHistory) -> None:
    """The prompt of the verdict stands in the target stage, as the best with the score of the stage."""
    best = account.state.winner
    assert best is not None
    place = position_of(account, best.id)
    board = account.state.leaderboards["target"]
    assert place is not None
    assert (place.stage, place.best) == ("target", True)
    assert place.score == board.rows[best.id].score
    assert position_of(account, "nobody") is None
