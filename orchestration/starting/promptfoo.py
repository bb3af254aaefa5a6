"""A configuration from one of promptfoo: its prompts, its tests, and its asserts as metrics."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from ...prompts.task import INSTRUCTION
from ..errors import ConfigError
from .data_configuration import few_rows, name_of
from .promptfoo_asserts import Metrics, metrics_of
from .promptfoo_file import Files, read_file, read_yaml
from .promptfoo_prompts import Prompts, read_prompts
from .promptfoo_tests import read_tests
from .started import Started
from .written import SMALL, Draft, configuration, loaded

_USUAL = ("promptfooconfig.yaml", "promptfooconfig.yml")
_TAKEN = frozenset(
    {"prompts", "tests", "defaultTest", "providers", "targets", "description", "scenarios", "$schema", "tags"}
)


def from_promptfoo(
    file: Path, place: Path, model: Mapping[str, Any] = SMALL, experience: Sequence[str] = ()
) -> Started:
    """Return a configuration at `place`, with the rows of the tests beside it, for a model.

    Raises `ConfigError` if the file cannot be read, or if no prompt or no test of it can be taken over.
    """
    config = read_yaml(str(file), read_file(file))
    if not isinstance(config, Mapping):
        raise ConfigError(
            f"{file}: it is no configuration of promptfoo: it holds no keys such as prompts and tests."
        )
    files = Files(file.parent)
    prompts = read_prompts(config.get("prompts"), files)
    tests = read_tests(config, files)
    used = {part for name in prompts.variables for part in (name, name.split(".")[0])}
    metrics = metrics_of(tests.tests, {name for test in tests.tests for name in test.row})
    rows = [
        {name: value for name, value in test.row.items() if name in used} | columns
        for test, columns in zip(metrics.tests, metrics.columns, strict=True)
    ]
    if len(rows) < 2:
        raise ConfigError(
            f"{file}: {len(rows)} of its {len(tests.tests)} tests can be scored; at least two are needed. "
            f"{' '.join([*tests.left_out, *metrics.remarks])}"
        )
    left_out = [*prompts.left_out, *tests.left_out, *metrics.remarks, *_other(config)]
    remarks = [*left_out, *few_rows(len(rows))]
    name = name_of(file if file.name not in _USUAL else file.resolve().parent)
    source = f"{place.stem}.rows.jsonl"
    providers = _providers(config) if model == SMALL else []
    draft = _draft(name, config, prompts, metrics, source, [*remarks, *providers], file)
    text = configuration(replace(draft, model=model, experience=experience))
    beside = [(source, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))]
    if metrics.needs_file:
        metric = resources("transfer_prompting.orchestration.starting").joinpath("promptfoo_asserts.txt")
        beside.append(("promptfoo_asserts.py", metric.read_text(encoding="utf-8")))
    notes = _notes(text, name, source, beside[0][1], file)
    return Started(text, (*remarks, *notes), tuple(beside))


def _notes(text: str, name: str, source: str, rows: str, file: Path) -> tuple[str, ...]:
    """Return the remarks on the rows. Raise `ConfigError` if the configuration would not load."""
    try:
        return tuple(loaded(text, name, Path("run.toml"), [(source, rows)]).notes)
    except ConfigError as error:
        raise ConfigError(f"{file}: what was taken over does not load: {error}") from error


def _draft(
    name: str,
    config: Mapping[str, Any],
    prompts: Prompts,
    metrics: Metrics,
    source: str,
    remarks: list[str],
    file: Path,
) -> Draft:
    main, *further = metrics.metrics
    settings: dict[str, Any] = {"initial_prompts": prompts.texts}
    if prompts.name != INSTRUCTION:
        settings = {"texts": {prompts.name: prompts.texts}}
    settings["answer"] = {"type": "raw"}
    if prompts.messages:
        settings["messages"] = prompts.around
    settings["metric"] = main
    if further:
        settings["metrics"] = further
    described = config.get("description")
    return Draft(
        name=name,
        description=described if isinstance(described, str) and described.strip() else "Follow the prompt.",
        settings={**settings, "data": {"all": source, "missing": "empty"}},
        remarks=["The rows of the tests."],
        head=[f"Taken over from {file.name} by `tp init`.", *remarks],
        judge=metrics.judge,
    )


def _providers(config: Mapping[str, Any]) -> list[str]:
    written = config.get("providers", config.get("targets"))
    found = written if isinstance(written, list) else [written]
    names = [str(one.get("id", one)) if isinstance(one, Mapping) else str(one) for one in found if one]
    return [f"provider: {name:.100}. Describe it as [models.scorer]." for name in names]


def _other(config: Mapping[str, Any]) -> list[str]:
    return [f"{key} left out." for key in config if key not in _TAKEN]
