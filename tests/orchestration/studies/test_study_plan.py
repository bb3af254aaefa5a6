"""The description of a study, and the runs that follow from it."""

import json
from pathlib import Path

import pytest
from studies_making import CELLS, STUDY, write_study

from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.studies.plan import StudyPlan, plan_study
from transfer_prompting.prompts.errors import TaskError

SEARCH = STUDY[STUDY.index("[run.search]") : STUDY.index("[targets.first]")]
EXPERIENCE = STUDY.replace('"transfer"]', '"transfer", "experience"]')


def named(plan: StudyPlan) -> dict[str, str]:
    """Return the name of each run by its place in the table."""
    return {str(cell.label): cell.run for cell in plan.runs}


def test_every_combination_has_a_run(tmp_path: Path) -> None:
    """There is one run for each target, model, arm and seed, each with a name of its own."""
    plan = plan_study(write_study(tmp_path))
    assert len(plan.cells) == CELLS == len(set(named(plan).values()))
    assert plan.earlier == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[models.large]", "[models.renamed]"),
        ('name = "small"', 'name = "other"'),
        ("seeds = [1, 2, 3]", "seeds = [3, 2, 1, 7]"),
        ('arms = ["target only"', 'arms = ["initial", "target only"'),
        ("[run.search]", "[run.search]\nracing = true"),
        ("[targets.first]", '[targets.third]\nsources = ["first"]\n[targets.first]'),
        ('name = "small"', 'name = "small"\nbudget.tokens = 5\nrun.budget.tokens = 3'),
    ],
)
def test_what_decides_nothing_changes_no_name(tmp_path: Path, old: str, new: str) -> None:
    """Labels, defaults that are written out, and further seeds, arms and targets leave the names as they are.

    A budget of a single run decides what it finds, so it does change the name.
    """
    before = set(named(plan_study(write_study(tmp_path))).values())
    after = set(named(plan_study(write_study(tmp_path, text=STUDY.replace(old, new)))).values())
    assert (before <= after) == ("budget" not in new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("steps = 1", "steps = 2"),
        ('model = "m"', 'model = "k"'),
        ('operators = ["history", ', "operators = ["),
        ("[run.search]", "[run.search]\nhistory = 3"),
    ],
)
def test_what_decides_changes_the_names(tmp_path: Path, old: str, new: str) -> None:
    """A run with other settings has another name."""
    before = named(plan_study(write_study(tmp_path)))
    after = named(plan_study(write_study(tmp_path, text=STUDY.replace(old, new))))
    large = [place for place in before if "large" in place]
    assert large
    assert all(before[place] != after[place] for place in large)


def test_changed_data_change_the_names_of_their_runs(tmp_path: Path) -> None:
    """If a row of a task changes, the runs that use the task have other names, and no others."""
    before = named(plan_study(write_study(tmp_path)))
    rows = tmp_path / "third" / "dev.jsonl"
    rows.write_text(rows.read_text().replace("third dev 3", "third dev three"))
    after = named(plan_study(tmp_path / "study.toml"))
    changed = {place.split(" / ")[2] for place in before if before[place] != after[place]}
    assert changed == {"transfer"}


def test_the_folder_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study has the same names in another folder, and from another working directory."""
    here, there = plan_study(write_study(tmp_path / "here")), write_study(tmp_path / "there")
    monkeypatch.chdir(tmp_path / "there")
    assert named(plan_study(Path(there.name))) == named(here)


def test_settings(tmp_path: Path) -> None:
    """Each of the named settings is tried, and those of a target hold for it alone."""
    text = STUDY + (
        "[settings.warm.search]\ntemperature = 0.9\n[settings.cold.search]\ntemperature = 0.1\n"
        "[targets.first.run.target]\nexamples = 4\n"
    )
    plan = plan_study(write_study(tmp_path, text=text))
    assert len(plan.cells) == 2 * CELLS
    found = {
        (cell.label.target, cell.label.setting): (
            cell.config.search.temperature,
            cell.config.only_target.examples,
        )
        for cell in plan.cells
    }
    assert found == {
        ("first", "warm"): (0.9, 4),
        ("first", "cold"): (0.1, 4),
        ("second", "warm"): (0.9, 6),
        ("second", "cold"): (0.1, 6),
    }


def test_arms(tmp_path: Path) -> None:
    """A search from scratch has the limits of both stages, an initial run searches nothing."""
    text = STUDY.replace('arms = ["target only"', 'arms = ["initial", "target only"').replace(
        "[run.source]\nsteps = 1", "[run.source]\nsteps = 3\nbudget = 40"
    )
    text = text.replace("[run.target]\nsteps = 1", "[run.target]\nsteps = 2\nbudget = 60")
    plan = plan_study(write_study(tmp_path, text=text))
    arms = {
        cell.label.arm: (
            cell.config.source.tasks,
            cell.config.only_target.steps,
            cell.config.only_target.budget,
        )
        for cell in plan.cells
        if cell.label.target == "second"
    }
    assert arms == {
        "initial": ((), 0, None),
        "target only": ((), 2, 60),
        "from scratch": ((), 5, 100),
        "transfer": (("third", "first"), 2, 60),
    }


def test_experience_needs_earlier_runs(tmp_path: Path) -> None:
    """A run with experience begins with searches from scratch on its sources, each of which is made once."""
    plan = plan_study(write_study(tmp_path, text=EXPERIENCE))
    places = {cell.run: cell.label for cell in plan.runs}
    [cell] = [c for c in plan.cells if str(c.label) == "second / large / experience / seed 2"]
    assert [str(places[run]) for run in cell.earlier] == [
        "third / large / from scratch / seed 2",
        "first / large / from scratch / seed 2",
    ]
    # The source that is a target of the study is searched as such; the other one is a further run.
    assert {one.label.target for one in plan.earlier} == {"third"}
    assert len(plan.earlier) == 2 * 3


def test_a_study_goes_on_seed_by_seed(tmp_path: Path) -> None:
    """All runs of a seed, those on sources too, come before the next seed, each after those it begins with.

    A study that is stopped half-way then has a table of the seeds that are complete.
    """
    plan = plan_study(write_study(tmp_path, text=EXPERIENCE))
    order = [cell.run for cell in plan.runs]
    assert len(order) == len(set(order)) == len(plan.cells) + len(plan.earlier) > len(plan.cells)
    assert [cell.label.seed for cell in plan.runs] == sorted(cell.label.seed for cell in plan.runs)
    assert all(order.index(run) < order.index(cell.run) for cell in plan.runs for run in cell.earlier)


def test_experience_is_named_after_its_lessons(tmp_path: Path) -> None:
    """If the earlier runs are others, so is the run that begins with their lessons."""
    before = named(plan_study(write_study(tmp_path, text=EXPERIENCE)))
    assert len(set(before.values())) == len(before)
    rows = tmp_path / "third" / "dev.jsonl"
    rows.write_text(rows.read_text().replace("third dev 3", "third dev three"))
    after = named(plan_study(tmp_path / "study.toml"))
    changed = {place.split(" / ")[2] for place in before if before[place] != after[place]}
    assert changed == {"from scratch", "transfer", "experience"}
    assert all("third" in place for place in before if "scratch" in place and before[place] != after[place])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("seeds = [1, 2, 3]", "seeds = []", ["seeds", "at least 1"]),
        ("seeds = [1, 2, 3]", "seeds = [1, 1]", ["seeds lists 1 twice"]),
        ("seeds = [1, 2, 3]\n", "", ["seeds is missing"]),
        ('"transfer"]', '"tranfser"]', ["arms", "'transfer'"]),
        ('sources = ["third"]', "", ["[targets.first]", "sources", "from scratch"]),
        ('sources = ["third"]', 'sources = ["first"]', ["[targets.first] names a task twice"]),
        ("[run.search]", "[run.search]\ntemprature = 1", ["temprature", "Did you mean temperature", "first"]),
        ("[run.search]", "[run]\nseed = 3\n[run.search]", ["run.seed", "list the seeds as `seeds`"]),
        (SEARCH, "[run]\nsearch = 3\n", ["run.search must be a table"]),
        ("[run.target]", '[run.target]\ntask = "first"', ["run.target.task", "[targets.NAME]"]),
        ('provider = "openai"\nmodel = "n"', 'provider = "opnai"', ["provider", "'openai'"]),
        ("[models.large]", '[models.large]\napi_key = "sk-abcdefghijklmnopqrstuvwxyz"', ["api_key_env"]),
        ('name = "small"', 'nme = "small"', ["nme", "Did you mean name"]),
        ('name = "small"', 'name = "small"\nbudget.tokens = 9', ["budget.tokens", "set run.budget.tokens"]),
        ("[run.target]", "[run.target]\nbudget = 5", ["from scratch", "source.budget"]),
        ("[run.search]", "[run.search]\nevaluations = 50", ["target only", "source.budget"]),
        ("[targets.first]", "[targets.fifth]", ["no task 'fifth'"]),
        ('name = "small"', 'name = "small"\nexecutor = { kind = "slrum" }', ["executor.kind", "'slurm'"]),
        ('name = "small"', 'name = "small"\nexecutor = { address = "x" }', ["only: leave it out", "ray"]),
        ('name = "small"', "name = small", ["is not TOML"]),
    ],
)
def test_errors(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    """The error for an invalid study names the place and the remedy, and repeats no key."""
    assert old in STUDY
    with pytest.raises(ConfigError) as caught:
        plan_study(write_study(tmp_path, text=STUDY.replace(old, new, 1)))
    for word in [*words, "study.toml"]:
        assert word in str(caught.value)
    assert "abcdefghij" not in str(caught.value)


def test_an_unreadable_file(tmp_path: Path) -> None:
    """A missing study is an error that says where a complete one is shown."""
    with pytest.raises(ConfigError, match=r"no study .*none.toml"):
        plan_study(tmp_path / "none.toml")


def test_bad_data_show_before_any_run(tmp_path: Path) -> None:
    """All data are read before the first run begins."""
    from transfer_prompting.orchestration.studies.plan import check_data

    path = write_study(tmp_path)
    check_data(plan_study(path))
    rows = tmp_path / "third" / "dev.jsonl"
    rows.write_text(json.dumps({"question": "What?", "answer": "perhaps"}) + "\n")
    with pytest.raises(TaskError, match="perhaps"):
        check_data(plan_study(path))
