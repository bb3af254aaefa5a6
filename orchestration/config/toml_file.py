"""Reading of the TOML files that a user writes for a run or a study."""

import tomllib
from pathlib import Path
from typing import Any

from ..errors import ConfigError


def read_toml(path: Path, missing: str) -> dict[str, Any]:
    """Return the tables of a file. Raise `ConfigError`, which says `missing` if there is no such file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(missing) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
