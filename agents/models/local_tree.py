"""Token sequences as one tree: what several prompts have in common is there, and computed, only once.

Every node is a token after a given history. Its number is its place in insertion order, so a parent
always has a smaller number than its children.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

ROOT = -1


class TokenTree:
    """A trie over tokens, with a clock that says how recently and how often each node was wanted."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.parents: list[int] = []
        self.depths: list[int] = []
        self._children: dict[tuple[int, int], int] = {}
        self._wanted: list[int] = []
        self._last_wanted: list[int] = []
        self._clock = 0

    def __len__(self) -> int:
        return len(self.tokens)

    def tick(self) -> None:
        """Begin a new batch: nodes wanted from now on count as more recent."""
        self._clock += 1

    def insert(self, tokens: Iterable[int], after: int = ROOT) -> int:
        """Return the node that ends `tokens` read on from node `after`, adding what is missing."""
        node = after
        for token in tokens:
            node = self._step(node, token)
            # What follows a prompt is particular to it; only what begins prompts can be shared.
            self._wanted[node] += after == ROOT
            self._last_wanted[node] = self._clock
        return node

    def _step(self, parent: int, token: int) -> int:
        known = self._children.get((parent, token))
        if known is not None:
            return known
        node = len(self.tokens)
        self.tokens.append(token)
        self.parents.append(parent)
        self.depths.append(0 if parent == ROOT else self.depths[parent] + 1)
        self._wanted.append(0)
        self._last_wanted.append(self._clock)
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

    def most_useful(self, limit: int) -> list[int]:
        """Return up to `limit` nodes worth keeping, in increasing order, every one with its ancestors.

        What several sequences began with comes first, and of that what was wanted last.
        """
        last = list(self._last_wanted)
        for node in range(len(self) - 1, -1, -1):
            parent = self.parents[node]
            if parent != ROOT:
                # No node may rank above its parent.
                last[parent] = max(last[parent], last[node])
        order = sorted(range(len(self)), key=lambda node: (self._wanted[node] < 2, -last[node], node))
        return sorted(order[:limit])

    def keep(self, nodes: Sequence[int]) -> None:
        """Forget all nodes but `nodes` (increasing, each with its ancestors), which are renumbered."""
        number = {old: new for new, old in enumerate(nodes)} | {ROOT: ROOT}
        self.tokens = [self.tokens[node] for node in nodes]
        self.depths = [self.depths[node] for node in nodes]
        self._wanted = [self._wanted[node] for node in nodes]
        self._last_wanted = [self._last_wanted[node] for node in nodes]
        self.parents = [number[self.parents[node]] for node in nodes]
        self._children = {
            (parent, token): node
            for node, (parent, token) in enumerate(zip(self.parents, self.tokens, strict=True))
        }
