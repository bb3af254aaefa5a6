"""The estimate of a run with roles that bring models of their own."""

import json
from pathlib import Path

from program_calls import Tp
from role_making import EXAMPLES

MODEL = '{ provider = "openai", model = "m", base_url = "http://127.0.0.1:9/v1" }'
CONFIG = f"""
[target]
task = "support_routing"
steps = 1
examples = 10
test_examples = 12
[models]
scorer = {MODEL}
reference = {MODEL}
adviser = {MODEL}
[roles.adviser]
use = "{EXAMPLES / "adviser" / "adviser.py"}:Adviser"
"""


def test_a_role_with_tools(tp: Tp) -> None:
    """A dry run with an AgentChat role that has tools estimates the cost of the built-in roles."""
    Path("transfer-prompting.toml").write_text(CONFIG)
    ended = tp("run", "--dry-run", "--json")
    assert ended.status == 0, ended.err
    parts = json.loads(ended.out)["parts"]
    assert {(part["stage"], part["role"]) for part in parts} == {
        ("target", "scorer"),
        ("target", "reference"),
        ("verdict", "scorer"),
    }
