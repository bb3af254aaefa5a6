"""The interface of executors."""

from types import TracebackType
from typing import Protocol, Self

from ..job import CellJob, JobEnd


class Executor(Protocol):
    """Carries out cells somewhere. What becomes of a cell is read from its log, by whoever asks.

    Use as an asynchronous context manager: leaving it ends what is still under way.
    """

    @property
    def slots(self) -> int:
        """Greatest number of cells that are worth submitting at a time."""
        ...

    async def carry_out(self, job: CellJob) -> JobEnd:
        """Return when the work on a cell has ended, also if its worker was killed."""
        ...

    async def close(self) -> None:
        """End all workers."""
        ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
