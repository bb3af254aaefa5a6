"""The token tree, against the plain meaning of its words."""

from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.agents.models.local_tree import ROOT, TokenTree

# Few different tokens, so that sequences share beginnings.
Sequences = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6), min_size=1, max_size=8)


def grown(sequences: Iterable[list[int]]) -> tuple[TokenTree, list[int]]:
    """Return a tree of the sequences, one batch each, and the nodes that end them."""
    tree, ends = TokenTree(), []
    for sequence in sequences:
        tree.tick()
        ends.append(tree.insert(sequence))
    return tree, ends


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


@given(Sequences, st.integers(0, 20))
def test_kept_nodes_bring_their_ancestors(sequences: list[list[int]], limit: int) -> None:
    """What is worth keeping never exceeds the limit and never lacks an ancestor."""
    tree, _ = grown(sequences)
    kept = tree.most_useful(limit)
    assert len(kept) == min(limit, len(tree))
    assert kept == tree.ancestors(kept)


@given(Sequences, st.integers(0, 20))
def test_keeping_renumbers_without_changing_what_nodes_mean(sequences: list[list[int]], limit: int) -> None:
    """After keeping some nodes the tree holds their sequences, and only the others are added anew."""
    tree, _ = grown(sequences)
    kept = tree.most_useful(limit)
    meant = [read(tree, node) for node in kept]
    tree.keep(kept)
    assert [read(tree, node) for node in range(len(tree))] == meant
    assert [tree.insert(sequence) for sequence in meant] == list(range(len(meant)))


def test_shared_beginnings_outlive_single_ones() -> None:
    """Nodes that began two sequences are kept before nodes that began one, however recent."""
    tree, _ = grown([[1, 2, 3], [1, 2, 4], [9, 9, 9]])
    assert [read(tree, node) for node in tree.most_useful(2)] == [[1], [1, 2]]


def test_recent_nodes_outlive_old_ones() -> None:
    """Among nodes equally shared, those of the latest batch are kept."""
    tree, _ = grown([[1, 2], [3, 4]])
    assert [read(tree, node) for node in tree.most_useful(2)] == [[3], [3, 4]]


def test_node_read_on_from_lately_is_recent() -> None:
    """A node is as recent as what was read on from it."""
    tree, ends = grown([[1], [2]])
    tree.tick()
    tree.insert([5], after=ends[0])
    assert [read(tree, node) for node in tree.most_useful(2)] == [[1], [1, 5]]


def test_nothing_read_from_nothing_is_the_root() -> None:
    """An empty sequence adds no node."""
    tree = TokenTree()
    assert (tree.insert([]), len(tree)) == (ROOT, 0)
