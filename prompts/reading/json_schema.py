"""Check a JSON value against the JSON Schema of a task. No schema is ever fetched from elsewhere.

A schema may refer to its own parts and to the standard's own schemas. Any other reference is refused when the
task is loaded, and fits nothing afterwards.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .patterns import check_pattern, matches

if TYPE_CHECKING:
    from referencing import Registry, Resource
    from referencing._core import Resolver

_MEND = "Correct json_schema"


def check_schema(text: str) -> None:
    """Raise ValueError with the mend if `text` is not a JSON Schema that can be used here."""
    from jsonschema.exceptions import SchemaError

    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"json_schema is not JSON: {error}. {_MEND}") from None
    if not isinstance(schema, dict):
        raise ValueError(f'json_schema is no JSON object. {_MEND}, such as {{"type": "object"}}')
    if not isinstance(schema.get("$schema", ""), str):
        raise ValueError(f"$schema in json_schema is no text. {_MEND}")
    try:
        _dialect(schema).check_schema(schema)
        _check_parts(schema)
        _validator(text).is_valid(None)  # A schema that refers to itself without end may show it at once.
    except SchemaError as error:
        raise ValueError(
            f"json_schema is no JSON Schema: {error.message[:200]} at {error.json_path}. {_MEND}"
        ) from None
    except RecursionError:
        raise ValueError(f"json_schema is too deep, or refers to itself without end. {_MEND}") from None


def misfit(schema: str, value: object) -> str | None:
    """Return why `value` does not fit `schema`, with the path of the fault; None if it fits."""
    from jsonschema.exceptions import best_match
    from referencing.exceptions import Unresolvable

    try:
        error = best_match(_validator(schema).iter_errors(value))
    except Unresolvable as fault:
        return f"its schema refers to {fault.ref!r}, which it does not hold"
    except ArithmeticError:
        return "one of its numbers is too large"
    except RecursionError:
        return "it is too deep, or the schema refers to itself without end"
    return None if error is None else f"{error.message[:200]} at {error.json_path}"


def fits(schema: str, value: object) -> bool:
    """Return whether `value` fits `schema`."""
    from referencing.exceptions import Unresolvable

    try:
        return bool(_validator(schema).is_valid(value))
    except (Unresolvable, ArithmeticError, RecursionError):
        return False


@lru_cache(maxsize=32)
def _validator(schema: str) -> Any:
    from jsonschema_specifications import REGISTRY

    loaded = json.loads(schema)
    # With a registry of its own, a validator fetches nothing.
    return _dialect(loaded)(loaded, registry=REGISTRY)


def _dialect(schema: dict[str, Any]) -> Any:
    """Return the class of validators for a schema, whose patterns are searched in bounded time."""
    from jsonschema.validators import Draft202012Validator, extend, validator_for

    return extend(validator_for(schema, default=Draft202012Validator), {"pattern": _pattern})


def _pattern(validator: Any, pattern: str, instance: object, _schema: object) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if validator.is_type(instance, "string") and not matches(pattern, str(instance)):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _check_parts(schema: dict[str, Any]) -> None:
    """Raise ValueError if a part of `schema` refers to what it does not hold, or has an invalid pattern."""
    from jsonschema_specifications import REGISTRY
    from referencing.jsonschema import DRAFT202012, specification_with

    uri = schema.get("$schema")
    dialect = specification_with(uri, default=DRAFT202012) if isinstance(uri, str) else DRAFT202012
    whole: Resource[Any] = dialect.create_resource(schema)
    registry: Registry[Any] = REGISTRY.with_resource("", whole)
    parts = [(whole, registry.resolver_with_root(whole))]
    while parts:
        part, resolver = parts.pop()
        if isinstance(part.contents, dict):
            _check_references(part.contents, resolver)
            if isinstance(pattern := part.contents.get("pattern"), str):
                check_pattern(pattern, groups=None)
        parts += [(sub, resolver.in_subresource(sub)) for sub in part.subresources()]


def _check_references(part: dict[str, Any], resolver: "Resolver[Any]") -> None:
    from referencing.exceptions import Unresolvable

    for ref in (part.get("$ref"), part.get("$dynamicRef")):
        try:
            if isinstance(ref, str):
                resolver.lookup(ref)
        except Unresolvable:
            raise ValueError(
                f"json_schema refers to {ref!r}, which it does not hold, and nothing is fetched from "
                "elsewhere. Copy it into $defs of the schema"
            ) from None
