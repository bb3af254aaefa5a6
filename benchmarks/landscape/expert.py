"""A simulated model that knows the right answers, and says so if an example shows another one."""

import re
from collections.abc import Mapping, Sequence

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from .frames import conversation, reply_to
from .prompt import CASE
from .proposer import Proposer
from .truth import Case
from .words import DESKS, chance, pick

_NUMBERED = re.compile(r'<example n="(\d+)">(.*?)</example>', re.DOTALL)
_CHECKED = "Check this one:"
_RIGHT = re.compile(rf"^(?:Right answer|Answer in the data): ({'|'.join(DESKS)})\s*$", re.MULTILINE)


class Expert:
    """Answers as the proposer does, and doubts the right answers of examples before.

    It knows the answer to a share `knows` of the examples, and is sure of a wrong answer to a share
    `mistaken`. So an example whose answer was permuted is doubted with the probability `knows`.
    """

    def __init__(
        self, seed: int, proposer: Proposer, cases: Mapping[str, Case], *, knows: float, mistaken: float
    ) -> None:
        self._seed = seed
        self._proposer = proposer
        self._cases = cases
        self._knows = knows
        self._mistaken = mistaken
        self.shown: set[str] = set()
        """Numbers of the cases whose right answers it was shown and could doubt."""

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return the doubts, and then what the proposer says; or the verdict on one example to check."""
        text = conversation(request)
        if _CHECKED in text:
            checked = text.split(_CHECKED)[-1]
            return reply_to(request, "\n".join(self._doubts([("1", checked)])) or "<right/>")
        doubts = self._doubts(_NUMBERED.findall(text))
        said = self._proposer.write(text, request.seed, request.sample)
        return reply_to(request, "\n".join([*doubts, said]))

    def _doubts(self, examples: Sequence[tuple[str, str]]) -> list[str]:
        """Return the doubts about examples, each given by its number in the request and its text."""
        found = []
        for number, body in examples:
            case, right = CASE.search(body), _RIGHT.search(body)
            if case is None or right is None:
                continue
            self.shown.add(case[1])
            believed = self.believed(case[1])
            if believed not in (None, right[1]):
                reason = f"The {believed} handle such a message."
                found.append(f'<doubtful example="{number}" answer="{believed}">{reason}</doubtful>')
        return found

    def believed(self, number: str) -> str | None:
        """Return the answer that the expert is sure of; None if it does not know."""
        answer, drawn = self._cases[number].answer, chance(self._seed, number, "expert")
        if drawn < self._knows:
            return answer
        if drawn < self._knows + self._mistaken:
            return pick([desk for desk in DESKS if desk != answer], self._seed, number, "mistaken")
        return None
