"""The forms in which a winner is printed, by name."""

from collections.abc import Callable, Mapping

from .bodies import likelihood_note
from .dspy_state import signature_of
from .promptfoo import left_out
from .winner import Winner


def remarks(winner: Winner, form: str) -> list[str]:
    """Return what a person must know about a form, as sentences; they do not belong to the output."""
    return [*_unfinished(winner), *_REMARKS.get(form, _nothing)(winner)]


def _unfinished(winner: Winner) -> list[str]:
    if winner.no_result:
        return [
            f"Run {winner.run} has no result. {winner.no_result} This prompt was chosen on the development "
            "examples alone."
        ]
    return []


def _nothing(_winner: Winner) -> list[str]:
    return []


def _body(winner: Winner) -> list[str]:
    note = likelihood_note(winner.request(winner.row()))
    return [note] if note else []


def _server(winner: Winner) -> list[str]:
    if winner.model.base_urls and not winner.approved:
        return [
            "The run was not started here, so the server that its log names is left out. Set "
            "OPENAI_BASE_URL or use --base-url."
        ]
    return []


def _dspy(winner: Winner) -> list[str]:
    if winner.task.program:
        return ['Load it with MODULE.load("FILE.json"). It sets the instructions of the predictors.']
    return [
        f'Load it with dspy.Predict("{signature_of(winner)}").load("FILE.json"). DSPy words its requests '
        "itself, so this carries the texts of the prompt and the fields, and not the measured request."
    ]


_REMARKS: Mapping[str, Callable[[Winner], list[str]]] = {
    "request": _body,
    "python": lambda winner: [*_body(winner), *_server(winner)],
    "promptfoo": lambda winner: [*_body(winner), *left_out(winner)],
    "dspy": _dspy,
}
