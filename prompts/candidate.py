"""Candidate prompts: a text, its identity and its origin."""

import re
from hashlib import blake2b

from pydantic import BaseModel, ConfigDict


class Candidate(BaseModel):
    """A prompt that can be put before every example of a task.

    Its id depends on its words alone (see `candidate_id`), so that it is the same in every run. `operator`
    and `parents` are its origin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str
    operator: str
    """Origin of the prompt: "initial", "seed", or the name of the operator that made it."""
    parents: tuple[str, ...] = ()
    """Ids of the candidates that it was made from."""


def normalised(text: str) -> str:
    """Return the words of a prompt alone. Prompts that differ in nothing else are the same prompt."""
    return re.sub(r"\s+", " ", text).strip().rstrip(".!:").casefold()


def candidate_id(text: str) -> str:
    """Return the id of a prompt, which its words determine: "p" and eight hexadecimal digits."""
    return "p" + blake2b(normalised(text).encode(), digest_size=4).hexdigest()


def make_candidate(text: str, operator: str, parents: tuple[str, ...] = ()) -> Candidate:
    """Return the candidate with this text, without the blanks around it."""
    return Candidate(id=candidate_id(text), text=text.strip(), operator=operator, parents=parents)
