"""Lineage of prompts: which texts each has changed, and from which prompt two others have come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...prompts.candidate import Candidate
from ...prompts.named_texts import differing_texts


class Lineage:
    """Prompts that are known with their parents. The first origin of a prompt counts."""

    def __init__(self, candidates: Iterable[Candidate] = ()) -> None:
        self._known: dict[str, Candidate] = {}
        self.add(candidates)

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Add prompts; one that is known stays as it is."""
        for candidate in candidates:
            self._known.setdefault(candidate.id, candidate)

    def changed(self, prompt: str, names: Sequence[str]) -> tuple[str, ...]:
        """Return the texts in which the prompt with this id differs from its main parent.

        The result is empty if the prompt or its parent is unknown, and if a prompt is one text.
        """
        return changed_texts(prompt, self._known, names)

    def common_ancestor(self, one: str, other: str) -> Candidate | None:
        """Return the nearest prompt from which two others have come.

        None if there is none, or if one of the two has come from the other.
        """
        others = dict.fromkeys(self._ancestors(other))
        mine = list(self._ancestors(one))
        if one in others or other in mine:
            return None
        return next((self._known[id_] for id_ in mine if id_ in others), None)

    def _ancestors(self, prompt: str) -> Iterator[str]:
        """Yield the known ancestors of a prompt, each once, the nearest first."""
        seen, queue = {prompt}, [prompt]
        for id_ in queue:
            parents = self._known[id_].parents if id_ in self._known else ()
            for parent in parents:
                if parent in self._known and parent not in seen:
                    seen.add(parent)
                    queue.append(parent)
                    yield parent


def changed_texts(prompt: str, known: Mapping[str, Candidate], names: Sequence[str]) -> tuple[str, ...]:
    """Return the texts in which a prompt differs from the first of its parents among the `known` prompts.

    The result is empty if the prompt or its parents are unknown, and if a prompt is one text.
    """
    candidate = known.get(prompt)
    if candidate is None or len(names) < 2:
        return ()
    parent = next((known[id_] for id_ in candidate.parents if id_ in known), None)
    return () if parent is None else differing_texts(parent.text, candidate.text, names)
