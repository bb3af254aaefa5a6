"""The conversation on the screen, block by block: one line for what is said alike about several prompts."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from ...agents.messages import (
    CandidateStopped,
    PromptScored,
    RaceFinished,
    RunFinished,
    ScoringRequested,
)
from ...agents.messages.base import plural
from ..projections.block_scores import block_scores
from ..projections.conversation import Block
from .lines import lines, of_step, split_name, spoken, style_of, wording
from .visible import one_line

_LISTED = 3
"""Number of prompts up to which each one has its score in the line of a block."""


def block_lines(block: Block, *, open_: bool = False) -> list[RenderableType]:
    """Return the lines of a block. While it is `open_`, further messages may still come."""
    event, message = block.said[-1]
    if block.confirms and isinstance(message, RaceFinished):
        message = message.model_copy(update={"winner": None, "against": message.winner})
    if len(block.said) == 1 and not (open_ and block.wanted):
        return lines(event, message)
    text = Text(one_line(_sentence(block, open_)), style=style_of(block.messages[0]))
    return [spoken(event, text)]


def brief_lines(block: Block) -> list[RenderableType]:
    """Return the lines of a block for a display that ends with the verdict: it is not told twice."""
    event, message = block.said[-1]
    if not isinstance(message, RunFinished):
        return block_lines(block)
    found = "improvement found" if message.improved else "no improvement found"
    return [spoken(event, Text(f"the run is done: {found}", style_of(message)))]


def _sentence(block: Block, open_: bool) -> str:
    messages, first = block.messages, block.messages[0]
    match first:
        case ScoringRequested():
            return _asked([one for one in messages if isinstance(one, ScoringRequested)])
        case PromptScored():
            return _scored(block, [one for one in messages if isinstance(one, PromptScored)], open_)
        case CandidateStopped():
            return _stopped([one for one in messages if isinstance(one, CandidateStopped)])
    return f"{_first(block)} (and {len(messages) - 1} more)"


def _first(block: Block) -> str:
    event, message = block.said[0]
    return wording(event, message)


def _asked(messages: Sequence[ScoringRequested]) -> str:
    first, prompts = messages[0], {message.candidate.id for message in messages}
    tasks = list(dict.fromkeys(message.task for message in messages))
    on = _examples([len(message.examples) for message in messages], first.split)
    return f"{of_step(first)}score {plural(len(prompts), 'prompt')} on {on} of {' and '.join(tasks)}"


def _scored(block: Block, messages: Sequence[PromptScored], open_: bool) -> str:
    first, scores = messages[0], block_scores(messages)
    tasks = " and ".join(dict.fromkeys(message.task for message in messages))
    on = f"on {_examples([message.seen for message in messages], first.split)} of {tasks}"
    leader, highest = max(scores.items(), key=lambda item: item[1])
    if len(scores) <= _LISTED:
        best_first = sorted(scores.items(), key=lambda item: -item[1])
        told = ", ".join(f"{id_} {score:.3f}" for id_, score in best_first)
    elif min(scores.values()) == highest:
        told = f"{len(scores)} prompts, all {highest:.3f}"
    else:
        told = f"{len(scores)} prompts, {min(scores.values()):.3f} to {highest:.3f} ({leader})"
    if open_ and block.wanted and len(messages) < block.wanted:
        return f"{of_step(first)}{len(messages)} of {block.wanted} scores: {told}"
    text = block.texts.get(leader, "") if len(scores) > 1 else ""
    return f"{of_step(first)}scored {told} {on}" + (f"; best: {text}" if text else "")


def _stopped(messages: Sequence[CandidateStopped]) -> str:
    first = messages[0]
    after = _examples([message.seen for message in messages], "")
    return f"{of_step(first)}{len(messages)} prompts stopped after {after}: they can hardly win"


def _examples(counts: Sequence[int], split: str) -> str:
    noun = f"{split_name(split)} example".strip()
    least, most = min(counts), max(counts)
    return plural(most, noun) if least == most else f"{least} to {plural(most, noun)}"
