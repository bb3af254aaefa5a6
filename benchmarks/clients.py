"""Measure calls per second of OpenAI-compatible clients against a server that answers immediately.

    python benchmarks/clients.py [--peers PYTHON] [--rounds 5]

PYTHON is an interpreter that has openai, litellm and dspy, by default this one (extra `bench`). The clients
take turns sending the same conversations to a server in another process; the table gives medians of
`--rounds` rounds. The row "bare sockets" is the most that the server can do, and "aiohttp alone" posts the
conversation and ignores the reply.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
CALLS = {"ours": 3000, "aiohttp": 3000, "openai": 500, "litellm": 300, "dspy": 200, "socket": 6000}
LABELS = {
    "ours": "`OpenAIModel`",
    "aiohttp": "aiohttp alone",
    "openai": "AsyncOpenAI",
    "litellm": "litellm.acompletion",
    "dspy": "dspy.LM.acall",
    "socket": "bare sockets",
}
OWN = ("ours", "aiohttp", "socket")
Figures = dict[str, dict[int, list[dict[str, float]]]]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[16, 64])
    options = parser.parse_args()
    figures: Figures = {arm: {slots: [] for slots in options.concurrency} for arm in CALLS}
    command = [sys.executable, str(HERE / "clients_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        for round_ in range(options.rounds):
            for slots in options.concurrency:
                for arm, found in figures.items():
                    found[slots].append(_measure(arm, url, slots, options.peers))
                    print(
                        f"round {round_ + 1}, {slots} at a time, {arm}: {found[slots][-1]}", file=sys.stderr
                    )
        server.terminate()
    _print(figures, options.concurrency)


def _measure(arm: str, url: str, slots: int, peers: str) -> dict[str, float]:
    interpreter = sys.executable if arm in OWN else peers
    command = [
        interpreter,
        "-W",
        "ignore",
        str(HERE / "clients_arms.py"),
        arm,
        url,
        str(slots),
        str(CALLS[arm]),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _print(figures: Figures, concurrency: list[int]) -> None:
    heads = [f"calls/s at {slots} | CPU ms a call | ours is faster by" for slots in concurrency]
    print(f"| client | {' | '.join(heads)} |")
    print("|---|" + "---|---|---|" * len(concurrency))
    for arm, label in LABELS.items():
        cells = []
        for slots in concurrency:
            found, own = figures[arm][slots], figures["ours"][slots]
            rate = median(one["rate"] for one in found)
            cpu = median(one["cpu_ms"] for one in found)
            ratio = median(a["rate"] / b["rate"] for a, b in zip(own, found, strict=True))
            cells.append(f"{rate:,.0f} | {cpu:.2f} | {ratio:.1f} x")
        print(f"| {label} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
