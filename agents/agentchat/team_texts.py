"""The texts of an AgentChat team. AutoGen has no public way to change them: this file knows their places."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from autogen_agentchat.base import ChatAgent, Team
from autogen_core.models import SystemMessage

from ...storage.errors import TransferPromptingError

_TESTED = "0.7.5"
Part = ChatAgent | Team


class TeamTexts:
    """The system messages of a team's agents, and the descriptions by which a model chooses between them.

    A system message has the name of its agent, and a description the name NAME_description. A description is
    a text only if a model of its team reads it, as in a `SelectorGroupChat`. Inner teams and agents that are
    tools count as well.
    """

    def __init__(self, team: Part) -> None:
        self.optimised: frozenset[str] = frozenset()
        """Names of the texts that were written."""
        self._places: dict[str, _SystemMessage | _Description] = {}
        for part in parts_of(team):
            if getattr(part, "_system_messages", None):
                self._add(part.name, _SystemMessage(part))
            if isinstance(part, Team) and getattr(part, "_model_client", None) is not None:
                for index, participant in enumerate(_held(part, "_participants")):
                    self._add(f"{participant.name}_description", _Description(part, index))

    def read(self) -> dict[str, str]:
        """Return name -> text."""
        return {name: place.read() for name, place in self._places.items()}

    def write(self, texts: Mapping[str, str]) -> None:
        """Put texts into the team, which must not have run yet. Raise `ValueError` for an unknown name."""
        for name, text in texts.items():
            if name not in self._places:
                raise ValueError(f"the team has no text {name!r}; its texts are {', '.join(self._places)}")
            self._places[name].write(text)
        self.optimised = frozenset(texts)

    def names_in(self, system: set[str], words: str) -> tuple[str, ...]:
        """Return the texts of a request with these system messages and these words."""
        return tuple(name for name, place in self._places.items() if place.is_in(system, words))

    def _add(self, name: str, place: "_SystemMessage | _Description") -> None:
        if name in self._places:
            raise ValueError(f"two texts of the team are called {name!r}; give each agent a name of its own")
        self._places[name] = place


def parts_of(team: Part) -> Iterator[Part]:
    """Yield a team and all agents and teams in it, those that agents use as tools included."""
    seen: set[int] = set()
    found = [team]
    while found:
        part = found.pop(0)
        if id(part) not in seen:
            seen.add(id(part))
            yield part
            found += _inner_parts(part)


def running_tasks(team: Team) -> list[Any]:
    """Return the tasks in which the agents of a team work: cancelling the team's own leaves them running."""
    return list(getattr(_held(team, "_runtime"), "_background_tasks", ()))


class _SystemMessage:
    def __init__(self, agent: Any) -> None:
        self._agent = agent

    def read(self) -> str:
        return str(_held(self._agent, "_system_messages")[0].content)

    def write(self, text: str) -> None:
        self._agent._system_messages = [SystemMessage(content=text)]

    def is_in(self, system: set[str], words: str) -> bool:
        return self.read() in system


class _Description:
    def __init__(self, team: Any, index: int) -> None:
        self._team = team
        self._index = index
        self._name = _held(team, "_participants")[index].name

    def read(self) -> str:
        return str(_held(self._team, "_participant_descriptions")[self._index])

    def write(self, text: str) -> None:
        _held(self._team, "_participant_descriptions")[self._index] = text

    def is_in(self, system: set[str], words: str) -> bool:
        # Teams list the participants as NAME: DESCRIPTION, with each white space as one blank.
        return " ".join(f"{self._name}: {self.read()}".split()) in words


def _inner_parts(part: Any) -> list[Part]:
    if isinstance(part, Team):
        return list(_held(part, "_participants"))
    inner = [getattr(part, "_team", None), getattr(part, "_wrapped_agent", None)]
    for workbench in getattr(part, "_workbench", None) or ():
        inner += [getattr(tool, "_task_runner", None) for tool in getattr(workbench, "_tools", ())]
    return [found for found in inner if isinstance(found, ChatAgent | Team)]


def _held(part: Any, attribute: str) -> Any:
    """Return a private attribute. Raise an error that names the version if AutoGen has none of that name."""
    try:
        return getattr(part, attribute)
    except AttributeError as error:
        raise TransferPromptingError(
            f"autogen-agentchat {version('autogen-agentchat')} keeps the texts of {type(part).__name__} "
            f"elsewhere than {_TESTED}: it has no {attribute}. Install autogen-agentchat=={_TESTED}, or "
            "write the program as a function."
        ) from error
