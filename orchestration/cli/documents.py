"""JSON on stdout."""

from typing import Any

import orjson


def print_json(value: Any) -> None:
    """One JSON document."""
    print(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
