"""The winner as a configuration of promptfoo: its prompt, its model, and the development rows as tests.

A configuration of promptfoo is a program: texts are templates of Nunjucks, and some begin with "file://" and
load, or run, a file. So what comes from a log is written in such a way that it is only text there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...agents.messages.base import plural
from ...prompts.task import Example
from ..console.visible import one_line
from ..errors import ConfigError
from .bodies import body_of, parameters_of
from .program import Column, Turn, filled, history_of, parts_of
from .promptfoo_checks import check_of, has_check
from .promptfoo_text import Guard, literal
from .template import columns_of
from .winner import Winner
from .yaml_lines import yaml_lines

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAKEN = frozenset(("and", "else", "env", "expected", "false", "if", "in", "is", "loop", "not", "or", "true"))
"""Names that mean something else in Nunjucks, in promptfoo or in the tests written here."""
_HEAD = "# yaml-language-server: $schema=https://promptfoo.dev/config-schema.json\n"


def promptfoo_config(winner: Winner) -> str:
    """Return the text of a promptfooconfig.yaml.

    Each development row is a test, apart from those that `left_out` tells of. A test has an assertion if the
    main metric has a counterpart. The server of the run is named only if the run was started or approved
    here. Raises `ConfigError` if a row holds images or a chat history, which a variable of promptfoo cannot
    hold.
    """
    names = _variables(winner)
    rows = [(row, values) for row, values in _rows(winner, names) if values is not None]
    guard = Guard.for_texts([text for _, values in rows for text in values.values()])
    config = {
        "description": f"Prompt {_shown(winner.candidate.id)}",
        "prompts": [_prompt(winner, names, guard)],
        "providers": [_provider(winner)],
        "tests": [_test(winner, row, values, guard) for row, values in rows],
    }
    return _HEAD + yaml_lines(config)


def left_out(winner: Winner) -> list[str]:
    """Return what such a configuration lacks, as sentences."""
    task, found = winner.task, []
    if not has_check(task):
        metric = task.metrics[0].use if task.metrics else f'the usual metric of type "{task.answer.type}"'
        found.append(f"The tests have no assertion: promptfoo has no counterpart of {metric}.")
    if rows := [repr(row.id) for row, values in _rows(winner, _variables(winner)) if values is None]:
        count = plural(len(rows), "row")
        found.append(
            f"No test is made of {count}, such as {rows[0]}: empty columns or blanks at their ends "
            "change the words around them."
        )
    if unsafe := [name for name, value in _extras(winner).items() if not _is_inert(value)]:
        found.append(
            f"The parameters {', '.join(unsafe)} are left out: promptfoo would take them for templates "
            "or files."
        )
    if winner.model.provider != "openai":
        found.append(
            f"The provider is a placeholder: promptfoo has no models of kind {winner.model.provider}."
        )
    return found


def _variables(winner: Winner) -> dict[str, str]:
    """Return the variable of each column."""
    found: dict[str, str] = {}
    for number, column in enumerate(winner.template.columns, 1):
        usable = _NAME.fullmatch(column) and column not in _TAKEN
        found[column] = column if usable else f"column_{number}"
    return found


def _rows(winner: Winner, names: Mapping[str, str]) -> Iterator[tuple[Example, dict[str, str] | None]]:
    """Yield each development row with its variables; None if they would not give the measured messages."""
    for example in winner.task.dev:
        values = _variables_of(winner, example, names)
        yield example, values if _is_measured(winner, example, names, values) else None


def _is_measured(
    winner: Winner, example: Example, names: Mapping[str, str], values: Mapping[str, str]
) -> bool:
    template = winner.template
    turns = template.turns
    if template.without_context is not None and not values[names["context"]]:
        turns = template.without_context
    contents = [
        "".join(piece if isinstance(piece, str) else values[names[piece.name]] for piece in turn.pieces)
        for turn in turns
    ]
    contents[-1] += template.ending
    messages = [
        {"role": turn.role, "content": content} for turn, content in zip(turns, contents, strict=True)
    ]
    return messages == filled(turns, template.ending, columns_of(example))


def _variables_of(winner: Winner, example: Example, names: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each variable for one row."""
    columns, found = columns_of(example), {}
    for turn in winner.template.turns:
        if history_of(turn, columns) is not None:
            raise _no_text(turn.pieces[0], example)
        for number, piece in enumerate(turn.pieces):
            if isinstance(piece, Column):
                text = _text(piece, columns, example)
                # A message has no blanks at its ends; promptfoo would keep those of a value.
                text = text.lstrip() if number == 0 else text
                found[names[piece.name]] = text.rstrip() if number == len(turn.pieces) - 1 else text
    if has_check(winner.task):
        found["expected"] = json.dumps(example.right_answers, ensure_ascii=False)
    return found


def _text(piece: Column, columns: Mapping[str, Any], example: Example) -> str:
    parts = parts_of(piece, columns)
    if not all(isinstance(part, str) for part in parts):
        raise _no_text(piece, example)
    return "".join(parts)


def _no_text(piece: str | Column, example: Example) -> ConfigError:
    name = piece.name if isinstance(piece, Column) else ""
    return ConfigError(
        f"The column {name!r} of row {example.id!r} holds images or a chat history, which a test of "
        "promptfoo cannot hold. Use --as python."
    )


def _prompt(winner: Winner, names: Mapping[str, str], guard: Guard) -> str:
    template = winner.template
    turns = [_content(turn, names, guard) for turn in template.turns]
    if template.without_context is not None:
        [plain] = template.without_context
        other = _content(plain, names, guard)
        turns[-1] = f"{{% if {names['context']} %}}{turns[-1]}{{% else %}}{other}{{% endif %}}"
    turns[-1] += literal(template.ending)
    messages = [
        {"role": turn.role, "content": content} for turn, content in zip(template.turns, turns, strict=True)
    ]
    # On several lines, because promptfoo takes a single line with a slash for the path of a file.
    return json.dumps(messages, ensure_ascii=False, indent=2)


def _content(turn: Turn, names: Mapping[str, str], guard: Guard) -> str:
    return "".join(
        literal(piece) if isinstance(piece, str) else guard.place(names[piece.name]) for piece in turn.pieces
    )


def _extras(winner: Winner) -> dict[str, Any]:
    return parameters_of(body_of(winner.request(winner.row()), winner.model))


def _provider(winner: Winner) -> dict[str, Any]:
    model = winner.model
    extras = {name: value for name, value in _extras(winner).items() if _is_inert(value) and _is_inert(name)}
    own = ("max_tokens", "temperature")
    config: dict[str, Any] = {name: extras[name] for name in own if name in extras}
    if rest := {name: value for name, value in extras.items() if name not in own}:
        config["passthrough"] = rest
    if winner.approved and model.base_urls and _is_inert(model.base_urls[0]):
        config |= {"apiBaseUrl": model.base_urls[0], "apiKeyEnvar": model.api_key_env}
    return {"id": f"openai:chat:{literal(model.model or model.provider)}", "config": config}


def _test(winner: Winner, example: Example, variables: Mapping[str, str], guard: Guard) -> dict[str, Any]:
    test: dict[str, Any] = {
        "description": f"row {_shown(example.id)}",
        "vars": {name: guard.inert(value) for name, value in variables.items()},
    }
    if has_check(winner.task):
        test["assert"] = [check_of(winner.task, winner.settings, guard)]
    return test


def _shown(name: str) -> str:
    """Return a name for a description, which needs no braces."""
    return one_line(name.replace("{", "(").replace("}", ")"))


def _is_inert(value: Any) -> bool:
    """Return whether promptfoo takes a JSON value for what it is."""
    text = json.dumps(value)
    return not re.search(
        r"\{[{%#]|[a-z]+://|package:|\$ref", text.replace("http://", "").replace("https://", "")
    )
