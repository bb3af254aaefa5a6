"""The whole request of a winner, with placeholders for the columns of a row, to read and to copy."""

import json
from dataclasses import dataclass

from ...prompts.candidate import Candidate
from ...storage.errors import TransferPromptingError
from ...storage.reader import Reader
from .bodies import body_of
from .exports import remarks
from .program_texts import refuse_program
from .reading_note import reading_note
from .winner import Winner, read_winner


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the request; its content has placeholders such as "{{ question }}"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class WholeRequest:
    """The request by which a prompt was measured."""

    turns: tuple[Turn, ...]
    body: str
    """The body of the chat completion as JSON, with the placeholders in its messages; "" without turns."""
    reading: str
    """How the answer was read, in words."""
    remarks: tuple[str, ...]
    """What a person must know besides, or why there is no such request."""


def whole_request(reader: Reader, run: str, prompt: Candidate) -> WholeRequest:
    """Return the request of a prompt of `run`. If it cannot be told, the remarks say why."""
    try:
        winner = read_winner(reader, run, prompt)
        refuse_program(winner, "request")
        return _whole(winner)
    except (TransferPromptingError, ValueError) as error:
        return WholeRequest((), "", "", (str(error),))


def _whole(winner: Winner) -> WholeRequest:
    messages = winner.template.messages()
    body = {**body_of(winner.request(winner.row()), winner.model), "messages": messages}
    return WholeRequest(
        turns=tuple(Turn(one["role"], one["content"]) for one in messages),
        body=json.dumps(body, indent=2, ensure_ascii=False),
        reading=reading_note(winner.task, winner.settings),
        remarks=tuple(remarks(winner, "request")),
    )
