"""Load the user's own function from a Python file."""

import inspect
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import MetricError

_LOCK = threading.Lock()
"""Held while a file is run, because its imports change the interpreter's tables."""


@dataclass(frozen=True, slots=True)
class OwnFunction:
    """A function of the user's."""

    call: Callable[..., Any]
    path: Path
    """File that defines it."""
    digest: str
    """SHA-256, in hexadecimal digits, of the file and of the files of its folder that it imports."""

    @property
    def is_async(self) -> bool:
        """Whether a call returns something to await."""
        own_call: Any = getattr(type(self.call), "__call__")  # noqa: B004, B009
        return inspect.iscoroutinefunction(self.call) or inspect.iscoroutinefunction(own_call)


@dataclass(frozen=True, slots=True)
class OwnObject:
    """What a name in the user's file stands for, with the file and its digest as in `OwnFunction`."""

    value: Any
    path: Path
    digest: str


def load_function(folder: Path, use: str, parameters: tuple[str, ...] = ("example", "output")) -> OwnFunction:
    """Run the file in `use`, "FILE.py:FUNCTION" relative to `folder`, and return the function.

    `parameters` are the arguments that the function must take by position. Raise `MetricError` if it cannot
    be loaded.
    """
    found = load_object(folder, use)
    name = use.rpartition(":")[2]
    if not callable(found.value):
        raise MetricError(f"{name!r} in {found.path} is of type {type(found.value).__name__}, no function.")
    check_parameters(found.value, name, found.path, parameters)
    return OwnFunction(found.value, found.path, found.digest)


def load_object(folder: Path, use: str) -> OwnObject:
    """Run the file in `use`, "FILE.py:NAME" relative to `folder`, and return what NAME stands for.

    The file may import modules of its own folder while it is loaded, not later. Neither they nor the folder
    stay importable for other code, so that files of two tasks may import different modules of one name.
    Raise `MetricError` if it cannot be loaded.
    """
    file, _, name = use.rpartition(":")
    path = (folder / file).resolve()
    if not file.endswith(".py") or not name:
        raise MetricError(f'{use!r} is no function: write "FILE.py:FUNCTION".')
    try:
        source = path.read_bytes()
    except OSError as error:
        raise MetricError(
            f"{path} cannot be read: {error.strerror}. Put the file there, or correct the path."
        ) from error
    module, siblings = _run(path, source)
    value = vars(module).get(name)
    if value is None:
        known = ", ".join(_functions(module)) or "none"
        raise MetricError(f"{path} has no function {name!r}. Its functions: {known}.")
    return OwnObject(value, path, _digest(source, siblings))


def check_parameters(
    function: Callable[..., Any], name: str, path: Path, parameters: tuple[str, ...]
) -> None:
    """Raise `MetricError` if a function does not take these arguments by position."""
    try:
        inspect.signature(function).bind(*parameters)
    except ValueError:
        return  # a function in C, which tells nothing of its parameters
    except TypeError as error:
        raise MetricError(
            f"{name} in {path} must take {len(parameters)} arguments: {error}. "
            f"Write def {name}({', '.join(parameters)})."
        ) from error


def _run(path: Path, source: bytes) -> tuple[ModuleType, list[Path]]:
    """Return the module of the file, and the files of its folder that it has imported."""
    name = f"transfer_prompting_own_{sha256(str(path).encode() + source).hexdigest()[:16]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    with _LOCK, _importable(path.parent) as siblings:
        sys.modules[name] = module  # before it runs, because its annotations are looked up there
        try:
            exec(compile(source, path, "exec"), module.__dict__)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise MetricError(f"{path}{_line(error, path)} {_said(error)}. Correct the file.") from error
    return module, siblings


@contextmanager
def _importable(folder: Path) -> Iterator[list[Path]]:
    """Make the modules of a folder importable for a while; list those that were imported, afterwards."""
    own = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/*.py")}
    own -= sys.stdlib_module_names
    hidden = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in own}
    for name in hidden:
        del sys.modules[name]
    path, write = list(sys.path), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    siblings: list[Path] = []
    try:
        yield siblings
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = write
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name.partition(".")[0] in own and file and Path(file).resolve().is_relative_to(folder):
                siblings.append(Path(file))
                del sys.modules[name]
        sys.modules.update(hidden)


def _digest(source: bytes, siblings: list[Path]) -> str:
    digest = sha256(source)
    for path in sorted(siblings):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _line(error: BaseException, path: Path) -> str:
    """Return the line of the file at which running it failed, as ", line 3:"."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    number = error.lineno if isinstance(error, SyntaxError) else (lines or [None])[-1]
    if isinstance(error, SyntaxError) and error.filename not in (None, str(path)):
        return f" cannot be loaded, because of {error.filename}, line {number}:"
    return f", line {number}:" if number else ":"


def _said(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}".removesuffix(".")


def _functions(module: ModuleType) -> list[str]:
    """Return the names of the functions that a module defines itself."""
    return [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    ]
