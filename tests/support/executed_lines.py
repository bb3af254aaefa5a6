"""Which lines of the package the tests execute, for coverage.py to report on.

SlipCover marks lines in the bytecode and takes each mark away once it has been passed. Before Python 3.12,
coverage.py itself can only be told of every line each time, which makes the tests half as slow again.
"""

from collections.abc import Iterator
from pathlib import Path

from coverage import Coverage
from coverage.data import CoverageData
from slipcover import FileMatcher, ImportManager, Slipcover

ROOT = Path(__file__).parents[2]


class ExecutedLines:
    """Marks the lines of modules of the package that are imported from now on."""

    def __init__(self) -> None:
        settings = Coverage(config_file=str(ROOT / "pyproject.toml")).config
        self._file = ROOT / settings.data_file
        self._folders = [ROOT / folder for folder in settings.source or ()]
        self._marks = Slipcover(exclude_lines=[])
        self._imports = ImportManager(self._marks, FileMatcher(sources=list(map(str, self._folders))))
        self._imports.__enter__()

    def write(self, process: str) -> None:
        """Write what this process, named `process`, has executed to a file for `coverage combine`."""
        self._imports.__exit__(None, None, None)
        executed = {
            str(Path(name).resolve()): file["executed_lines"]
            for name, file in self._marks.get_coverage()["files"].items()
        }
        data = CoverageData(str(self._file), suffix=process)
        data.add_lines(executed)
        data.touch_files([str(path) for path in self._modules()])
        data.write()

    def _modules(self) -> Iterator[Path]:
        """Yield all modules of the package: one that no test imports has no executed line."""
        for folder in self._folders:
            yield from folder.rglob("*.py")
