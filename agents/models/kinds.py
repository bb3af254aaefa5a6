"""Kinds of models, which differ in how long their replies are: local, behind an endpoint, or thinking."""

import re
from collections.abc import Mapping
from typing import Any, Literal

ModelKind = Literal["local", "endpoint", "thinking"]
"""How a model uses its token limit.

A "local" model runs in this process, where every token costs time, and a small one rambles up to its limit.
An "endpoint" ends by itself, and only the tokens that it has written are paid. A "thinking" model writes
much before its answer, within the same limit."""
_THINKING = re.compile(
    r"(?:^|[/:_. -])(?:o[1-9]|gpt-?5|gpt-oss|r1|qwq|magistral|\w*reason(?:er|ing)|think(?:ing)?"
    r"|qwen-?3[-:][\d.]+b)(?:[/:_. -]|$)",
    re.IGNORECASE,
)
"""Names of models that think unless they are told not to."""
_NOT_THINKING = re.compile(r"instruct|chat|non?[-_]?(?:think|reason)", re.IGNORECASE)
"""Words in the name of a variant that does not think."""
_OFF = (False, "none", "off", "disabled")


def thinks(model: str, params: Mapping[str, Any]) -> bool:
    """Return whether a model thinks before it answers, by the parameters of its requests or else its name.

    Names are only a guess, for which the setting `thinks` is the cure.
    """
    template = params.get("chat_template_kwargs")
    switches = [params, template if isinstance(template, Mapping) else {}]
    for switch in switches:
        for name in ("enable_thinking", "thinking", "reasoning", "reasoning_effort"):
            if name in switch:
                return _is_on(switch[name])
    return bool(_THINKING.search(model)) and not _NOT_THINKING.search(model)


def _is_on(value: Any) -> bool:
    """Return whether the value of a switch, or of one within its table, leaves the reasoning on."""
    if isinstance(value, Mapping):
        return all(value[key] not in _OFF for key in ("enabled", "type", "effort") if key in value)
    return value not in _OFF
