"""A pack holds no row of anybody's data, and a hostile one is refused."""

import json
from pathlib import Path

import pytest
from taught_logs import taught_log

from transfer_prompting.agents.experience.carried import CarriedLesson
from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.experience.pack import Pack, make_pack, pack_text, read_pack
from transfer_prompting.orchestration.projections.experience.fold import read_experience
from transfer_prompting.storage.opening import open_reader

LESSON = CarriedLesson(
    lesson=Lesson(sentence="Follow it.", mean=0.1, sd=0.02, answers=9, examples=4), model="m", answers="label"
)


async def test_no_row_and_no_own_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences that repeat a row, and those of the user's first prompts, stay behind and are counted."""
    with open_reader(await taught_log(tmp_path, monkeypatch)) as reader:
        experience = read_experience([reader])
    before = make_pack(experience)
    [group] = experience.groups.values()
    id_ = next(one.id for one in group.candidates.values() if one.operator == "history")
    candidate = group.candidates[id_]
    quoting = f'{candidate.text} The answer to "Is 7 even?" is no.'
    group.candidates[id_] = candidate.model_copy(update={"text": quoting})
    after = make_pack(experience)
    assert (before.quoting, before.own, before.unfit) == (0, 1, 0)
    assert (after.quoting, after.own) == (1, 1)
    text = pack_text(after.pack)
    assert "even" not in text
    path = tmp_path / "pack.json"
    path.write_text(text)
    assert read_pack(path) == after.pack


def changed(**fields: object) -> str:
    """Return a pack with one lesson whose fields are changed."""
    written = json.loads(pack_text(Pack(lessons=(LESSON,))))
    for key, value in fields.items():
        place = written["lessons"][0]
        (place["lesson"] if key in place["lesson"] else place)[key] = value
    return json.dumps(written)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "JSON"),
        ("[1]", "pack.json"),
        (changed(sentence="One. Two."), "not one sentence"),
        (changed(sentence="x" * 401), "not one sentence"),
        (changed(sentence="Wipe \x1b[2J it."), "control"),
        (changed(sentence="Turn \u202e it."), "control"),
        (changed(model="a\nb"), "control"),
        (changed(mean=7.0), "outside"),
        (changed(sd=0), "sd"),
        (changed(mean=float("nan")), "pack.json"),
        (changed(share=2), "share"),
        (changed(topic="\x07"), "control"),
        (json.dumps({"schema": "other/1", "lessons": []}), "schema"),
        (json.dumps({"schema": "transfer-prompting/experience/1", "lessons": [], "more": 1}), "more"),
        ('{"lessons":' + "[" * 5000, "pack.json"),
    ],
)
def test_hostile(text: str, says: str, tmp_path: Path) -> None:
    """What no log could have taught is refused, with the file and the fault."""
    path = tmp_path / "pack.json"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_pack(path)
    assert says in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_too_large(tmp_path: Path) -> None:
    """A file of more than ten megabytes is not read."""
    path = tmp_path / "pack.json"
    with path.open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(ConfigError, match="at most 10,000,000"):
        read_pack(path)
