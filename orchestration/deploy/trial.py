"""A trial: the winner of a run answers the rows of a file, and the rows are written with their answers."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from ...prompts.errors import TaskError
from ...prompts.loading.rows import Row
from ...prompts.loading.task_settings import TaskSettings
from ...prompts.task import Example
from ..errors import ConfigError
from .answer_files import RowWriter, form_of, json_line, with_answer
from .answering import NewAnswer, answers
from .asking import Asking, asking_for
from .new_rows import RowReader, read_new_rows
from .winner import Winner

_STEPS = 10
"""Number of lines that tell how far the rows are."""


@dataclass(frozen=True, slots=True)
class TriedDocument:
    """Rows answered with the best prompt of a run. `answers` is null if the file `output` has them."""

    run: str
    prompt: str
    model: str
    """Identity of the model that answered."""
    rows: int
    failed: int
    """Number of rows without a reply."""
    unreadable: int
    """Number of replies that hold no answer that can be read."""
    cut: int
    """Number of replies that were cut off at their token limit."""
    prompt_tokens: int
    completion_tokens: int
    output: str | None
    answers: list[dict[str, Any]] | None


@dataclass(frozen=True)
class Trial:
    """The rows of `source` that a winner answers.

    `settings` are those of its task, if they are known. Without an `output` the rows are written to standard
    output, or with `keep` only into the document. `say` is called with the progress.
    """

    winner: Winner
    settings: TaskSettings | None
    source: Path
    output: Path | None
    limit: int | None
    keep: bool
    say: Callable[[str], None]

    async def run(self) -> TriedDocument:
        """Answer the rows and write them, each as soon as it and those before it are answered.

        Raises:
            TaskError: The file cannot be read, or none of its rows can be asked about.
            ConfigError: It has no rows, the output cannot be written, or the model cannot be built.
        """
        form = form_of(self.output, self.source)
        rows = read_new_rows(self.source, self.settings, self.limit)
        examples = self._examples(rows)
        asking = asking_for(self.winner.config, program=self.winner.task.program is not None)
        self._warn_of_another(asking)
        done, kept = list[NewAnswer](), list[dict[str, Any]]()
        try:
            with self._file() as file:
                writer = RowWriter(file, form, [cells for _, cells in rows]) if file else None
                async with aclosing(answers(self.winner, asking, examples)) as answered:
                    async for answer in answered:
                        _, cells = rows[len(done)]
                        done.append(answer)
                        if writer:
                            writer.write(cells, answer)
                        else:
                            kept.append(json.loads(json_line(with_answer(cells, answer))))
                        self._tell(len(done), len(rows))
        finally:
            await asking.close()
        return self._document(asking, done, None if writer else kept)

    def _examples(self, rows: list[Row]) -> list[Example | str]:
        """Return the example of each row, or the error of a row that is of no use."""
        make = RowReader(self.winner, self.settings)
        found: list[Example | str] = []
        errors: list[TaskError] = []
        for number, row in enumerate(rows, 1):
            try:
                found.append(make.example(row, number))
            except TaskError as error:
                errors.append(error)
                found.append(str(error))
        if len(errors) == len(found):
            raise errors[0]
        return found

    @contextmanager
    def _file(self) -> Iterator[TextIO | None]:
        """Yield the file to write to; None if the rows are kept."""
        if self.output is None:
            yield None if self.keep else sys.stdout
            return
        if self.output.exists() and self.output.samefile(self.source):
            raise ConfigError(f"{self.output} holds the rows, and would be replaced. Give another --output.")
        try:
            # Texts of a reply may hold halves of surrogate pairs, which UTF-8 cannot express.
            with self.output.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                yield file
        except OSError as error:
            raise ConfigError(f"{self.output} cannot be written: {error.strerror}.") from error

    def _warn_of_another(self, model: Asking) -> None:
        measured = self.winner.measured_with
        if model.identity != measured:
            self.say(f"The prompt was measured with {measured}; these rows are answered by {model.identity}.")

    def _tell(self, done: int, rows: int) -> None:
        if done == rows or done % max(1, rows // _STEPS) == 0:
            self.say(f"{done} of {rows} rows")

    def _document(
        self, model: Asking, done: list[NewAnswer], kept: list[dict[str, Any]] | None
    ) -> TriedDocument:
        return TriedDocument(
            run=self.winner.run,
            prompt=self.winner.candidate.id,
            model=model.identity,
            rows=len(done),
            failed=sum(bool(one.error) for one in done),
            unreadable=sum(not one.error and one.answer is None for one in done),
            cut=sum(one.cut for one in done),
            prompt_tokens=sum(one.prompt_tokens for one in done),
            completion_tokens=sum(one.completion_tokens for one in done),
            output=str(self.output) if self.output else None,
            answers=kept,
        )
