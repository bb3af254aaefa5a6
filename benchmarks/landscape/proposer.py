"""The simulated proposer, which writes a prompt from what it is shown, with limited reliability.

It knows the language (the topics and the possible advice) but not the truth: it can only guess the right
advice for a topic from the clue that an example underlines. Failing examples point to missing rules best,
labelled ones less well. Without examples it rearranges the prompts that it is shown.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from .changes import Evidence, combined, harmed, mended, reworded, shortened, trimmed
from .frames import conversation, reply_to
from .meta_prompt import MetaPrompt, Parent, read_meta_prompt
from .proposal_frames import framed
from .several_prompts import as_messages, demanded_prompts
from .words import DEFECT, HEDGE, OPENINGS, chance

_COMBINING = re.compile(r"\b(?:merge|crossover|combine|join)s?\b", re.IGNORECASE)
_UNITING = re.compile(r"\bmerge (?:them|these|all)\b", re.IGNORECASE)
"""A wish for one prompt with everything that the shown ones say."""
_SHORTENING = re.compile(r"\b(?:shorter|shorten)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Shares of the proposals, in [0, 1]. The remaining proposals are rewordings and fillers."""

    nothing: float = 0.05
    """TimeShare of replies without a prompt."""
    harmful: float = 0.15
    """TimeShare that adds a wrong rule or drops a good sentence."""
    from_failures: float = 0.65
    """TimeShare that adds a rule, or repairs a fault, that failing examples point to."""
    from_examples: float = 0.30
    """TimeShare that adds a rule that labelled examples point to, if no failing example is shown."""
    from_summary: float = 0.50
    """The same if a summary of the data says what its topics have in common."""
    guess: float = 0.05
    """TimeShare that adds a random rule, if no example is shown."""
    contradiction: float = 0.5
    """TimeShare that removes a demand which contradicts the right answers shown with the examples."""
    further: float = 0.3
    """Probability that a useful proposal takes up one more topic, drawn again after each."""
    further_of_summary: float = 0.7
    """The same if there is a summary of the data."""
    trimming: float = 0.5
    """TimeShare that drops a rule if feedback says that most replies are too long."""
    hedging: float = 0.0
    """TimeShare that asks for less confidence if answers were wrong."""

    def useful(self, evidence: Evidence) -> float:
        """Return the share of the proposals that `evidence` makes useful."""
        if evidence.failures:
            return self.from_failures
        if evidence.summarised:
            return self.from_summary
        return self.from_examples if evidence.topics else self.guess


class Proposer:
    """Answers requests with proposals. Requests that differ in `seed` or `sample` get different proposals."""

    def __init__(
        self,
        seed: int,
        reliability: Reliability | None = None,
        read: Callable[[str], MetaPrompt] = read_meta_prompt,
    ) -> None:
        self._seed = seed
        self._reliability = reliability or Reliability()
        self._read = read

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return the reply, in the format that the request demands."""
        text = conversation(request)
        if count := demanded_prompts(text):
            meta, sample = self._read(text), (request.seed, request.sample)
            prompts = [self._prompt(text, meta, (*sample, number)) for number in range(count)]
            return reply_to(request, as_messages(text, prompts))
        return reply_to(request, self.write(text, request.seed, request.sample))

    def write(self, text: str, *sample: object) -> str:
        """Return a reply to `text`. `sample` distinguishes several replies to the same text."""
        meta = self._read(text)
        return framed(text, self._prompt(text, meta, sample), meta)

    def _prompt(self, text: str, meta: MetaPrompt, sample: tuple[object, ...]) -> str | None:
        """Return a prompt for what `text` shows, or None."""
        random = Random(chance(self._seed, text, *sample))
        if _UNITING.search(text):
            return self._united(meta, random)
        parent = self._parent(meta, random, combining=bool(_COMBINING.search(text)))
        if _SHORTENING.search(text):
            parent = tuple(shortened(parent, random))
        evidence = Evidence.of(meta)
        if DEFECT in parent and evidence.topics and random.random() < self._reliability.contradiction:
            parent = tuple(sentence for sentence in parent if sentence != DEFECT)
        changed = self._change(list(parent), evidence, meta.too_long > 0.5, random)
        return None if changed is None else " ".join(changed)

    def _united(self, meta: MetaPrompt, random: Random) -> str | None:
        """Return all sentences of the shown prompts, each once; at times with a fault, or None."""
        sentences = list(dict.fromkeys(sentence for one in meta.parents for sentence in one.sentences))
        roll = random.random() - self._reliability.nothing
        if roll < 0:
            return None
        return " ".join(
            harmed(sentences, Evidence.of(meta), random) if roll < self._reliability.harmful else sentences
        )

    def _parent(self, meta: MetaPrompt, random: Random, *, combining: bool) -> tuple[str, ...]:
        if combining and len(meta.parents) > 1:
            return combined(meta.parents[-2].sentences, meta.parents[-1].sentences, random)
        if meta.parents:
            return _best(meta.parents).sentences
        return (random.choice(OPENINGS),)

    def _change(
        self, sentences: list[str], evidence: Evidence, too_long: bool, random: Random
    ) -> list[str] | None:
        """Return the sentences of the proposal, or None for no prompt."""
        shares = self._reliability
        if too_long and random.random() < shares.trimming:
            return trimmed(sentences, random)
        if evidence.failures and shares.hedging and random.random() < shares.hedging:
            return sentences if HEDGE in sentences else [*sentences, HEDGE]
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
    """Return the prompt with the highest score if scores are given, else the last prompt."""
    scored = [parent for parent in parents if parent.score is not None]
    return max(reversed(scored), key=lambda parent: parent.score or 0.0) if scored else parents[-1]
