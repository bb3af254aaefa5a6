"""The wording judge in a configuration: its model, its rubric, and their faults."""

from pathlib import Path

import pytest

import transfer_prompting
from transfer_prompting.orchestration.config.overrides import apply
from transfer_prompting.orchestration.config.settings import RECORDED, Config, read_config, recorded_config
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.runtime.assembly import host_for, models_for
from transfer_prompting.prompts.rubric import read_rubric

MODEL = '{ provider = "openai", model = "m", base_url = "http://127.0.0.1:9/v1" }'
OTHER = MODEL.replace('"m"', '"other"')
RUBRIC = 'name = "own"\n[[dimensions]]\nname = "warmth"\nquestion = "Warm?"\nlow = "cold"\nhigh = "warm"\n'


def config(folder: Path, search: str, judge: str = f"judge = {OTHER}") -> Config:
    """Return a configuration with this table [search] and this model of the judge."""
    path = folder / "run.toml"
    path.write_text(
        f'[target]\ntask = "dates"\n[search]\n{search}\n'
        f"[models]\nscorer = {MODEL}\nreference = {MODEL}\n{judge}\n"
    )
    return read_config(path)


def test_a_judge_needs_a_model(tmp_path: Path) -> None:
    """[search.wording] without [models.judge] is refused, and the error names the missing table."""
    with pytest.raises(ConfigError, match=r"\[search\.wording\] needs a model.*\[models\.judge\]"):
        config(tmp_path, "wording = {}", judge="")


async def test_the_judge_takes_part(tmp_path: Path) -> None:
    """With [search.wording] the run has the judge and its model."""
    made = config(tmp_path, "wording = {}")
    pool = models_for(made)
    assert set(pool) == {"scorer", "reference", "judge"}
    assert pool["judge"].model is not pool["scorer"].model
    host = await host_for(made.search_settings())
    assert host.recipients_of("judgement.requested") == ("wording_judge/main",)
    assert host.recipients_of("prompt.judged") == ("curator/main",)


async def test_a_model_without_the_judge_of_wordings(tmp_path: Path) -> None:
    """[models.judge] alone gives the run that model, for the metrics of its tasks, but no wording judge."""
    made = config(tmp_path, "")
    assert set(models_for(made)) == {"scorer", "reference", "judge"}
    assert (await host_for(made.search_settings())).recipients_of("judgement.requested") == ()


def test_own_rubric(tmp_path: Path) -> None:
    """A rubric file is relative to the configuration; the recorded configuration no longer needs it."""
    (tmp_path / "own.toml").write_text(RUBRIC)
    search = (
        'wording = { rubric = "own.toml" }\nobjective = "composite"\nweights = { accuracy = 1, warmth = 1 }'
    )
    made = config(tmp_path, search)
    assert made.search.weights["warmth"] == 1
    (tmp_path / "own.toml").unlink()
    again = Config.model_validate(made.model_dump(mode="json", exclude={"log"}))
    assert again.search.wording == made.search.wording
    assert made.search_settings().wording == made.search.wording


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ('wording = { rubric = "none.toml" }', r"search\.wording\.rubric.*none\.toml: there is no such file"),
        ('wording = { dimensions = ["beauty"] }', r"search\.wording: .*no beauty; it has clarity"),
        ("wording = { sample = 3 }", r"search\.wording\.sample = 3.*Did you mean samples\?"),
        (
            "weights = { accuracy = 1, clarity = 1 }",
            r"search: weights apply to objective = \"composite\".*set search\.objective",
        ),
    ],
)
def test_faults(tmp_path: Path, search: str, message: str) -> None:
    """Each fault is one line with the file, the key and the remedy."""
    with pytest.raises(ConfigError, match=rf"run\.toml: {message}") as caught:
        config(tmp_path, search)
    assert len(str(caught.value).splitlines()) == 1


def test_a_faulty_rubric(tmp_path: Path) -> None:
    """A fault in a rubric is reported with the rubric's file and key."""
    (tmp_path / "own.toml").write_text(RUBRIC.replace("low", "lowest"))
    with pytest.raises(ConfigError, match=r"own\.toml: dimensions\.0\.low is missing"):
        config(tmp_path, 'wording = { rubric = "own.toml" }')


@pytest.mark.parametrize("before", ["wording = {}", ""])
def test_a_fork_keeps_its_judge(tmp_path: Path, before: str) -> None:
    """A fork can change the settings of its judge, but neither add nor remove the judge."""
    recorded = config(tmp_path, before).model_dump(mode="json")
    if before:
        judge = apply(recorded, {"search.wording.samples": 5}).search.wording
        assert judge is not None
        assert judge.samples == 5
    with pytest.raises(ConfigError, match=r"search\.wording: a fork has a wording judge if and only if"):
        apply(recorded, {"search.wording": None if before else {}})


def test_the_former_name(tmp_path: Path) -> None:
    """A configuration with [search.judge] is told the new name, and how to have responses judged."""
    with pytest.raises(
        ConfigError, match=r"search: \[search\.judge\] is called \[search\.wording\] now.*metric"
    ):
        config(tmp_path, "judge = {}")


@pytest.mark.parametrize("judged", [True, False])
def test_a_configuration_in_an_old_log(tmp_path: Path, judged: bool) -> None:
    """The table `judge` of an old log is that of the wording judge; without it, no role asked the model."""
    recorded = config(tmp_path, "wording = {}").model_dump(mode="json", exclude={"log"})
    table = recorded["search"].pop("wording")
    recorded["search"]["judge"] = table if judged else None
    lifted = Config.model_validate(recorded_config(recorded), context=RECORDED)
    assert (lifted.search.wording is not None) is judged
    assert (lifted.models.judge is not None) is judged
    assert apply(recorded, {"seed": 7}).search == lifted.search
    assert "judge" in recorded["search"]


def test_the_example() -> None:
    """The example in the repository is a valid configuration whose judged dimensions have weights."""
    example = read_config(Path(transfer_prompting.__file__).parent / "examples" / "judge.toml")
    assert example.search.wording is not None
    assert set(example.search.wording.names) < set(example.search.weights)


def test_the_page(tmp_path: Path) -> None:
    """The configuration and the rubric in docs/judge.md are valid."""
    page = (Path(transfer_prompting.__file__).parent / "docs" / "judge.md").read_text()
    shown, rubric = [part.partition("```")[0] for part in page.split("```toml\n")[1:]][-2:]
    (tmp_path / "rubric.toml").write_text(rubric)
    assert read_rubric(tmp_path / "rubric.toml").names == ("warmth",)
    models = f"[models]\nscorer = {MODEL}\nreference = {MODEL}\n"
    (tmp_path / "run.toml").write_text(f'[target]\ntask = "dates"\n{models}{shown}')
    made = read_config(tmp_path / "run.toml")
    assert made.search.wording is not None
    assert made.search.wording.names == ("clarity", "harmlessness")
