"""Lineage: what each prompt has changed, and where two prompts come from."""

from operator_making import system_prompt

from transfer_prompting.agents.operators.lineage import Lineage
from transfer_prompting.prompts.candidate import Candidate, make_candidate

NAMES = ("retrieve", "answer")


def child(text: str, *parents: Candidate) -> Candidate:
    """Return a prompt made from others."""
    return make_candidate(text, "reflection", tuple(parent.id for parent in parents))


ROOT = make_candidate(system_prompt(), "initial")
FOUND = child(system_prompt("Find it."), ROOT)
NAMED = child(system_prompt(answer="Name it."), ROOT)
BOTH = child(system_prompt("Find it.", "Say it."), FOUND, NAMED)
KNOWN = Lineage([ROOT, FOUND, NAMED, BOTH])


def test_changed_texts() -> None:
    """The changed texts are those in which a prompt differs from its main parent."""
    assert KNOWN.changed(FOUND.id, NAMES) == ("retrieve",)
    assert KNOWN.changed(NAMED.id, NAMES) == ("answer",)
    assert KNOWN.changed(BOTH.id, NAMES) == ("answer",)


def test_nothing_is_known() -> None:
    """Nothing is said of a prompt without a known parent, of an unknown prompt, and of a single text."""
    assert KNOWN.changed(ROOT.id, NAMES) == ()
    assert KNOWN.changed("p0", NAMES) == ()
    assert Lineage([FOUND]).changed(FOUND.id, NAMES) == ()
    assert KNOWN.changed(FOUND.id, ("instruction",)) == ()


def test_common_ancestor() -> None:
    """Two prompts have the nearest prompt in common from which both have come, in either order."""
    late = child(system_prompt("Find it.", "Sing it."), FOUND)
    known = Lineage([ROOT, FOUND, NAMED, BOTH, late])
    assert known.common_ancestor(FOUND.id, NAMED.id) == ROOT
    assert known.common_ancestor(NAMED.id, FOUND.id) == ROOT
    assert known.common_ancestor(late.id, BOTH.id) == FOUND


def test_no_common_ancestor() -> None:
    """A prompt and its descendant have none, and neither have prompts of different origin."""
    assert KNOWN.common_ancestor(ROOT.id, BOTH.id) is None
    assert KNOWN.common_ancestor(BOTH.id, FOUND.id) is None
    assert KNOWN.common_ancestor(FOUND.id, "p0") is None


def test_a_circle_ends() -> None:
    """Prompts that name each other as parents do not keep the search for an ancestor going."""
    one = Candidate(id="p1", text="One.", operator="reflection", parents=("p2",))
    other = Candidate(id="p2", text="Two.", operator="reflection", parents=("p1",))
    known = Lineage([one, other, ROOT])
    assert known.common_ancestor("p1", "p2") is None
    assert known.common_ancestor("p1", ROOT.id) is None
