"""A user's own ChatCompletionClient, named in configurations as "own_client:make"."""

from tiny_runs import reply_by_hash

from transfer_prompting import ModelClient
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel


def make() -> ModelClient:
    """Return a client whose replies follow from the request."""
    return ModelClient(ScriptedModel(_reply))


def _reply(request: ModelRequest) -> str:
    text = request.messages[-1].text
    if "You review a prompt" in text:
        return "VETO: it names an answer." if len(text) % 2 else "PASS"
    if "Translate" in text:
        return "Entscheide: " + text[-40:].replace("\n", " ")
    return reply_by_hash(request)
