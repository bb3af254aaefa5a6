"""The table of a study as plain data: what is printed, drawn and written as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass

from .arms import Arm
from .logs import CellStatus


@dataclass(frozen=True, slots=True)
class CellLine:
    """One run of a study."""

    run: str
    target: str
    model: str
    setting: str
    arm: Arm
    seed: int
    status: CellStatus
    error: str | None
    before: float | None
    """Main metric of the user's own prompt on the held-out examples, in [0, 1]; None without a result."""
    after: float | None
    """Main metric of the best prompt."""
    tokens: int
    money: float
    calls: int


@dataclass(frozen=True, slots=True)
class MeasurePair:
    """A measure on the held-out examples, averaged over the seeds that define it."""

    measure: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Tested:
    """A mean difference in the main metric over the seeds."""

    seeds: int
    difference: float
    low: float | None
    """Lower end of the 95 % interval; None if the seeds do not give one."""
    high: float | None
    p_value: float | None
    corrected: float | None
    """p-value after Holm's correction for all tests of the table."""


@dataclass(frozen=True, slots=True)
class Row:
    """An arm on a target with a model. Values are means over the seeds with a result."""

    model: str
    target: str
    """Or "all targets", for the mean over them."""
    setting: str
    arm: Arm
    metric: str
    """The main metric in the user's words."""
    seeds: int
    """Number of seeds with a result."""
    planned: int
    before: float | None
    after: float | None
    gain: Tested | None
    """After minus before; None for the arm "initial", in which nothing is searched, and without a result."""
    measures: tuple[MeasurePair, ...]
    """All measures of the task, the main metric first."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two arms on the same target with the same model, settings and seeds, compared after the search."""

    model: str
    target: str
    setting: str
    arm: Arm
    against: Arm
    tested: Tested


@dataclass(frozen=True, slots=True)
class StudyTable:
    """Everything that a study has shown so far."""

    name: str
    finished: int
    """Number of runs with a result, those included that others only begin with."""
    planned: int
    limits: Mapping[str, float]
    """Budget of the study."""
    tokens: int
    money: float
    calls: int
    tests: int
    """Number of tests for which p-values are corrected."""
    rows: tuple[Row, ...]
    contrasts: tuple[Contrast, ...]
    cells: tuple[CellLine, ...]
    remarks: tuple[str, ...]
    """What a reader must know: models or versions that differ between runs."""
