"""History of a prompt: its origin, its scores and races, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...agents.messages import RunFinished
from ...agents.operators.lineage import changed_texts
from ...agents.stage_names import is_kind
from .history import RunHistory
from .prompt_chapters import Chapter, chapters_of
from .prompt_origin import PromptOrigin, origin_of

_DECIDING = frozenset({"rejected", "stopped", "race", "promoted", "stage"})


@dataclass(frozen=True, slots=True)
class PromptHistory:
    """A prompt, its origin, and its chapters in order."""

    id: str
    operator: str
    parents: tuple[str, ...]
    changed: tuple[str, ...]
    """Texts in which it differs from its parent; () if a prompt is one text."""
    text: str
    summary: str
    """Its end in one sentence."""
    making: PromptOrigin | None
    """None for a prompt that was not proposed: an initial one, or one that was promoted."""
    chapters: tuple[Chapter, ...]


def prompt_history(history: RunHistory, prompt: str) -> PromptHistory:
    """Return the history of the prompt with the id `prompt`, which must be one of the run's."""
    candidate = history.candidates[prompt]
    chapters = tuple(chapters_of(history, prompt))
    return PromptHistory(
        id=prompt,
        operator=candidate.operator,
        parents=candidate.parents,
        changed=changed_texts(prompt, history.candidates, history.state.texts),
        text=candidate.text,
        summary=_summary(history, prompt, chapters),
        making=origin_of(history, prompt),
        chapters=chapters,
    )


def _found(finished: RunFinished, prompt: str) -> str:
    """Return what the verdict says about a prompt; nothing if it was about others."""
    if finished.best.id == prompt and (finished.improved or finished.initial.id == prompt):
        return "It is the prompt to use."
    if finished.improved:
        return ""
    if finished.best.id == prompt:
        return "It is the best of the search, but was not shown to be better than your own: keep that."
    return (
        "It is the prompt to use: no other was shown to be better." if finished.initial.id == prompt else ""
    )


def _summary(history: RunHistory, prompt: str, chapters: Sequence[Chapter]) -> str:
    """Return the chapter that decided: the verdict, or else the last stop, loss or rejection."""
    finished = history.state.finished
    if finished is not None and (found := _found(finished, prompt)):
        return found
    if finished is not None and finished.control is not None and finished.control.id == prompt:
        return "It is the best prompt of the control, which serves for comparison only."
    deciding = [chapter for chapter in chapters if chapter.what in _DECIDING]
    # The control comes last and decides nothing about prompts of the search itself.
    deciding = [chapter for chapter in deciding if not is_kind(chapter.stage, "control")] or deciding
    if not deciding:
        return "It has not been in a race."
    # A prompt that was stopped lost its race for that reason, so the stop is told.
    stopped = deciding[-1].what == "race" and [chapter.what for chapter in deciding[-2:-1]] == ["stopped"]
    return f"Last: {deciding[-2 if stopped else -1].text}."
