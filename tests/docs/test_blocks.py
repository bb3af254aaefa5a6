"""The blocks of the pages run, and print what the pages show."""

import re
import tomllib
from pathlib import Path

import click
import pytest
from blocks import PAGES, ROOT, Block, blocks, carry_out, commands, same

from transfer_prompting.orchestration.cli.app import app

_RUN = ("python", "console")
_LANGUAGES = {*_RUN, "toml", "csv", "json", "text", "mermaid", "sh", "js"}
_SMALLER = {
    "docs/tutorial.md": {
        "\nexamples = 10\n": "\nexamples = 2\n",
        "\nsteps = 2\nexamples = 20\ntest_examples = 40 ": "\nsteps = 1\nexamples = 2\ntest_examples = 4 ",
    },
    "docs/programs.md": {
        "\nexamples = 4\ntest_examples = 4\n": "\nexamples = 4\ntest_examples = 2\n",
        "example['question']}\", max_tokens=24)": "example['question']}\", max_tokens=8)",
        '{found}", max_tokens=24)': '{found}", max_tokens=8)',
    },
}
"""Sizes of a page's run with a real model -> those that it is tested with, which take a tenth of the time."""


def _named(pages: list[Path]) -> list[object]:
    return [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages]


def _blocks(page: Path) -> list[Block]:
    return list(blocks(page.read_text(encoding="utf-8")))


def _has_work(page: Path) -> bool:
    return any(b.language in _RUN and not b.note.startswith("not run:") for b in _blocks(page))


def _shortened(page: Path) -> str:
    """Return the text of a page with smaller sizes of its run."""
    text = page.read_text(encoding="utf-8")
    for written, tested in _SMALLER.get(str(page.relative_to(ROOT)), {}).items():
        assert text.count(written) == 1, f"{page} does not say {written!r} once: change _SMALLER"
        text = text.replace(written, tested)
    return text


@pytest.mark.parametrize("page", _named([page for page in PAGES if _has_work(page)]))
def test_blocks_do_what_the_page_says(page: Path, tmp_path: Path) -> None:
    """Every program and command of a page succeeds and prints what the page shows."""
    for block, real in carry_out(_shortened(page), tmp_path):
        if block.note == "output varies":
            continue
        for printed, command in zip(commands(block), real, strict=True):
            assert same(printed.output, command.output), f"$ {command.line}\n{command.output}"


@pytest.mark.parametrize("page", _named(PAGES))
def test_blocks_are_known(page: Path) -> None:
    """A block names its language; TOML is valid; a block that is not run gives a reason."""
    for block in _blocks(page):
        assert block.language in _LANGUAGES, block.text
        if block.language == "toml":
            tomllib.loads(block.text)
        if block.language == "sh":
            assert block.note.startswith("not run:"), block.text
        assert not block.note.startswith("not run:") or len(block.note) > 20, block.note


@pytest.mark.parametrize("page", _named(PAGES))
def test_commands_exist(page: Path) -> None:
    """Every `tp` command that a page names exists, with the options that the page names."""
    text = page.read_text(encoding="utf-8")
    lines = re.findall(r"^(?: {4,}|\$ )(?:.*/)?tp (.*)$", text, re.MULTILINE) + re.findall(
        r"`tp ([^`]+)`", text
    )
    for line in lines:
        name, *words = line.split("#")[0].split(" | ")[0].split()
        command = app.get_command(click.Context(app), name)
        assert command is not None or name == "--help", line
        if command is not None:
            known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
            used = {word.split("=")[0] for word in words if word.startswith("--")}
            assert used <= known | {"--help"}, line
            assert isinstance(command, click.Command)
