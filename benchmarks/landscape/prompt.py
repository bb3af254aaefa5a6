"""What a prompt holds, as far as the simulated task model cares."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .words import ADVICE, DEFECT, MANNERS, REFUSAL, TIPS, TOPICS, clean

_CLUE_OF = {advice: clue for clue, advice in ADVICE.items()}
_RULE = re.compile(rf"\bfor ({'|'.join(TOPICS)}) cases,? ({'|'.join(_CLUE_OF)})\b")
CASE = re.compile(r"\bcase (\d{5})\b", re.IGNORECASE)
"""How an example names itself, wherever it is shown."""


@dataclass(frozen=True, slots=True)
class Features:
    """The hidden features of a prompt.

    `advice`: topic -> the clues whose advice it gives. `tips`: the general sentences in it. `manners`: what
    it asks of a judged reply. `shown`: the numbers of the examples it demonstrates with their right answer.
    `words`: its length.
    `wording` is its text without case and spacing, on which touchy examples depend.
    """

    advice: Mapping[str, frozenset[str]]
    tips: frozenset[str]
    manners: frozenset[str]
    shown: tuple[str, ...]
    words: int
    defective: bool
    wording: str


def read_prompt(text: str, answers: Mapping[str, str]) -> Features:
    """The features of `text`; `answers` gives the right answer of each example by its number."""
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
        wording=wording,
    )


def cases(text: str) -> list[tuple[str, str]]:
    """The number of each example shown in `text`, and the text from there to the next one."""
    found = list(CASE.finditer(text))
    starts = [case.start() for case in found]
    ends = [*starts[1:], len(text)]
    return [(case[1], text[case.start() : end]) for case, end in zip(found, ends[: len(found)], strict=True)]


def _demonstrations(wording: str, answers: Mapping[str, str]) -> tuple[str, ...]:
    """The examples that `wording` shows together with their right answer."""
    return tuple(
        number
        for number, segment in cases(wording)
        if number in answers and re.search(rf"\b{answers[number]}\b", segment)
    )
