"""The study with the design of the paper, on a few rows that the test makes."""

import json
import tomllib
from pathlib import Path
from random import Random

import pytest
from program_calls import Tp, caller
from studies_in_process import use_scripted
from tiny_runs import reply_by_hash

import transfer_prompting
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.studies.plan import check_data, plan_study

STUDY = Path(transfer_prompting.__file__).parent / "examples" / "paper" / "study.toml"
DOMAINS = {
    "commonsense": ({"commonsenseqa", "openbookqa", "logiqa"}, {"arc_easy", "cosmosqa"}),
    "medicine": ({"medqa", "pubmedqa"}, {"mmlu_medicine", "medmcqa"}),
    "law": ({"unfair_tos", "cuad_insurance"}, {"mmlu_law", "cuad_audit_rights", "cuad_governing_law"}),
    "finance": ({"tfns", "gold_headlines"}, {"mmlu_finance", "banking77"}),
}
ROWS = 40
TINY = """
[run.search]
answer = "stated"
seed_prompts = false
operators = ["extend", "describe"]
[run.source]
examples = 4
budget = 12
steps = 1
candidates = 2
[run.target]
examples = 4
budget = 12
steps = 1
candidates = 2
test_examples = 6
"""


@pytest.fixture
def tp(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tp:
    """Call `tp` with arguments."""
    return caller(monkeypatch, capsys)


def write_rows(folder: Path) -> None:
    """Write rows of the described form for every file that the study names."""
    random = Random(7)
    for name, task in tomllib.loads(STUDY.read_text())["tasks"].items():
        letters = task["answer"]["type"] == "letter"
        for file in {task["data"][split] for split in ("train", "test")}:
            path = folder / file
            path.parent.mkdir(exist_ok=True)
            lines = [json.dumps(_row(name, file, n, random, letters=letters)) for n in range(ROWS)]
            path.write_text("\n".join(lines) + "\n")


def _row(task: str, file: str, number: int, random: Random, *, letters: bool) -> dict[str, object]:
    words = " ".join("".join(random.choices("abcdefghijklmnop", k=7)) for _ in range(12))
    choices = [f"{word} {number}" for word in ("oak", "elm", "fir")] if letters else ["yes", "no", "maybe"]
    answer = "ABC"[number % 3] if letters else choices[number % 3]
    row: dict[str, object] = {"id": f"{file}-{number}", "question": f"{task}: {words}?"}
    row |= {"choices": choices, "answer": answer}
    return row | ({"context": words.upper()} if number % 2 and not letters else {})


def _reply(request: ModelRequest) -> str:
    """Answer as `reply_by_hash` does, but with a letter if the options have letters."""
    text = request.messages[-1].text
    answer = reply_by_hash(request)
    if "B. elm" not in text and "B) elm" not in text and "(B) elm" not in text:
        return answer
    return answer.replace("Answer: no", "Answer: B").replace("Answer: yes", "Answer: A")


def test_the_design(tmp_path: Path) -> None:
    """The targets are from the four domains of the paper, each with sources of its domain alone."""
    study = tomllib.loads(STUDY.read_text())
    assert set(study["targets"]) == set[str]().union(*(targets for targets, _ in DOMAINS.values()))
    for targets, sources in DOMAINS.values():
        for target in targets:
            assert set(study["targets"][target]["sources"]) <= sources
    assert len(study["targets"]) == 9


def test_it_can_be_planned(tmp_path: Path) -> None:
    """The study as it stands is valid, and can use rows of the form that its README describes."""
    write_rows(tmp_path)
    path = tmp_path / "study.toml"
    path.write_text(STUDY.read_text())
    plan = plan_study(path)
    assert (len(plan.cells), len(plan.earlier)) == (9 * 5 * 5, 9 * 5)
    check_data(plan)


def test_it_runs(tmp_path: Path, tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """With tiny sizes, one seed and one target of each domain, all arms end with a table and a page."""
    write_rows(tmp_path)
    text = STUDY.read_text().replace("seeds = [1, 2, 3, 4, 5]", "seeds = [1]")
    kept = {"commonsenseqa", "pubmedqa", "unfair_tos", "tfns"}
    head, *tables = text.split("\n[")
    tables = [table for table in tables if not table.startswith("run.")]
    tables = [t for t in tables if not t.startswith("targets.") or t[8:].partition("]")[0] in kept]
    monkeypatch.chdir(tmp_path)
    Path("study.toml").write_text("\n[".join([head, *tables]) + TINY)
    use_scripted(monkeypatch, _reply)
    ended = tp("study", "run", "--display", "none", "--accept-unreadable", "--json")
    assert ended.status == 0, ended.err
    found = json.loads(ended.out)
    assert {cell["status"] for cell in found["cells"]} == {"finished"}
    assert {row["target"] for row in found["rows"]} == {*kept, "all targets"}
    measures = {pair["measure"] for row in found["rows"] for pair in row["measures"]}
    assert {"ifr", "accuracy", "ece", "auroc", "pr_p", "pr_n"} <= measures
    assert tp("study", "report", "-o", "paper.html").status == 0
