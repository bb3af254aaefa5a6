"""Token sequences as one tree: what several prompts have in common is there, and computed, only once.

Every node is a token after a given history. Its number is its place in insertion order, so a parent
always has a smaller number than its children.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

ROOT = -1


class TokenTree:
    """A trie over tokens."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.parents: list[int] = []
        self.depths: list[int] = []
        self._children: dict[tuple[int, int], int] = {}

    def __len__(self) -> int:
        return len(self.tokens)

    def insert(self, tokens: Iterable[int], after: int = ROOT) -> int:
        """Return the node that ends `tokens` read on from node `after`, adding what is missing."""
        node = after
        for token in tokens:
            node = self._step(node, token)
        return node

    def _step(self, parent: int, token: int) -> int:
        known = self._children.get((parent, token))
        if known is not None:
            return known
        node = len(self.tokens)
        self.tokens.append(token)
        self.parents.append(parent)
        self.depths.append(0 if parent == ROOT else self.depths[parent] + 1)
        self._children[parent, token] = node
        return node

    def path(self, node: int) -> list[int]:
        """Return the nodes from the root to `node`, in order."""
        path = []
        while node != ROOT:
            path.append(node)
            node = self.parents[node]
        return path[::-1]

    def ancestors(self, nodes: Iterable[int]) -> list[int]:
        """Return the nodes on the paths to any of `nodes`, these included, in increasing order."""
        found: set[int] = set()
        for node in nodes:
            while node != ROOT and node not in found:
                found.add(node)
                node = self.parents[node]
        return sorted(found)

    def visibility(self, nodes: Sequence[int], columns: Sequence[int]) -> NDArray[np.bool_]:
        """Return a matrix [nodes, columns], true where the column's node lies on the row's path.

        `columns` must hold the ancestors of all `nodes` (and may hold other nodes as well).
        """
        place = {node: column for column, node in enumerate(columns)}
        row_of = {node: row for row, node in enumerate(nodes)}
        seen = np.zeros((len(nodes), len(columns)), dtype=np.bool_)
        for row, node in enumerate(nodes):
            current = node
            while current != ROOT:
                seen[row, place[current]] = True
                current = self.parents[current]
                if row_of.get(current, row) < row:
                    seen[row] |= seen[row_of[current]]
                    break
        return seen

    def keep(self, nodes: Sequence[int]) -> None:
        """Forget all nodes but `nodes` (increasing, each with its ancestors), which are renumbered."""
        number = {old: new for new, old in enumerate(nodes)} | {ROOT: ROOT}
        self.tokens = [self.tokens[node] for node in nodes]
        self.depths = [self.depths[node] for node in nodes]
        self.parents = [number[self.parents[node]] for node in nodes]
        self._children = {
            (parent, token): node
            for node, (parent, token) in enumerate(zip(self.parents, self.tokens, strict=True))
        }
