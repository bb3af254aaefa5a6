"""The token tree, against the plain meaning of its words."""

from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.agents.models.local_tree import ROOT, TokenTree

# Few different tokens, so that sequences share beginnings.
Sequences = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6), min_size=1, max_size=8)


def grown(sequences: Iterable[list[int]]) -> tuple[TokenTree, list[int]]:
    """Return a tree of the sequences, and the nodes that end them."""
    tree = TokenTree()
    return tree, [tree.insert(sequence) for sequence in sequences]


def read(tree: TokenTree, node: int) -> list[int]:
    """Return the tokens on the path to a node."""
    return [tree.tokens[step] for step in tree.path(node)]


@given(Sequences)
def test_a_node_stands_for_the_sequence_inserted(sequences: list[list[int]]) -> None:
    """The path to a sequence's node reads as the sequence, and its depth is its position."""
    tree, ends = grown(sequences)
    assert [read(tree, end) for end in ends] == sequences
    assert [tree.depths[end] for end in ends] == [len(sequence) - 1 for sequence in sequences]


@given(Sequences)
def test_every_distinct_beginning_has_one_node(sequences: list[list[int]]) -> None:
    """The tree has as many nodes as the sequences have distinct beginnings, parents before children."""
    tree, _ = grown(sequences)
    beginnings = {tuple(seq[: n + 1]) for seq in sequences for n in range(len(seq))}
    assert len(tree) == len(beginnings)
    assert all(parent < node for node, parent in enumerate(tree.parents))


@given(Sequences)
def test_inserting_in_two_steps_is_inserting_at_once(sequences: list[list[int]]) -> None:
    """Reading on from a node gives the node of the whole sequence."""
    tree, ends = grown(sequences)
    for sequence, end in zip(sequences, ends, strict=True):
        for cut in range(len(sequence)):
            assert tree.insert(sequence[cut:], after=tree.insert(sequence[:cut])) == end


@given(Sequences, st.data())
def test_a_node_sees_its_path_and_nothing_else(sequences: list[list[int]], data: st.DataObject) -> None:
    """The visibility matrix is true exactly where the column lies on the row's path."""
    tree, _ = grown(sequences)
    nodes = sorted(data.draw(st.sets(st.integers(0, len(tree) - 1), min_size=1)))
    extra = data.draw(st.sets(st.integers(0, len(tree) - 1)))
    columns = sorted({*tree.ancestors(nodes), *extra})
    expected = [[column in tree.path(node) for column in columns] for node in nodes]
    assert np.array_equal(tree.visibility(nodes, columns), expected)


@given(Sequences)
def test_ancestors_are_the_union_of_paths(sequences: list[list[int]]) -> None:
    """Ancestors are all nodes on the paths, in increasing order."""
    tree, ends = grown(sequences)
    assert tree.ancestors(ends[:2]) == sorted({node for end in ends[:2] for node in tree.path(end)})


@given(Sequences, st.integers(0, 8))
def test_keeping_renumbers_without_changing_what_nodes_mean(sequences: list[list[int]], count: int) -> None:
    """After keeping some nodes the tree holds their sequences, and only the others are added anew."""
    tree, ends = grown(sequences)
    kept = tree.ancestors(ends[:count])
    meant = [read(tree, node) for node in kept]
    tree.keep(kept)
    assert [read(tree, node) for node in range(len(tree))] == meant
    assert [tree.insert(sequence) for sequence in meant] == list(range(len(meant)))


def test_nothing_read_from_nothing_is_the_root() -> None:
    """An empty sequence adds no node."""
    tree = TokenTree()
    assert (tree.insert([]), len(tree)) == (ROOT, 0)
