"""Render templates as text. All words that a model is shown are in templates/, none in the code."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from .shortening import shorten


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("transfer_prompting.prompts", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        auto_reload=False,  # Otherwise the files are checked again for every example.
    )
    environment.filters["shorten"] = shorten
    return environment


def render(template: str, **values: object) -> str:
    """Render `templates/<template>.jinja`. Raises `jinja2.UndefinedError` if a value is missing."""
    return _environment().get_template(f"{template}.jinja").render(**values).strip()


def render_text(template: str, **values: object) -> str:
    """Render a template that is given as text. Raises `jinja2.UndefinedError` if a value is missing."""
    return _environment().from_string(template).render(**values).strip()
