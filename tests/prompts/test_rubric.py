"""Rubrics: the bundled one, a user's own, and errors in its file."""

from pathlib import Path

import pytest

from transfer_prompting.prompts.errors import RubricError
from transfer_prompting.prompts.rendering import render
from transfer_prompting.prompts.rubric import bundled_rubric, read_rubric

GOOD = """
name = "short"
scale = [0, 10]

[[dimensions]]
name = "brevity"
question = "Is it short?"
low = "it rambles"
high = "no word too many"
"""


def write(folder: Path, text: str) -> Path:
    """Write a rubric file and return its path."""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_bundled() -> None:
    """The bundled rubric has five dimensions on a scale from 1 to 5."""
    rubric = bundled_rubric()
    assert rubric.names == ("clarity", "focus", "structure", "specificity", "harmlessness")
    assert rubric.scale == (1, 5)


def test_own_rubric(tmp_path: Path) -> None:
    """A user's own rubric is read, and its scores are converted to [0, 1]."""
    rubric = read_rubric(write(tmp_path, GOOD))
    assert rubric.dimension("brevity").high == "no word too many"
    assert [rubric.share(score) for score in (0, 5, 10)] == [0, 0.5, 1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('low = "it rambles"\n', "", r"dimensions\.0\.low is missing.* name, question, low, high"),
        (
            "low =",
            "lowest =",
            r"dimensions\.0\.lowest: there is no such key\. Did you mean low\?",
        ),
        (
            "scale =",
            "range =",
            r"range: there is no such key\. Known keys here: name, scale, dimensions",
        ),
        ("[0, 10]", "[10, 0]", r"scale = \[10, 0\]: give the worst score and then the best.*\[1, 5\]"),
        ("[0, 10]", "[0, 1, 2]", "scale"),
        ('"brevity"', '"Brevity!"', r"dimensions\.0\.name"),
        ("[[dimensions]]", "[other]", "dimensions is missing"),
        ("scale", "scale = ", "is not TOML"),
        (GOOD, GOOD + GOOD[GOOD.index("[[") :], "dimension brevity occurs twice"),
    ],
)
def test_faults(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Each error names the file, the key and the remedy."""
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(RubricError, match=rf"(?s)mine\.toml.*{message}"):
        read_rubric(path)


def test_no_such_file(tmp_path: Path) -> None:
    """A missing file is refused by name, with the remedy."""
    with pytest.raises(RubricError, match=r"none\.toml: there is no such file\..*bundled"):
        read_rubric(tmp_path / "none.toml")


def test_unreadable_file(tmp_path: Path) -> None:
    """A file that is not text is refused."""
    path = tmp_path / "mine.toml"
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(RubricError, match=r"mine\.toml cannot be read"):
        read_rubric(path)


def test_what_the_judge_is_shown() -> None:
    """The request begins with the scale and holds the dimension with its ends, the task and the prompt."""
    rubric = bundled_rubric()
    text = render(
        "wording",
        low=1,
        high=5,
        dimension=rubric.dimension("clarity"),
        tasks=[{"description": "Sort letters."}, {"description": "Count words."}],
        prompt="Do it from 7 to 9.",
    )
    for part in (rubric.dimension("clarity").question, "Sort letters.", "Count words.", "Do it from 7 to 9."):
        assert part in text
    assert text.index("from 1 to 5") < text.index("from 7 to 9")
    assert "safe" not in text
