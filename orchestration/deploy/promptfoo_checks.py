"""Assertions of promptfoo that check what the main metric of a task measures."""

from typing import Any

from ...agents.search.settings import SearchSettings
from ...prompts.task import Task
from .promptfoo_text import Guard

_PLAIN = ("label", "letter", "number", "text", "raw")
_SAME = """
const wanted = JSON.parse(GOLD);
const norm = (text) => String(text).trim().toLowerCase().replace(/\\s+/g, ' ').replace(/[.!:*]+$/, '');
const number = (text) => /[0-9]/.test(text) ? Number(String(text).replace(/[^0-9.eE+-]/g, '')) : NaN;
const said = READ;
return wanted.some((gold) => norm(gold) === norm(said) || (NUMBERS && number(gold) === number(said)));
"""
_CONTAINS = """
const wanted = JSON.parse(GOLD);
return wanted.some((gold) => String(output).toLowerCase().includes(String(gold).toLowerCase()));
"""


def has_check(task: Task) -> bool:
    """Return whether promptfoo has a counterpart of the main metric."""
    return _use(task) is not None


def check_of(task: Task, settings: SearchSettings, guard: Guard) -> dict[str, Any]:
    """Return the assertion for a row, whose variable `expected` holds its right answers as JSON."""
    gold = guard.in_javascript("context.vars.expected")
    if _use(task) == "contains":
        return {"type": "javascript", "value": _CONTAINS.replace("GOLD", gold).strip()}
    code = _SAME.replace("GOLD", gold).replace("READ", _read(task, settings))
    return {
        "type": "javascript",
        "value": code.replace("NUMBERS", _truth(task.answer.type == "number")).strip(),
    }


def _use(task: Task) -> str | None:
    """Return the kind of check: "exact" or "contains"; None without a counterpart."""
    metric = task.metrics[0] if task.metrics else None
    if task.answer.type not in _PLAIN or task.answer.pattern or (metric and metric.options):
        return None
    if metric is None:
        return None if task.answer.type == "raw" else "exact"
    return metric.use if metric.use in ("exact", "contains") else None


def _read(task: Task, settings: SearchSettings) -> str:
    """Return the expression of JavaScript for the answer in a reply."""
    if task.answer.marker:
        codes = ", ".join(str(ord(unit)) for unit in task.answer.marker)
        return f"String(output).split(String.fromCodePoint({codes})).pop()"
    if task.frame == "own" or settings.answer == "likelihood":
        return "String(output)"
    word = "Guess 1" if task.frame == "answer+confidence" and settings.guesses > 1 else "Answer"
    return f"(String(output).match(/{word}:[^\\n]*/gi) || [String(output)]).pop().replace(/^{word}:/i, '')"


def _truth(value: bool) -> str:
    return "true" if value else "false"
