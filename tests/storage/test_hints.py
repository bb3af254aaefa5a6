"""Commands in messages survive a paste into a shell."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_making import PROPERTY

from transfer_prompting.storage.hints import command


def _pasted(line: str) -> list[str]:
    """Return the arguments that a shell passes to `tp` if `line` is pasted into it."""
    done = subprocess.run(
        ["sh", "-c", f'tp() {{ printf "%s\\0" "$@"; }}\n{line}'], capture_output=True, check=True
    )
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize(
    "name",
    ["tiny-1", "my run", "it's", 'a"b', "~", "~/x", "$HOME", "`id`", "a;b", "*", "#", "a\nb", "é\\"],
)
def test_pasted(name: str) -> None:
    """A shell passes on the name of a run and the path of a log as they are."""
    line = command("replay", name, log=Path(name) / "log.db")
    assert _pasted(line) == ["replay", name, "--log", str(Path(name) / "log.db")]


def test_a_name_like_an_option() -> None:
    """A name that begins with a hyphen follows "--" and so is not read as an option."""
    assert _pasted(command("show", "-rf", 7, log="x.db")) == ["show", "--log", "x.db", "--", "-rf", "7"]


def test_an_ordinary_name() -> None:
    """Names that need no quotes get none."""
    assert command("replay", "tiny-0001", options=["--to", 6]) == "tp replay tiny-0001 --to 6"


@PROPERTY
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_any_name(name: str) -> None:
    """Whatever a name holds, it is one argument."""
    assert _pasted(command("show", name))[-1] == name
