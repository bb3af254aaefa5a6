"""The features of a prompt that the simulated task model depends on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .words import ADVICE, DEFECT, HEDGE, MANNERS, REFUSAL, TIPS, TOPICS, clean

_CLUE_OF = {advice: clue for clue, advice in ADVICE.items()}
_RULE = re.compile(rf"\bfor ({'|'.join(TOPICS)}) cases,? ({'|'.join(_CLUE_OF)})\b")
CASE = re.compile(r"\bcase (\d{5})\b", re.IGNORECASE)
"""The way in which an example gives its number, wherever it is shown."""


@dataclass(frozen=True, slots=True)
class Features:
    """The hidden features of a prompt.

    `advice` maps a topic to the clues whose advice the prompt gives. `tips` are its general sentences,
    `manners` what it asks of a judged reply, `shown` the numbers of the examples that it demonstrates with
    their right answers, and `words` its length. `wording` is its text without case and spacing, on which
    touchy examples depend. A prompt that is `hedged` makes the answers shy.
    """

    advice: Mapping[str, frozenset[str]]
    tips: frozenset[str]
    manners: frozenset[str]
    shown: tuple[str, ...]
    words: int
    defective: bool
    hedged: bool
    wording: str


def read_prompt(text: str, answers: Mapping[str, str]) -> Features:
    """Return the features of `text`. `answers` maps the number of each example to its right answer."""
    wording = clean(text)
    advice: dict[str, frozenset[str]] = {}
    for topic, given in _RULE.findall(wording):
        advice[topic] = advice.get(topic, frozenset()) | {_CLUE_OF[given]}
    return Features(
        advice=advice,
        tips=frozenset(tip for tip in TIPS if clean(tip) in wording),
        manners=frozenset(name for name, (asked, _) in MANNERS.items() if clean(asked) in wording),
        shown=_demonstrations(wording, answers),
        words=len(wording.split()),
        defective=any(clean(spoiler) in wording for spoiler in (DEFECT, REFUSAL)),
        hedged=clean(HEDGE) in wording,
        wording=wording,
    )


class PromptReader:
    """Reads each prompt once. `answers` maps the number of each example to its right answer."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._answers = answers
        self._read: dict[str, Features] = {}

    def features(self, text: str) -> Features:
        """Return the features of a whole prompt, or of the text before the example of a request."""
        if text not in self._read:
            self._read[text] = read_prompt(text, self._answers)
        return self._read[text]


def cases(text: str) -> list[tuple[str, str]]:
    """Yield the number of each example shown in `text`, with the text from there to the next example."""
    found = list(CASE.finditer(text))
    starts = [case.start() for case in found]
    ends = [*starts[1:], len(text)]
    return [(case[1], text[case.start() : end]) for case, end in zip(found, ends[: len(found)], strict=True)]


def _demonstrations(wording: str, answers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the examples that `wording` shows with their right answers."""
    return tuple(
        number
        for number, segment in cases(wording)
        if number in answers and re.search(rf"\b{answers[number]}\b", segment)
    )
