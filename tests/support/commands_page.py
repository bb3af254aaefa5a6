"""Write the page of commands from the help texts of the program."""

import click

from transfer_prompting.orchestration.cli.app import app

_HEAD = """# Commands

The commands of `tp` (in full: `transfer-prompting`), from their help texts. [Machine use](machine-use.md)
describes output streams and exit statuses.
"""


def commands_page() -> str:
    """Return the text of docs/commands.md."""
    context = click.Context(app, info_name="tp")
    parts = [_HEAD]
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        assert command is not None
        parts.append(_section(f"tp {name}", command))
        if isinstance(command, click.Group):
            parts += [_section(f"tp {name} {under}", one) for under, one in command.commands.items()]
    return "\n".join(parts)


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", *(f"{part}\n" for part in _paragraphs(command.help or "")), f"    {usage}", ""]
    records = [param.get_help_record(context) for param in command.get_params(context)]
    rows = [record for record in records if record and not record[0].startswith("--help")]
    if rows:
        lines += ["| option | meaning |", "|---|---|"]
        lines += [f"| `{_cell(option)}` | {_cell(meaning)} |" for option, meaning in rows]
        lines.append("")
    return "\n".join(lines)


def _paragraphs(help_: str) -> list[str]:
    return [" ".join(part.split()) for part in help_.replace("\b", "").split("\n\n")]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
