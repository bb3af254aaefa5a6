"""A model that is a person: asked at the terminal, or in files of a folder.

To a run a person is a model like any other, only slow: the question is journalled before it is put, the
answer when it is there. A replay asks nobody, and a resumed run asks only what has no answer yet.
"""

import asyncio
import sys
import threading
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from .base import ModelError, ModelReply, ModelRequest, TokenCount

ANSWER_BELOW = "--- write your answer below this line and save ---"
_GLANCE = 0.3  # seconds between two looks at a file


class Asker(Protocol):
    """How a question reaches a person."""

    async def ask(self, question: str) -> str:
        """The answer, which is never empty."""
        ...


class HumanModel:
    """Puts the last message of a request to a person; the tokens of a person are not counted."""

    scores_options = False
    rates_options = False

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    @property
    def identity(self) -> str:
        return "human"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """What the person said. Raises `ModelError` where nobody can be asked."""
        if request.options is not None or request.tools or request.json_schema:
            raise ModelError("not_supported", "A person answers in words.")
        text = await self._asker.ask(request.messages[-1].content)
        return ModelReply(text=text, finish="stop", prompt_tokens=0, completion_tokens=0)

    def count(self, request: ModelRequest) -> TokenCount:
        """None at all."""
        return TokenCount(0, 0, exact=True)

    async def close(self) -> None:
        """Nothing to release."""


class TerminalAsker:
    """Asks at the terminal: the question on stderr, the answer is the next line that is not empty."""

    async def ask(self, question: str) -> str:
        """The line. Raises `ModelError` where the input is no terminal, or at its end."""
        if not sys.stdin.isatty():
            raise ModelError(
                "not_supported",
                "A person is to be asked, and there is no terminal.",
                advice='Set answers = "FOLDER" in the model\'s table: then the questions are files.',
            )
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        # A thread that does not keep the program alive: the person may never answer.
        threading.Thread(target=self._read, args=(question, loop, answer), daemon=True).start()
        if line := await answer:
            return line
        raise ModelError("not_supported", "The terminal was closed before there was an answer.")

    def _read(self, question: str, loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[str]") -> None:
        print(f"\n{question}\n> ", end="", file=sys.stderr, flush=True)
        line = ""
        for line in iter(sys.stdin.readline, ""):
            if line.strip():
                break
        loop.call_soon_threadsafe(_settle, answer, line.strip())


def _settle(answer: "asyncio.Future[str]", line: str) -> None:
    if not answer.done():
        answer.set_result(line)


class FileAsker:
    """Puts each question into a file of `folder`, and takes the answer from there once it is written.

    The file's name follows from the question, so an answer that was given while no run was waiting counts.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def ask(self, question: str) -> str:
        """The text below the line. Raises `ModelError` where the folder cannot be used."""
        path = self._folder / f"{blake2b(question.encode(), digest_size=6).hexdigest()}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(f"{question}\n\n{ANSWER_BELOW}\n", encoding="utf-8")
                print(f"A person is asked in {path}", file=sys.stderr)
            # A file that a person edits tells nobody when it is done: it is looked at now and then.
            while not (answer := self._answer_in(path)):  # noqa: ASYNC110
                await asyncio.sleep(_GLANCE)
        except OSError as error:
            raise ModelError(
                "not_supported", f"{path}: {error.strerror}.", advice="Name another folder."
            ) from error
        return answer

    def _answer_in(self, path: Path) -> str:
        return path.read_text(encoding="utf-8").partition(ANSWER_BELOW)[2].strip() if path.exists() else ""
