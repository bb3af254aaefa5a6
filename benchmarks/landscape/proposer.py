"""The simulated proposer: writes a prompt from what it is shown, with limited reliability.

It knows the language (which topics and which advice there are) and nothing of the truth: which advice is
right for a topic it can only guess from the clue that an example's text underlines. Failing examples point
to missing rules best, merely labelled ones less; with no example it rearranges the prompts it has.
"""

import re
from dataclasses import dataclass
from random import Random

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from .changes import Evidence, combined, harmed, mended, reworded, shortened
from .frames import conversation, reply_to
from .meta_prompt import MetaPrompt, Parent, read_meta_prompt
from .proposal_frames import framed
from .words import DEFECT, OPENINGS, chance

_COMBINING = re.compile(r"\b(?:merge|crossover|combine|join)s?\b", re.IGNORECASE)
_SHORTENING = re.compile(r"\b(?:shorter|shorten)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Shares of the proposals, in [0, 1]; what is left over are rewordings and fillers."""

    nothing: float = 0.05
    """No prompt at all."""
    harmful: float = 0.15
    """A wrong rule added, or a good sentence dropped."""
    from_failures: float = 0.65
    """A rule added, or a fault mended, that failing examples point to."""
    from_examples: float = 0.30
    """A rule added that labelled examples point to, where no failing one is shown."""
    from_summary: float = 0.50
    """The same where a summary of the data says what its topics have in common."""
    guess: float = 0.05
    """A rule added out of the blue, where no example is shown."""
    contradiction: float = 0.5
    """A demand taken out that the right answers shown with the examples contradict."""
    further: float = 0.3
    """How often a useful proposal takes up one more topic, and again one more."""
    further_of_summary: float = 0.7
    """The same where there is a summary of the data."""

    def useful(self, evidence: Evidence) -> float:
        """The share of the proposals that `evidence` makes useful."""
        if evidence.failures:
            return self.from_failures
        if evidence.summarised:
            return self.from_summary
        return self.from_examples if evidence.topics else self.guess


class Proposer:
    """A function from requests to replies; requests that differ in `seed` or `sample` get other proposals."""

    def __init__(self, seed: int, reliability: Reliability | None = None) -> None:
        self._seed = seed
        self._reliability = reliability or Reliability()

    def __call__(self, request: ModelRequest) -> ModelReply:
        """The reply, in the form that the request demands."""
        text = conversation(request)
        return reply_to(request, self.write(text, request.seed, request.sample))

    def write(self, text: str, *sample: object) -> str:
        """A reply to `text`; `sample` tells several replies to the same text apart."""
        random = Random(chance(self._seed, text, *sample))
        meta = read_meta_prompt(text)
        parent = self._parent(meta, random, combining=bool(_COMBINING.search(text)))
        if _SHORTENING.search(text):
            parent = tuple(shortened(parent, random))
        evidence = Evidence.of(meta)
        if DEFECT in parent and evidence.topics and random.random() < self._reliability.contradiction:
            parent = tuple(sentence for sentence in parent if sentence != DEFECT)
        changed = self._change(list(parent), evidence, random)
        return framed(text, None if changed is None else " ".join(changed), meta)

    def _parent(self, meta: MetaPrompt, random: Random, *, combining: bool) -> tuple[str, ...]:
        if combining and len(meta.parents) > 1:
            return combined(meta.parents[-2].sentences, meta.parents[-1].sentences, random)
        if meta.parents:
            return _best(meta.parents).sentences
        return (random.choice(OPENINGS),)

    def _change(self, sentences: list[str], evidence: Evidence, random: Random) -> list[str] | None:
        """The sentences of the proposal, or None for no prompt."""
        shares = self._reliability
        useful, roll = shares.useful(evidence), random.random()
        if roll < shares.nothing:
            return None
        if roll < shares.nothing + shares.harmful:
            return harmed(sentences, evidence, random)
        if roll < shares.nothing + shares.harmful + useful:
            further = shares.further_of_summary if evidence.summarised else shares.further
            return mended(sentences, evidence, further, random)
        return reworded(sentences, random)


def _best(parents: tuple[Parent, ...]) -> Parent:
    """The one with the highest score, where scores are told; else the last one."""
    scored = [parent for parent in parents if parent.score is not None]
    return max(reversed(scored), key=lambda parent: parent.score or 0.0) if scored else parents[-1]
