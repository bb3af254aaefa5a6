"""A server that answers the examples in examples/jobs as an erratic model would."""

import json
import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import web
from openai_serving import Endpoint, completion

JOBS = Path(__file__).parents[2] / "examples" / "jobs"
_PROPOSALS = (
    "Answer exactly as asked, with nothing else.",
    "Look at each word before you answer, and be brief.",
    "Answer only what is asked.",
)
_JUDGEMENTS = ("Score: 4\nReason: It leaves out who decided.", "**Score: 2**\nReason: Wrong.", "Score: 5")
_SUMMARIES = ("The council closed the hall in winter.", "A storm felled trees.", "Nothing happened.")


def _dspy(sentence: str, answer: str) -> str:
    """Return a reply in the form of DSPy, with the fields of both predictors of job 14."""
    fields = {"sentence": sentence, "reasoning": "It says so.", "answer": answer, "completed": ""}
    return "\n\n".join(f"[[ ## {name} ## ]]\n{text}" for name, text in fields.items())


_ANSWERS: dict[str, tuple[str, ...]] = {
    "01": ("Answer: positive\nConfidence: 80", "Answer: negative\nConfidence: 60", "**negative**"),
    "02": ("Answer: A\nConfidence: 90", "B", "Answer: C\nConfidence: 40"),
    "03": ("3*6=18, 14+18=32.\nAnswer: 27", "Hmm.\n**Answer: 33**", "I give up."),
    "04": ('```json\n{"name": "Ann Li", "date": "2024-05-03", "amount": 445}\n```', "No JSON, sorry."),
    "05": _SUMMARIES,
    "06": ("billing, bug", "- refund\n- login", '["praise"]', "none"),
    "07": ("John Berg built it.", "Nobody knows.", "volunteers"),
    "08": ("Die Katze schläft auf dem Dach.", "Wir treffen uns um neun."),
    "09": ("Whistlo", "a kettle that sings", "SUNNY"),
    "10": ("John Berg", "The Holm sisters, dear guest."),
    "11": ("+", "-", "- \n\nNice day! => +"),
    "12": ("tower of Elm", "who built the mill", "John Berg", "Count Albrecht built it."),
    "13": ("The tower was built by the mason John Berg.", "Captain Reis", "the Holm sisters", "Vik"),
    "14": (_dspy("The mason John Berg built it.", "John Berg"), _dspy("", "Captain Reis"), "Monks built it."),
    "15": ("Answer: positive\nConfidence: 80", "Answer: negative\nConfidence: 60"),
    "16": ("Warm.", "cold", "It is **cold**.", "billing", "bug", "praise"),
}
"""Number of a job -> replies of a model that is right now and then."""


def shown(body: dict[str, Any]) -> str:
    """Return the text of a request, with a mark for each image."""
    contents = [message["content"] for message in body["messages"]]
    parts = [part for c in contents for part in ([{"text": c}] if isinstance(c, str) else c)]
    return "\n".join(part.get("text", "[image]") for part in parts)


def reply_to(job: str, text: str) -> str:
    """Return the reply, which the words of the request determine."""
    number = int(sha256(text.encode()).hexdigest(), 16)
    if "<instruction>" in text:
        kept = " ".join(dict.fromkeys(re.findall(r"\{\{ \w+ \}\}", text)))
        return f"<instruction>{_PROPOSALS[number % 3]} {kept}</instruction>"
    answers = _JUDGEMENTS if "Reason:" in text else _ANSWERS[job[:2]]
    return answers[number % len(answers)]


def answering(endpoint: Endpoint, job: str, when: Callable[[int], None] = lambda _: None) -> None:
    """Have `endpoint` answer a job; `when` is called with the number of each request."""

    async def handler(request: web.Request) -> web.StreamResponse:
        when(len(endpoint.requests))
        return web.json_response(completion(reply_to(job, shown(json.loads(await request.text())))))

    endpoint.handler = handler


def prepare_job(name: str, folder: Path, url: str) -> Path:
    """Return the configuration of a job in a folder of its own, with a server in place of its models."""
    shutil.copytree(JOBS, folder, dirs_exist_ok=True)
    text = (folder / f"{name}.toml").read_text()
    text = text.replace('provider = "smollm2"', 'provider = "openai"\nmodel = "small"\nbase_url = "URL"')
    text = re.sub(r'base_url = ".*"', f'base_url = "{url}"', text)
    if "stanfordnlp/sst2" in text:
        text = text.replace("stanfordnlp/sst2", str(hub_data(folder / "hub-data")))
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def hub_data(folder: Path) -> Path:
    """Write a data set in the shape of sst2, as a folder that the hub's library reads."""
    folder.mkdir()
    words = ("a joy", "a bore", "warm and clever", "two hours of my life", "sharp", "flat as a pancake")
    for split, rows in (("train", 24), ("validation", 12)):
        lines = [
            json.dumps({"idx": n, "sentence": f"{words[n % 6]} , part {n} of {split}", "label": 1 - n % 2})
            for n in range(rows)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(lines))
    return folder
