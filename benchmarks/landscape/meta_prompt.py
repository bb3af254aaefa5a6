"""Reads a meta-prompt as a proposer must: the prompts in it, their scores, and the examples it shows.

Nothing here depends on the program that wrote the text. Prompts are found between tags or by their
sentences. The rest of the text is searched for examples and for remarks on how they were answered.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .prompt import CASE, cases
from .several_prompts import system_message
from .words import ADVICE, DEFECT, DESKS, HEDGE, MANNERS, OPENINGS, TIPS, TOPICS, rule

_TAGGED = re.compile(r"<(instruction|ins|prompt|parent\w*|current\w*)\b([^>]*)>(.+?)</\1\s*>", re.DOTALL)
_RULES = rf"For (?:{'|'.join(TOPICS)}) cases, (?:{'|'.join(ADVICE.values())})\."
_KNOWN = "|".join(
    [*map(re.escape, (*OPENINGS, *TIPS, DEFECT, HEDGE, *(a for a, _ in MANNERS.values()))), _RULES]
)
_RUN = re.compile(rf"(?:{_KNOWN})(?:[ \t\n]+(?:{_KNOWN}))*")
_EDGE = re.compile(r"[\n\"`<>«»]|: ")
_SCORE = re.compile(r"score(?:\s*#\d+)?\W{0,6}(\d+(?:\.\d+)?)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+")
_TOPIC = re.compile(rf"\b({'|'.join(TOPICS)})\b", re.IGNORECASE)
_CLUE = re.compile(rf"\bthe ({'|'.join(ADVICE)}) is underlined", re.IGNORECASE)
_SUBJECT = re.compile(rf"\b({'|'.join(TOPICS)}) \(the ({'|'.join(ADVICE)}) is underlined\)", re.IGNORECASE)
_NOTED = re.compile(rf"\bin ({'|'.join(TOPICS)}) cases the ({'|'.join(ADVICE)}) is underlined", re.IGNORECASE)
_DESK = re.compile(rf"\b({'|'.join(DESKS)}|code \d)\b", re.IGNORECASE)
_ALL_DESKS = re.compile(r"\W+(?:or )?".join(DESKS), re.IGNORECASE)
_FAILED = re.compile(
    r"\b(?:wrong\w*|incorrect\w*|fail\w*|mistake\w*|should have been|score: 0)\b", re.IGNORECASE
)
_UNREADABLE = re.compile(
    r"no answer in the demanded form|none that could be read|could not be (?:read|parsed)"
)
_MISSING = re.compile(r"^Feedback of .*?\bMissing: ([^.\n]*)", re.MULTILINE)
_FEEDBACK = re.compile(r"^Feedback of [^:\n]*: (\w+)", re.MULTILINE)
_NO_FAULT = ("Good", "It")
"""First words of feedback that finds no fault with what was understood: praise, and remarks on the length."""
_TOO_LONG = re.compile(r"^Feedback of .*?\bwanted are at most", re.MULTILINE)
_WORKED = re.compile(r"\b(?:is correct|was right|correctly)\b", re.IGNORECASE)

_END = re.compile(r"</(?:example|request|numbers)>")
TRIED = re.compile(r"<tried\b.*?</tried>\n?", re.DOTALL)
"""A prompt that is shown to avoid its repetition."""

_NEAR = 120
"""Largest distance, in characters, between the end of a prompt and its score."""
_REACH = 800
"""Largest length, in characters, of the text after an example's number that may belong to the example."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A prompt found in the text, with the score given there, or None."""

    sentences: tuple[str, ...]
    score: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A topic of an example found in the text: its underlined clue, and whether it was answered wrongly.

    Feedback of a metric may say which of an example's topics went wrong, or that none did.
    """

    topic: str
    clue: str | None
    failed: bool
    coded: bool
    """True if a code number was given instead of a desk."""


@dataclass(frozen=True, slots=True)
class MetaPrompt:
    """Facts that a proposer reads in a text. `noted` has topic and clue pairs from a summary of the data."""

    parents: tuple[Parent, ...]
    shown: tuple[Shown, ...]
    noted: tuple[tuple[str, str], ...]
    unreadable: bool
    """True if the text or its examples show that answers came in a form that cannot be used."""
    too_long: float
    """Share of the examples, in [0, 1], for which feedback says that the reply was too long."""


def read_meta_prompt(text: str, shown_in: "Callable[[str], list[Shown]] | None" = None) -> MetaPrompt:
    """Return the prompts and examples found in `text`.

    Prompts that are only told to avoid repetitions are left out. `shown_in` reads the examples in the text
    outside the prompts, by default as messages that name their topic and its clue.
    """
    text = TRIED.sub("", text)
    spans = _prompt_spans(text)
    nexts = [start for start, _, _ in [*spans[1:], (len(text), 0, None)]]
    parents = tuple(
        _parent(text[start:end], _score(text[end : min(after, end + _NEAR)]) if score is None else score)
        for (start, end, score), after in zip(spans, nexts[: len(spans)], strict=True)
    )
    rest = _without(text, [(start, end) for start, end, _ in spans])
    noted = ((topic.lower(), clue.lower()) for topic, clue in _NOTED.findall(rest))
    shown = tuple((shown_in or _shown)(rest))
    unreadable = bool(_UNREADABLE.search(rest)) or any(example.coded for example in shown)
    too_long = len(_TOO_LONG.findall(rest)) / max(1, len(cases(rest)))
    return MetaPrompt(parents, shown, tuple(noted), unreadable, too_long)


def _prompt_spans(text: str) -> list[tuple[int, int, float | None]]:
    """Return start and end of each prompt and the score in its tag, in the order of the text."""
    spans: list[tuple[int, int, float | None]] = []
    for found in _TAGGED.finditer(text):
        # "between <prompt> and </prompt>" describes a format and holds no prompt.
        if len(found[3].split()) > 2 and not found[3].lstrip().startswith("and "):
            number = _NUMBER.search(found[2])
            spans.append((found.start(3), found.end(3), float(number[0]) if number else None))
    for found in _RUN.finditer(text):
        if not any(start <= found.start() < end for start, end, _ in spans):
            spans.append((*_line_around(text, found.start(), found.end()), None))
    return sorted(spans)


def _line_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a run of known sentences, with other text that its author wrote on the same line."""
    before = [edge.end() for edge in _EDGE.finditer(text, max(0, start - 400), start)]
    after = _EDGE.search(text, end)
    return max(before, default=start), after.start() if after else len(text)


def _parent(body: str, score: float | None) -> Parent:
    """Return the sentences of a prompt, without its demonstrations."""
    body = system_message(body)
    demonstrated = CASE.search(body)
    body = body[: demonstrated.start()] if demonstrated else body
    body = re.split(r"\n\s*(?:Examples|Text):", body)[0]
    return Parent(tuple(part for part in _SENTENCE_END.split(" ".join(body.split())) if part), score)


def _score(behind: str) -> float | None:
    found = _SCORE.search(behind)
    return float(found[1]) if found else None


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    kept, last = [], 0
    for start, end in spans:
        kept.append(text[last : max(last, start)])
        last = max(last, end)
    return "".join([*kept, text[last:]])


def _shown(text: str) -> list[Shown]:
    examples = []
    for segment, failed, coded in examples_in(text):
        missing = _MISSING.search(segment)
        for topic, clue in subjects(segment):
            wrong = failed if missing is None else f'"{topic}"' in missing[1].lower()
            examples.append(Shown(topic, clue, wrong, coded))
    return examples


def examples_in(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield the text of each example, whether its answer was wrong, and whether that was a code number."""
    heading = ""
    first = CASE.search(text)
    above = text[: first.start()] if first else ""
    for _, whole in cases(text):
        heading = _heading(above) or heading
        segment = _END.split(whole, maxsplit=1)[0]
        yield segment, *_verdict(segment[:_REACH], heading)
        above = whole


def subjects(segment: str) -> list[tuple[str, str | None]]:
    """Return the topics of an example, each with its underlined clue."""
    if several := _SUBJECT.findall(segment):
        return [(topic.lower(), clue.lower()) for topic, clue in several]
    topic, clue = _TOPIC.search(segment), _CLUE.search(segment)
    return [(topic[1].lower(), clue[1].lower() if clue else None)] if topic else []


def _heading(above: str) -> str:
    """Return the last line above an example that announces examples."""
    whole_lines = above.rpartition("\n")[0]
    lines = [line for line in whole_lines.splitlines() if line.rstrip().endswith(":")]
    return lines[-1] if lines else ""


def _verdict(segment: str, heading: str) -> tuple[bool, bool]:
    """Return whether the answer shown was wrong, and whether it was a code number."""
    if feedback := _FEEDBACK.findall(segment):
        return not all(word in _NO_FAULT for word in feedback), False
    desks = {found.lower() for found in _DESK.findall(_ALL_DESKS.sub(" ", segment))}
    coded = any(desk.startswith("code") for desk in desks)
    if len(desks) > 1 or coded or _FAILED.search(segment):
        return True, coded
    return not _WORKED.search(segment) and bool(_FAILED.search(heading)), False


def known_rule(sentence: str) -> tuple[str, str] | None:
    """Return topic and clue if the sentence is a rule."""
    for topic in TOPICS:
        if sentence.startswith(f"For {topic} cases"):
            return next(((topic, clue) for clue in ADVICE if sentence == rule(topic, clue)), None)
    return None
