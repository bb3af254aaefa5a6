"""Default paths of the configuration and the log."""

from pathlib import Path

CONFIG = Path("transfer-prompting.toml")
LOG = Path("transfer-prompting.db")
