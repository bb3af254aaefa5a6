"""A person as a model, asked at the terminal or in files of a folder.

For a run, a person is a slow model: the question is journalled before it is asked, and the answer when it
arrives. A replay asks no questions, and a resumed run asks only those that have no answer yet.
"""

import asyncio
import sys
import threading
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from .base import ModelError, ModelReply, ModelRequest, TokenCount, refuse_images

ANSWER_BELOW = "--- write your answer below this line and save ---"
_POLL_INTERVAL = 0.3  # seconds


class Asker(Protocol):
    """A way to ask a person a question."""

    async def ask(self, question: str) -> str:
        """Return the answer, which is never empty."""
        ...


class HumanModel:
    """Asks a person the last message of each request. A person's tokens are not counted."""

    scores_options = False
    rates_options = False

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    @property
    def identity(self) -> str:
        """Always "human"."""
        return "human"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the person's answer. Raises `ModelError` if there is no way to ask."""
        if request.options is not None or request.tools or request.json_schema:
            raise ModelError("not_supported", "A person answers in words.")
        refuse_images(request, "A person at a terminal or in a file")
        text = await self._asker.ask(request.messages[-1].text)
        return ModelReply(text=text, finish="stop", prompt_tokens=0, completion_tokens=0)

    def count(self, request: ModelRequest) -> TokenCount:
        """Return a cost of no tokens."""
        return TokenCount(0, 0, exact=True)

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""


class TerminalAsker:
    """Shows the question on stderr and takes the next line of input that is not empty."""

    async def ask(self, question: str) -> str:
        """Return the line. Raises `ModelError` if the input is not a terminal, or ends."""
        if not sys.stdin.isatty():
            raise ModelError(
                "not_supported",
                "A person is to be asked, and there is no terminal.",
                advice='Set answers = "FOLDER" in the model\'s table: then the questions are files.',
            )
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        # A daemon thread does not keep the program alive if the person never answers.
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
    """Writes each question to a file in `folder` and reads the answer from the same file.

    The file's name is a digest of the question, so an answer written while no run was waiting counts, too.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def ask(self, question: str) -> str:
        """Return the text below the line. Raises `ModelError` if the folder cannot be used."""
        path = self._folder / f"{blake2b(question.encode(), digest_size=6).hexdigest()}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(f"{question}\n\n{ANSWER_BELOW}\n", encoding="utf-8")
                print(f"A question waits for its answer in {path}", file=sys.stderr)
            # No event marks the end of a person's edits, so the file is polled.
            while not (answer := self._answer_in(path)):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_INTERVAL)
        except OSError as error:
            raise ModelError(
                "not_supported", f"{path}: {error.strerror}.", advice="Name another folder."
            ) from error
        return answer

    def _answer_in(self, path: Path) -> str:
        return path.read_text(encoding="utf-8").partition(ANSWER_BELOW)[2].strip() if path.exists() else ""
