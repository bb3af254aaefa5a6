"""`tp export --to`: arguments, and packages that are missing."""

import sys

import pytest
from program_calls import Tp


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "-o FILE or --to TRACKER"),
        (("-o", "x", "--to", "otel"), "-o FILE or --to TRACKER"),
        (("-o", "x", "--follow"), "belong to --to"),
        (("--to", "mlflow", "--content"), "--content is not for --to mlflow"),
        (("--to", "otel", "--project", "p"), "--project is not for --to otel"),
        (("--to", "excel"), "'mlflow', 'wandb', 'otel'"),
    ],
)
def test_wrong_arguments(tp: Tp, arguments: tuple[str, ...], words: str) -> None:
    """Options that do not go together are an error that says which do."""
    ended = tp("export", "demo", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert words in ended.err


@pytest.mark.parametrize(
    ("tracker", "package"), [("mlflow", "mlflow"), ("wandb", "wandb"), ("otel", "opentelemetry.sdk")]
)
def test_a_missing_package(tp: Tp, monkeypatch: pytest.MonkeyPatch, tracker: str, package: str) -> None:
    """Without the package of a tracker, the error is the command that installs it."""
    for name in [name for name in sys.modules if name.startswith(package)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    ended = tp("export", "demo", "--to", tracker)
    assert (ended.status, ended.out) == (2, "")
    assert f"pip install 'transfer-prompting[{tracker}]'" in ended.err
