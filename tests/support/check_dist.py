"""Check built distributions as a user meets them: install the wheel in an empty environment, and use it.

    python check_dist.py FOLDER

FOLDER holds one wheel and one source distribution. Whatever fails ends the program with its output.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

NEEDED = ("LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "pyproject.toml", "__init__.py")
"""Files of the source distribution."""
USED = (
    ("--version",),
    ("replay", "demo", "--display", "none"),
    ("verify", "demo", "--replay"),
    ("show", "demo"),
    ("report", "demo", "-o", "demo.html"),
    ("tasks",),
    ("doctor",),
)
"""Commands that must work without a model, a log or a network."""


def main() -> None:
    """Check both files, and say what was used."""
    folder = Path(sys.argv[1])
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    version = _check_wheel(wheel)
    _check_source(source, version)
    with tempfile.TemporaryDirectory() as scratch:
        _use(wheel, Path(scratch), version)
    print(f"{wheel.name} and {source.name}: installed and used with Python {sys.version.split()[0]}")


def _check_wheel(wheel: Path) -> str:
    """Return the version that the wheel says."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = _metadata(archive.read(next(name for name in names if name.endswith("/METADATA"))))
    strange = [name for name in names if not name.startswith(("transfer_prompting/", "transfer_prompting-"))]
    _expect(not strange, f"the wheel installs {strange[:5]}")
    _expect("transfer_prompting/py.typed" in names, "the wheel lacks py.typed")
    _expect(not any("/tests/" in name for name in names), "the wheel holds tests")
    _expect(metadata["Requires-Python"] is not None, "the wheel does not say which Python it needs")
    return str(metadata["Version"])


def _check_source(source: Path, version: str) -> None:
    root = f"transfer_prompting-{version}"
    with tarfile.open(source) as archive:
        names = set(archive.getnames())
    missing = [name for name in NEEDED if f"{root}/{name}" not in names]
    _expect(not missing, f"the source distribution lacks {missing}")


def _use(wheel: Path, scratch: Path, version: str) -> None:
    """Install the wheel in an environment that has nothing else, and use it in an empty folder and home."""
    venv.create(scratch / "env", with_pip=True)
    home = scratch / "home"
    home.mkdir()
    scripts = scratch / "env" / ("Scripts" if os.name == "nt" else "bin")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TP_"))}
    _call([scripts / "python", "-m", "pip", "install", "--quiet", wheel.resolve()], scratch, kept)
    environment = {**kept, "HOME": str(home), "USERPROFILE": str(home)}
    for arguments in USED:
        out = _call([scripts / "tp", *arguments], home, environment)
        _expect(arguments[0] != "--version" or out.strip() == f"tp {version}", f"tp --version prints {out!r}")


def _call(command: list[object], folder: Path, environment: dict[str, str]) -> str:
    words = list(map(str, command))
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    _expect(done.returncode == 0, f"{' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _metadata(data: bytes) -> Message:
    return message_from_bytes(data)


def _expect(condition: bool, complaint: str) -> None:
    if not condition:
        sys.exit(f"Error: {complaint}")


if __name__ == "__main__":
    main()
