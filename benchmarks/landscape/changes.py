"""The edits that a proposer makes to the sentences of a prompt."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from .meta_prompt import MetaPrompt, known_rule
from .words import ADVICE, DEFECT, OPENINGS, TIPS, TOPICS, rule


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts that a text gives about the task: topics with their counts, and the clues of each topic.

    If `failures` is true, the topics are those of wrongly answered examples. `summarised` says that the text
    holds a summary of the data, `unreadable` that answers came in a form that cannot be used.
    """

    topics: Mapping[str, int]
    clues: Mapping[str, Counter[str]]
    failures: bool
    summarised: bool
    unreadable: bool

    @classmethod
    def of(cls, meta: MetaPrompt) -> "Evidence":
        """Collect the evidence in `meta`. If any examples failed, only their topics count."""
        failed = [example for example in meta.shown if example.failed]
        topics = Counter(example.topic for example in failed or meta.shown)
        if not failed:
            topics.update(topic for topic, _ in meta.noted)
        clues: dict[str, Counter[str]] = {}
        for topic, clue in [*((e.topic, e.clue) for e in meta.shown), *meta.noted]:
            clues.setdefault(topic, Counter())
            if clue:
                clues[topic][clue] += 1
        return cls(topics, clues, bool(failed), bool(meta.noted), meta.unreadable)

    def clue(self, topic: str, random: Random) -> str:
        """Return the clue seen most often with `topic`, or a random clue if none was seen."""
        seen = self.clues.get(topic)
        return seen.most_common(1)[0][0] if seen else random.choice(list(ADVICE))


def mended(sentences: list[str], evidence: Evidence, further: float, random: Random) -> list[str]:
    """Remove the sentence that spoils the answers, or else add the rules that `evidence` points to.

    One topic gets its rule, and with probability `further` one more each time.
    """
    if evidence.unreadable and DEFECT in sentences:
        return [sentence for sentence in sentences if sentence != DEFECT]
    topics = evidence.topics or {random.choice(TOPICS): 1}
    wanted = {topic: evidence.clue(topic, random) for topic in topics}
    missing = {t: topics[t] for t, clue in wanted.items() if rule(t, clue) not in sentences}
    if not missing:
        return reworded(sentences, random)
    while missing:
        topic = random.choices(list(missing), list(missing.values()))[0]
        del missing[topic]
        sentences = with_rule(sentences, topic, wanted[topic])
        if random.random() >= further:
            break
    return sentences


def harmed(sentences: list[str], evidence: Evidence, random: Random) -> list[str]:
    """Drop a rule, or add one that no evidence supports."""
    rules = [sentence for sentence in sentences if known_rule(sentence)]
    if rules and random.random() < 0.5:
        dropped = random.choice(rules)
        return [sentence for sentence in sentences if sentence != dropped]
    topic = random.choice(list(evidence.topics) or list(TOPICS))
    others = [clue for clue in ADVICE if clue != evidence.clue(topic, random)]
    return with_rule(sentences, topic, random.choice(others))


def reworded(sentences: Sequence[str], random: Random) -> list[str]:
    """Change the opening, or add or drop a general tip; sometimes lose a sentence."""
    kept, roll = list(sentences), random.random()
    present = [tip for tip in TIPS if tip in kept]
    absent = [tip for tip in TIPS if tip not in kept]
    if roll < 0.4 and absent:
        kept.append(random.choice(absent))
    elif roll < 0.55 and present:
        kept.remove(random.choice(present))
    elif roll < 0.6 and len(kept) > 1:
        kept.remove(random.choice(kept))
    else:
        kept = [random.choice(OPENINGS), *(sentence for sentence in kept if sentence not in OPENINGS)]
    return kept


def shortened(sentences: Sequence[str], random: Random) -> list[str]:
    """Drop sentences that do not matter, and sometimes a rule that does."""
    kept = [s for s in sentences if s in OPENINGS or known_rule(s) or random.random() < 0.2]
    if len(kept) > 1 and random.random() < 0.3:
        kept.remove(random.choice(kept))
    return kept or list(sentences)


def trimmed(sentences: Sequence[str], random: Random) -> list[str]:
    """Drop one of the rules, or else some sentences that do not matter."""
    rules = [sentence for sentence in sentences if known_rule(sentence)]
    if not rules:
        return shortened(sentences, random)
    dropped = random.choice(rules)
    return [sentence for sentence in sentences if sentence != dropped]


def combined(one: Sequence[str], other: Sequence[str], random: Random) -> tuple[str, ...]:
    """Return the first prompt with most of the rules and tips that only the second one has."""
    topics = {found[0] for sentence in one if (found := known_rule(sentence))}

    def new(sentence: str) -> bool:
        found = known_rule(sentence)
        return found[0] not in topics if found else sentence in TIPS and sentence not in one

    return (*one, *(s for s in other if new(s) and random.random() < 0.85))


def with_rule(sentences: Sequence[str], topic: str, clue: str) -> list[str]:
    """Add the rule, in place of any other rule for the same topic."""
    kept = [s for s in sentences if not ((found := known_rule(s)) and found[0] == topic)]
    return [*kept, rule(topic, clue)]
