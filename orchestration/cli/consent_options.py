"""The options --trust and --config of the commands that carry out a recorded run."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...storage.place import Place
from .options import PATH

if TYPE_CHECKING:
    from ..trust.consent import Consent

_TRUST = click.option(
    "--trust",
    is_flag=True,
    help="Approve what the log of this run demands, such as code of its roles, servers and variables, and "
    "remember it. Without it, a run that was not started here is refused with a list of these.",
)
_CONFIG = click.option(
    "--config",
    "own",
    type=PATH,
    metavar="FILE",
    help="Take roles and models from your own configuration of the run, not from its log.",
)


def consent_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add both options to a command, as `trust` and `own`."""
    return _TRUST(_CONFIG(command))


def consent_of(trust: bool, own: Path | None) -> "Consent":
    """Return the consent that the options express."""
    # Imported here because `tp COMMAND --help` does without pydantic.
    from ..config.functions import with_functions
    from ..config.settings import read_config
    from ..trust.consent import Consent

    config = None if own is None else with_functions(read_config(own), own.parent)
    return Consent(trust, config, _say)


def require_approval(place: Place, run: str, consent: "Consent", *, calls: bool) -> None:
    """Raise `NotApproved` before a display opens. See `runtime.admission.admit`."""
    from ...storage.opening import open_reader
    from ..runtime.admission import admit

    with open_reader(place) as reader:
        admit(reader, reader.resolve(run), consent, calls=calls)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
