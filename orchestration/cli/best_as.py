"""Output of `best --as FORM`: the request that was measured, in a form that other programs read."""

import sys

from ...storage.reader import Reader
from ..deploy.bodies import body_of
from ..deploy.document import winner_document
from ..deploy.dspy_state import dspy_state
from ..deploy.exports import remarks
from ..deploy.program_texts import refuse_program, texts_module
from ..deploy.promptfoo import promptfoo_config
from ..deploy.python_module import python_module
from ..deploy.winner import Winner, read_winner
from ..projections.last_stage import last_stage
from .best_by import leader_by
from .output import print_document, print_json


def print_best_as(run: str, reader: Reader, form: str, *, by: str | None, row: str | None) -> None:
    """Print the winner of a run, or with `by` the prompt that is best in a measure, in the form `form`.

    What a person must know besides goes to stderr. Raise `ConfigError` if the form cannot express it.
    """
    chosen = leader_by(run, reader, last_stage(run, reader), by).candidate if by is not None else None
    winner = read_winner(reader, run, chosen)
    if form in ("request", "messages", "promptfoo"):
        refuse_program(winner, form)
    for remark in remarks(winner, form):
        print(remark, file=sys.stderr)
    _print(winner, form, row)


def _print(winner: Winner, form: str, row: str | None) -> None:
    match form:
        case "request":
            print_json(body_of(winner.request(winner.row(row)), winner.model))
        case "messages":
            print_json(winner.template.messages())
        case "python":
            print(texts_module(winner) if winner.task.program else python_module(winner), end="")
        case "json":
            print_document("winner", winner_document(winner))
        case "promptfoo":
            print(promptfoo_config(winner), end="")
        case "dspy":
            print_json(dspy_state(winner))
