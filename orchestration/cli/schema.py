"""The command `schema`."""

import click

from ..schemas.registry import DOCUMENTS
from .output import print_json


@click.command
@click.argument(
    "document",
    required=False,
    help="The name of a document. Without it, the names of all documents are listed.",
)
def schema(document: str | None) -> None:
    """Print the JSON schema of a command's --json output."""
    if document is None:
        print("\n".join(DOCUMENTS))
        return
    if document not in DOCUMENTS:
        raise click.UsageError(f"There is no document {document!r}. Choose one of: {', '.join(DOCUMENTS)}.")
    # Imported here because the list of names needs no pydantic.
    from ..schemas.json_schema import json_schema

    print_json(json_schema(document))
