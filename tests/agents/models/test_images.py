"""Images in requests: what endpoints are sent, what is counted, and who refuses them."""

from typing import Any

import pytest
from openai_serving import Endpoint, serving

from transfer_prompting.agents.models.base import ChatMessage, ModelError, ModelRequest
from transfer_prompting.agents.models.human import FileAsker, HumanModel
from transfer_prompting.agents.models.local.sources import ModelSource
from transfer_prompting.agents.models.openai.model import OpenAIModel
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.models.token_bounds import IMAGE_TOKENS, default_count, prompt_bound
from transfer_prompting.orchestration.calls.dispatcher import call_key
from transfer_prompting.orchestration.projections.worst_case import worst_case
from transfer_prompting.prompts.content_parts import ImagePart, ImageUrl, TextPart

DOT = "data:image/png;base64,iVBORw0KGgo="
PARTS = (TextPart(text="Katze?"), ImagePart(image_url=ImageUrl(url=DOT, detail="low")))
SENT = [
    {"type": "text", "text": "Katze?"},
    {"type": "image_url", "image_url": {"url": DOT, "detail": "low"}},
]


def showing(*before: ChatMessage, **settings: Any) -> ModelRequest:
    """Return a request whose last turn shows an image."""
    return ModelRequest(messages=(*before, ChatMessage(role="user", content=PARTS)), **settings)


def test_a_text_is_stored_as_before() -> None:
    """A content that is one text keeps its bytes in the log, and so the call keeps its key."""
    request = ModelRequest(messages=(ChatMessage(role="user", content="Katze?"),))
    assert '"messages":[{"role":"user","content":"Katze?"}]' in request.model_dump_json()
    assert call_key("m", request) == "7c324f260d28b9d401f67a7dbd641c49"


def test_parts_survive_the_log() -> None:
    """A request with parts is the same after it was stored and read."""
    assert ModelRequest.model_validate_json(showing().model_dump_json()) == showing()


@pytest.mark.parametrize(
    "content", [(), [], [{"type": "text"}], [{"type": "image_url", "image_url": {"url": "a.png"}}]]
)
def test_other_contents_are_refused(content: Any) -> None:
    """A turn without parts, and parts without their fields, are no content."""
    with pytest.raises(ValueError, match="content"):
        ChatMessage(role="user", content=content)


async def test_parts_are_sent_as_they_are(ask: Any) -> None:
    """An endpoint gets texts and images in OpenAI's protocol, and nothing opens an address."""
    async with serving() as endpoint:
        model = OpenAIModel("m", endpoint.url, api_key=None)
        await model.reply(showing(ChatMessage(role="system", content="Answer yes or no.")))
        await model.close()
    [(body, _)] = endpoint.requests
    assert body["messages"] == [
        {"role": "system", "content": "Answer yes or no."},
        {"role": "user", "content": SENT},
    ]


async def test_a_refused_system_message_goes_before_the_parts() -> None:
    """At a server without system messages, their words become the first part."""
    async with serving() as endpoint:
        refusal = {"error": {"message": "Developer instruction is not enabled for models/gemma-3"}}
        endpoint.handler = Endpoint.in_turn(endpoint.respond(refusal, 400), endpoint.handler)
        model = OpenAIModel("m", endpoint.url, api_key=None)
        await model.reply(showing(ChatMessage(role="system", content="Yes or no.")))
        await model.close()
    [message] = endpoint.requests[1][0]["messages"]
    assert message["content"] == [{"type": "text", "text": "Yes or no.\n\n"}, *SENT]


def test_an_image_counts_by_its_bound_and_not_by_its_bytes() -> None:
    """A budget reserves the same for each image: its base64 is no text of the prompt."""
    large = ImagePart(image_url=ImageUrl(url="data:image/png;base64," + "A" * 400_000))
    small = showing()
    one = small.model_copy(update={"messages": (ChatMessage(role="user", content=(PARTS[0], large)),)})
    two = small.model_copy(update={"messages": (ChatMessage(role="user", content=(*PARTS, large)),)})
    assert abs(prompt_bound(one) - prompt_bound(small)) < 20
    assert IMAGE_TOKENS < prompt_bound(two) - prompt_bound(one) < IMAGE_TOKENS + 50
    assert default_count(small).prompt == prompt_bound(small)


@pytest.mark.parametrize("options", [None, ("yes", "no")])
def test_the_setting_bounds_an_image_before_and_after_a_request(options: tuple[str, ...] | None) -> None:
    """What a model reserves for an image is what a lost request is charged, with the same setting."""
    request = showing(options=options)
    model = OpenAIModel("m", "http://127.0.0.1:9/v1", api_key=None, server="vllm", image_tokens=50_000)
    count = model.count(request)
    assert count is not None
    assert count.prompt >= 50_000
    settings = {"provider": "openai", "server": "vllm", "image_tokens": 50_000}
    assert worst_case(settings, request) == count


async def test_a_person_is_not_shown_an_image(tmp_path: Any) -> None:
    """A question to a person is text, so an image is refused instead of left out."""
    with pytest.raises(ModelError, match="cannot see images, and the request holds 1") as refused:
        await HumanModel(FileAsker(tmp_path)).reply(showing())
    assert (refused.value.cause, refused.value.retryable) == ("not_supported", False)
    assert not list(tmp_path.iterdir())


async def test_a_model_in_this_process_refuses_images() -> None:
    """The refusal comes before any weights are loaded, and its advice names the provider to use."""
    pytest.importorskip("transformers")
    from transfer_prompting.agents.models.local.model import TransformersModel

    def never() -> Any:
        raise AssertionError("weights were asked for")

    model = TransformersModel(ModelSource("nowhere", never), device="cpu")
    with pytest.raises(ModelError, match='provider "openai"') as refused:
        await model.reply(showing())
    assert refused.value.cause == "not_supported"
    await model.close()


@pytest.mark.model
@pytest.mark.xdist_group("model")
async def test_parts_of_text_are_text_to_the_embedded_model(embedded: Any, ask: Any) -> None:
    """A content of texts alone is read like one text with a line for each part."""
    parts = tuple(TextPart(text=words) for words in ("Say yes.", "Now."))
    whole = await embedded.reply(ask("Say yes.\nNow.", max_tokens=3))
    request = ModelRequest(messages=(ChatMessage(role="user", content=parts),), max_tokens=3)
    assert await embedded.reply(request) == whole


async def test_a_scripted_model_counts_the_words_that_are_shown() -> None:
    """The words of an image's name count, and its base64 does not."""
    assert (await ScriptedModel(lambda _request: "yes").reply(showing())).prompt_tokens == 5
