"""A candidate prompt: its text, and where it comes from."""

import re
from hashlib import blake2b

from pydantic import BaseModel, ConfigDict


class Candidate(BaseModel):
    """An instruction that may be put before every example of a task.

    `id` depends on the words alone (see `candidate_id`), so the same prompt has the same id in every run.
    `operator` names what made it ("initial", "seed", "history", ...), `parents` the candidates it came from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str
    operator: str
    parents: tuple[str, ...] = ()


def normalised(text: str) -> str:
    """The words alone: case, spacing and final punctuation do not make another prompt."""
    return re.sub(r"\s+", " ", text).strip().rstrip(".!:").casefold()


def candidate_id(text: str) -> str:
    """The name of a prompt, derived from its words."""
    return "p" + blake2b(normalised(text).encode(), digest_size=4).hexdigest()


def make_candidate(text: str, operator: str, parents: tuple[str, ...] = ()) -> Candidate:
    """A candidate from its text."""
    return Candidate(id=candidate_id(text), text=text.strip(), operator=operator, parents=parents)
