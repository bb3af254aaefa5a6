"""The table of a migration on the screen."""

from ..console.formatting import number
from ..console.visible import one_line
from ..projections.migration_table import MigrationTable
from .output import print_table

_TEXT = 60
"""Characters of a prompt that are shown."""


def print_migration(table: MigrationTable) -> None:
    """Print the prompts of a migration on both models."""
    old, new = (one_line(model) for model in (table.old_model, table.new_model))
    rows = [
        [
            one.prompt,
            one.role,
            number(one.before, 3),
            number(one.after, 3),
            one.examples,
            number(one.held_out, 3),
            one_line(one.text)[:_TEXT],
        ]
        for one in table.prompts
    ]
    print(
        f"\nMigration of {table.origin}: development examples on both models, and held-out ones on the new."
    )
    print_table(["prompt", "was", old, new, "n", f"{new} held out", "text"], rows)
    if table.regressed == ():
        print("The best prompt of the old model holds, so nothing was tuned again.")
    elif table.regressed:
        print("Tuned again, because the best prompt of the old model is worse here:")
        for reason in table.regressed:
            print(f"  {one_line(reason)}")
