"""The page docs/first-task.md works against an endpoint."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest
from aiohttp import web
from blocks import ROOT, carry_out
from openai_serving import completion, serving

PAGE = ROOT / "docs" / "first-task.md"


def reply(body: dict[str, object]) -> str:
    """Return the reply of a model that thanks if it is told to, and else asks back."""
    asked = json.dumps(body)
    return "Thank you for your kind words." if "hank" in asked else "Why? " + "Tell us more, please. " * 9


async def test_the_page_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of the page succeeds in its order, and the run finds an improvement."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    shutil.copy(ROOT / "examples" / "jobs" / "reviews.csv", tmp_path)
    page = re.sub(r"<!-- not run: it needs an endpoint[^\n]*", "<!-- output varies -->", PAGE.read_text())

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response(completion(reply(json.loads(await request.text()))))

    async with serving() as endpoint:
        endpoint.handler = handler
        page = page.replace("http://127.0.0.1:8080/v1", endpoint.url)
        done = await asyncio.to_thread(lambda: list(carry_out(page, tmp_path)))
    printed = {command.line: command.output for _, commands in done for command in commands}
    assert "improvement found: good_reply" in printed["tp run --display plain"]
    assert "Thank you for your kind words." in printed["tp try last --input new.csv"]
