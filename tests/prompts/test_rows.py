"""Reading rows from files and from the hub, and the errors of faulty files."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from task_making import row, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading import rows as rows_module
from transfer_prompting.prompts.loading.rows import read_rows

ROWS = [row(1), row(2, "no", context='Äpfel, "gut" und\ngünstig')]


def read(folder: Path, source: str) -> list[dict[str, Any]]:
    return [found for _, found in read_rows(source, folder)]


def test_json_lines(tmp_path: Path) -> None:
    """Each line that is not blank is a row with its file and line."""
    (tmp_path / "a.jsonl").write_text('{"x": 1}\n\n  \n{"x": "é"}\n', encoding="utf-8")
    path = tmp_path / "a.jsonl"
    assert list(read_rows("a.jsonl", tmp_path)) == [(f"{path}:1", {"x": 1}), (f"{path}:4", {"x": "é"})]


def test_byte_order_mark(tmp_path: Path) -> None:
    """A byte order mark before the first row is not part of it."""
    (tmp_path / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"x": 1}\n')
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfx\n1\n")
    assert read(tmp_path, "a.jsonl") == [{"x": 1}]
    assert read(tmp_path, "a.csv") == [{"x": "1"}]


def test_csv(tmp_path: Path) -> None:
    """Quoted fields of a CSV file may hold commas, quotes and line breaks."""
    (tmp_path / "a.csv").write_text('q,a\n"one, ""two""\nthree",yes\nfour,no\n', encoding="utf-8")
    found = list(read_rows("a.csv", tmp_path))
    assert [one for _, one in found] == [{"q": 'one, "two"\nthree', "a": "yes"}, {"q": "four", "a": "no"}]
    assert found[1][0] == f"{tmp_path / 'a.csv'}:4"


def test_parquet(tmp_path: Path) -> None:
    """Parquet gives the same rows as JSON Lines, with row numbers instead of line numbers."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    asked = [row(1, choices=["a", "b"]), row(2, choices=["c", "d"])]
    parquet.write_table(pyarrow.Table.from_pylist(asked), tmp_path / "a.parquet")
    found = list(read_rows("a.parquet", tmp_path))
    assert [one for _, one in found] == asked
    assert found[1][0] == f"{tmp_path / 'a.parquet'}, row 2"


def test_absolute_path(tmp_path: Path) -> None:
    """An absolute path does not depend on the folder."""
    write_rows(tmp_path / "a.jsonl", ROWS)
    assert read(Path("elsewhere"), str(tmp_path / "a.jsonl")) == ROWS


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("a.jsonl", b'{"x": 1}\n{"x": \n', r"a\.jsonl:2: not JSON"),
        ("a.jsonl", b'{"x": 1}\n[1]\n', r"a\.jsonl:2: each line must be an object"),
        ("a.jsonl", b'"text"\n', r"a\.jsonl:1: each line must be an object"),
        ("a.jsonl", b'{"x": "\xff"}\n', r"a\.jsonl:1: not UTF-8 text .*Convert it first"),
        ("a.csv", b"x,y\n1,\xe9\n", r"a\.csv:2: not UTF-8 text .*Convert it first"),
        ("a.csv", b"x,y\n1,2\n1,2,3\n", r"a\.csv:3: the number of fields differs.*Put quotes around commas"),
        ("a.csv", b"x,y\n1\n", r"a\.csv:2: the number of fields differs"),
        ("a.parquet", b"PAR1 not really", r"a\.parquet: not a Parquet file"),
        ("a.parquet", b"", r"a\.parquet: not a Parquet file"),
        ("a.parquet", b"PAR1" + b"\xa5" * 40 + b"\x20\x00\x00\x00PAR1", r"a\.parquet: not a Parquet file"),
        ("a.txt", b"", r"a\.txt: unknown format\. Use .*\.jsonl, .*\.csv, .*\.parquet, or hub:"),
        ("a", b"", r"a: unknown format\. Use .*\.jsonl"),
    ],
)
def test_bad_file(tmp_path: Path, name: str, raw: bytes, message: str) -> None:
    """The error names the file, the line if one is at fault, and the remedy."""
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(TaskError, match=message) as error:
        read(tmp_path, name)
    assert str(error.value).startswith(str(tmp_path))


def test_missing_file(tmp_path: Path) -> None:
    """A source that does not exist, or is a folder, is refused by name."""
    (tmp_path / "b.csv").mkdir()
    for name in ("a.jsonl", "b.csv"):
        with pytest.raises(TaskError, match=rf"{tmp_path / name}: there is no such file"):
            read(tmp_path, name)


@pytest.mark.parametrize(
    ("source", "package", "extra"), [("a.parquet", "pyarrow", "parquet"), ("hub:x:y", "datasets", "hub")]
)
def test_missing_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, package: str, extra: str
) -> None:
    """If an optional package is missing, the error says how to install it."""
    (tmp_path / "a.parquet").touch()
    monkeypatch.setattr(rows_module, "find_spec", lambda name: None)
    with pytest.raises(TaskError, match=rf"transfer-prompting\[{extra}\]"):
        read(tmp_path, source)


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the package for the hub, without network and with its cache in the test's folder."""
    if "datasets" not in sys.modules:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets as library

    monkeypatch.setattr(library.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(library.config, "HF_HUB_OFFLINE", True)
    shown = library.utils.logging.is_progress_bar_enabled()
    library.disable_progress_bars()
    yield library
    if shown:
        library.enable_progress_bars()


def test_hub_with_a_local_folder(tmp_path: Path, datasets: Any) -> None:
    """A data set in a folder is read like one on the hub, split by split."""
    (tmp_path / "data").mkdir()
    write_rows(tmp_path / "data" / "train.jsonl", [row(1), row(2, "no")])
    write_rows(tmp_path / "data" / "test.jsonl", [row(3)])
    source = f"hub:{tmp_path / 'data'}:train"
    assert list(read_rows(source, tmp_path)) == [
        (f"{source}, row 1", row(1)),
        (f"{source}, row 2", row(2, "no")),
    ]
    assert read(tmp_path, f"hub:{tmp_path / 'data'}:test") == [row(3)]
    with pytest.raises(TaskError, match=r"hub:.*:dev: the data set could not be loaded .*dev"):
        read(tmp_path, f"hub:{tmp_path / 'data'}:dev")


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("hub:owner/name:train", ("owner/name", "train")),
        ("hub:name:config:test[:5]", None),
        ("hub:n:c:s", ("n", "c", "s")),
    ],
)
def test_hub_names(
    tmp_path: Path, datasets: Any, monkeypatch: pytest.MonkeyPatch, source: str, asked: tuple[str, ...] | None
) -> None:
    """A name has two or three parts: NAME:SPLIT or NAME:CONFIG:SPLIT."""
    loaded = []

    def load_dataset(*names: str, split: str) -> list[dict[str, Any]]:
        loaded.append((*names, split))
        return ROWS

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    if asked is None:
        with pytest.raises(TaskError, match="hub:NAME:CONFIG:SPLIT"):
            read(tmp_path, source)
    else:
        assert read(tmp_path, source) == ROWS
        assert loaded == [asked]


@pytest.mark.parametrize("source", ["hub:", "hub:name", "hub::train", "hub:name:", "hub:a:b:c:d"])
def test_bad_hub_name(tmp_path: Path, source: str) -> None:
    """A name with another number of parts, or an empty part, is refused before anything is loaded."""
    with pytest.raises(TaskError, match=r"Write hub:NAME:SPLIT or hub:NAME:CONFIG:SPLIT"):
        read(tmp_path, source)


def test_hub_errors(tmp_path: Path, datasets: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in loading a data set is reported with the name of the data set."""

    def raising(error: Exception) -> Any:
        def load_dataset(*names: str, split: str) -> None:
            raise error

        return load_dataset

    for error in (
        ConnectionError("no network"),
        ValueError("no such config"),
        FileNotFoundError("no such folder"),
        datasets.exceptions.DatasetNotFoundError("no such data set"),
        datasets.exceptions.DatasetGenerationError("broken"),
    ):
        monkeypatch.setattr(datasets, "load_dataset", raising(error))
        with pytest.raises(TaskError, match=rf"hub:n:s: the data set could not be loaded \({error}\)"):
            read(tmp_path, "hub:n:s")
