"""Two steps: the model writes a query, the best passage is looked up, and the model answers from it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transfer_prompting import Ask

ROWS = (Path(__file__).parent / "passages.jsonl").read_text(encoding="utf-8").splitlines()
PASSAGES: list[str] = [json.loads(row)["context"] for row in ROWS]


def look_up(query: str) -> str:
    """Return the passage that shares most words with the query."""
    words = set(re.findall(r"\w+", query.lower()))
    return max(PASSAGES, key=lambda text: len(words & set(re.findall(r"\w+", text.lower()))))


async def run(example: Mapping[str, Any], prompts: Mapping[str, str], ask: Ask) -> str:
    """Return the answer to the question of a row."""
    query = await ask("scorer", f"{prompts['search']}\n\nQuestion: {example['question']}")
    passage = look_up(query.text)
    ask.note("passage", passage)
    answer = await ask("scorer", f"{prompts['answer']}\n\n{passage}\n\nQuestion: {example['question']}")
    return answer.text
