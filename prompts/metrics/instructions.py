"""Metric "instructions": the share of the instructions of an example that the reply follows, as in IFEval.

Source: Zhou et al., Instruction-Following Evaluation for Large Language Models (2023). Sentences are divided,
and languages checked, by simpler means than in the paper's program: single values may differ.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal

from ..errors import MetricError
from ..sums import summed
from ..task import Example, Task
from . import instruction_form as form
from . import instruction_words as words
from .golds import column, value_at
from .grade import Grade
from .instruction_arguments import Arguments
from .metric import Case
from .text_options import TextOptions

Check = Callable[[str, Arguments], str | None]
"""Return None if a reply follows an instruction, or else what it must do, in words."""
CHECKS: Mapping[str, Check] = {
    "change_case:capital_word_frequency": words.capital_word_frequency,
    "change_case:english_capital": words.english_capital,
    "change_case:english_lowercase": words.english_lowercase,
    "combination:repeat_prompt": form.repeat_prompt,
    "combination:two_responses": form.two_responses,
    "detectable_content:number_placeholders": form.number_placeholders,
    "detectable_content:postscript": form.postscript,
    "detectable_format:constrained_response": form.constrained_response,
    "detectable_format:json_format": form.json_format,
    "detectable_format:multiple_sections": form.multiple_sections,
    "detectable_format:number_bullet_lists": form.number_bullet_lists,
    "detectable_format:number_highlighted_sections": form.number_highlighted_sections,
    "detectable_format:title": form.title,
    "keywords:existence": words.existence,
    "keywords:forbidden_words": words.forbidden_words,
    "keywords:frequency": words.frequency,
    "keywords:letter_frequency": words.letter_frequency,
    "language:response_language": words.response_language,
    "length_constraints:nth_paragraph_first_word": words.nth_paragraph_first_word,
    "length_constraints:number_paragraphs": form.number_paragraphs,
    "length_constraints:number_sentences": words.number_sentences,
    "length_constraints:number_words": words.number_words,
    "punctuation:no_comma": form.no_comma,
    "startend:end_checker": form.end_checker,
    "startend:quotation": form.quotation,
}
_LONGEST = 100_000


class InstructionsOptions(TextOptions):
    """Options of "instructions"."""

    ids: str = "instruction_id_list"
    """Path of the column with the names of an example's instructions."""
    kwargs: str = "kwargs"
    """Path of the column with the arguments of each."""
    loose: bool = False
    """Whether the reply may also follow without its first or last line, or without its asterisks."""
    of: Literal["answer", "reply"] = "reply"

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the instructions."""
        return (self.ids, self.kwargs)


def grade_instructions(options: InstructionsOptions, case: Case) -> Grade:
    """Return the share of the instructions that are followed, with a part for each and for all of them."""
    parts: dict[str, float] = {}
    violated = []
    replies = _variants(case.text[:_LONGEST]) if options.loose else [case.text[:_LONGEST]]
    for name, arguments in _instructions(options, case.example):
        fault = _fault(name, arguments, replies, case.example)
        parts[_free(name, parts)] = float(fault is None)
        violated += [] if fault is None else [fault]
    value = summed(parts.values()) / len(parts)
    said = f"Instructions not followed ({len(violated)} of {len(parts)}): {'; '.join(violated)}."
    return Grade(value, said if violated else "", parts | {"all followed": float(not violated)})


def check_instructions(options: InstructionsOptions, task: Task, example: Example) -> None:
    """Raise `MetricError` if an instruction is unknown or lacks its arguments."""
    for name, arguments in _instructions(options, example):
        _fault(name, arguments, [""], example)


def _instructions(options: InstructionsOptions, example: Example) -> Iterator[tuple[str, Arguments]]:
    names = column(example, options.ids)
    arguments = value_at(example.columns, options.kwargs)
    arguments = [{}] * len(names) if arguments is None and isinstance(names, list) else arguments
    if not (isinstance(names, list) and isinstance(arguments, list) and len(names) == len(arguments) > 0):
        raise MetricError(
            f"example {example.id}: columns {options.ids!r} and {options.kwargs!r} must be two lists of the "
            "same length, the instructions and the arguments of each."
        )
    for name, own in zip(names, arguments, strict=True):
        own = {} if own is None else own
        if not isinstance(own, Mapping):
            raise MetricError(f"example {example.id}: the arguments of {name} are {own!r}, not a table.")
        yield str(name), {key: value for key, value in own.items() if value is not None}


def _fault(name: str, arguments: Arguments, replies: list[str], example: Example) -> str | None:
    check = CHECKS.get(name)
    if check is None:
        close = get_close_matches(name, CHECKS, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Known are {', '.join(CHECKS)}."
        raise MetricError(f"example {example.id}: there is no instruction {name!r}. {hint}")
    try:
        faults = [check(reply, arguments) for reply in replies if reply.strip() or len(replies) == 1]
    except MetricError as error:
        raise MetricError(f"example {example.id}, instruction {name}: {error}. Correct the row.") from error
    if not replies[0].strip():
        return faults[0] or "the reply is empty"
    return None if None in faults else faults[0]


def _variants(reply: str) -> list[str]:
    """Return the reply, and what IFEval's loose reading makes of it."""
    lines = reply.split("\n")
    shorter = ("\n".join(part).strip() for part in (lines, lines[1:], lines[:-1], lines[1:-1]))
    found = [text for short in shorter for text in (short, short.replace("*", ""))]
    return [reply, *dict.fromkeys(text for text in found if text != reply)]


def _free(name: str, taken: Mapping[str, Any]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
