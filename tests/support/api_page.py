"""Write the API reference from the docstrings of the public names."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import griffe

import transfer_prompting

_HEAD = """# Python API

The public names of the package, imported from `transfer_prompting`. Everything else may change without
notice. [From Python](python.md), [roles](roles.md) and [AutoGen](autogen.md) show them in use.
"""
_TITLES = {
    griffe.DocstringSectionKind.returns: "Returns",
    griffe.DocstringSectionKind.raises: "Raises",
    griffe.DocstringSectionKind.yields: "Yields",
}


def api_page() -> str:
    """Return the text of docs/api.md."""
    return "\n".join([_HEAD, *(_section(name) for name in transfer_prompting.__all__)])


def _section(name: str) -> str:
    definition = _definition(name)
    lines = [f"## `{name}`", "", f"    {_signature(definition)}", "", *_text(definition)]
    if isinstance(definition, griffe.Class):
        if bases := ", ".join(f"`{base}`" for base in definition.bases):
            lines += [f"Base class: {bases}.", ""]
        lines += _attributes(definition)
        lines += [line for method in _methods(definition) for line in _method(method)]
    return "\n".join(lines)


def _definition(name: str) -> griffe.Class | griffe.Function:
    """Return the definition of a public name, read from the file that holds it."""
    module = importlib.import_module(getattr(transfer_prompting, name).__module__)
    found = _source(module)[name]
    assert isinstance(found, griffe.Class | griffe.Function), name
    return found


def _source(module: ModuleType) -> griffe.Module:
    path = Path(module.__file__ or "")
    return griffe.visit(module.__name__, filepath=path, code=path.read_text(encoding="utf-8"))


def _signature(definition: griffe.Class | griffe.Function) -> str:
    if isinstance(definition, griffe.Class):
        own = definition.members.get("__init__")
        parameters = f"({_parameters(own)})" if isinstance(own, griffe.Function) else ""
        return f"{definition.name}{parameters}"
    prefix = "async " if "async" in definition.labels else ""
    returns = f" -> {definition.returns}" if definition.returns is not None else ""
    return f"{prefix}{definition.name}({_parameters(definition)}){returns}".replace("\n", " ")


def _parameters(function: griffe.Function) -> str:
    """Return the parameters as one writes them, without `self` and `cls`."""
    shown: list[str] = []
    for parameter in function.parameters:
        if parameter.name in {"self", "cls"}:
            continue
        if parameter.kind is griffe.ParameterKind.keyword_only and not any(p.startswith("*") for p in shown):
            shown.append("*")
        stars = {"variadic positional": "*", "variadic keyword": "**"}.get(
            parameter.kind.value if parameter.kind else "", ""
        )
        typed = f": {parameter.annotation}" if parameter.annotation is not None else ""
        default = f" = {parameter.default}" if parameter.default is not None and not stars else ""
        shown.append(f"{stars}{parameter.name}{typed}{default}")
    return ", ".join(shown)


def _text(definition: griffe.Object) -> list[str]:
    """Return the docstring as Markdown; its sections become paragraphs and lists."""
    lines: list[str] = []
    for section in definition.docstring.parse("google", warnings=False) if definition.docstring else []:
        match section:
            case griffe.DocstringSectionText():
                lines += [section.value, ""]
            case griffe.DocstringSectionParameters():
                lines += [*(f"- `{one.name}`: {_flat(one.description)}" for one in section.value), ""]
            case griffe.DocstringSectionRaises():
                lines += [f"Raises `{one.annotation}`: {_flat(one.description)}\n" for one in section.value]
            case _ if section.kind in _TITLES:
                lines += [f"{_TITLES[section.kind]}: {_flat(one.description)}\n" for one in section.value]
            case _:
                raise NotImplementedError(f"{definition.path}: a section of kind {section.kind.value}")
    return lines


def _attributes(definition: griffe.Class) -> list[str]:
    """Return a table of the public attributes."""
    rows = [
        f"| `{one.name}` | {_type(one)} | {_flat(one.docstring.value if one.docstring else '')} |"
        for one in definition.attributes.values()
        if not one.name.startswith("_") and (one.annotation is not None or one.docstring)
    ]
    return ["| attribute | type and default | |", "|---|---|---|", *rows, ""] if rows else []


def _type(attribute: griffe.Attribute) -> str:
    shown = str(attribute.annotation) if attribute.annotation is not None else ""
    value = str(attribute.value) if attribute.value is not None else ""
    whole = f"{shown} = {value}" if shown and value and attribute.name != value else shown
    return f"`{_cell(whole)}`" if whole else ""


def _methods(definition: griffe.Class) -> Iterator[griffe.Function]:
    for one in definition.functions.values():
        if not one.name.startswith("_") or one.name == "__call__":
            yield one


def _method(method: griffe.Function) -> list[str]:
    kinds = [label for label in ("classmethod", "staticmethod", "property") if label in method.labels]
    mark = f" ({kinds[0]})" if kinds else ""
    return [f"**`{_signature(method)}`**{mark}", "", *_text(method)]


def _flat(text: str) -> str:
    return _cell(" ".join(text.split()))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
