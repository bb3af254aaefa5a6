"""A program behind an HTTP endpoint: a row and the texts go there as JSON, and the output comes back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..models.base import ModelError
from ..models.openai.api_key import ApiKey
from ..models.openai.bodies import read_up_to
from ..models.openai.proxies import proxy_for
from ..models.openai.requests import address, without_secrets
from .base import Ask
from .failure import ProgramFailed
from .wire import LIMIT, from_json, quoted, to_json

if TYPE_CHECKING:
    import aiohttp

_CONNECT_SECONDS = 30.0


class _Step(BaseModel):
    """One model call of the endpoint."""

    model_config = ConfigDict(frozen=True)

    texts: tuple[str, ...] = ()
    model: str = "model"
    asked: str = ""
    reply: str = ""


class _Usage(BaseModel):
    model_config = ConfigDict(frozen=True)

    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class _Result(BaseModel):
    """What an endpoint returns. Fields that are not known are ignored."""

    model_config = ConfigDict(frozen=True)

    output: Any
    trace: tuple[_Step, ...] = Field(default=(), max_length=1000)
    usage: _Usage | None = None


class HttpProgram:
    """Posts each row to an endpoint. The model calls that it makes are outside the log and the budget.

    `seconds` is the longest time that one reply may take. `key` is sent as a bearer token, and `headers` as
    they are; what the endpoint sends back is told without them. Raises `ProgramFailed` for an address that
    is not http or https, and for a key that no header can hold.
    """

    def __init__(
        self, url: str, *, seconds: float = 300.0, key: str = "", headers: Mapping[str, str] = {}
    ) -> None:
        self._shown = without_secrets(url)
        try:
            self._url = address(url, "")
        except ModelError as error:
            raise ProgramFailed(
                f"The program's url {self._shown!r} is not an http or https address. Write it as "
                "http://127.0.0.1:8000/run."
            ) from error
        self._seconds = seconds
        self._keys = [ApiKey(secret) for secret in (key, *headers.values())]
        try:
            self._headers = self._keys[0].headers() | {
                name: one.value for name, one in zip(headers, self._keys[1:], strict=True)
            }
        except ModelError as error:
            raise ProgramFailed(f"The program at {self._shown} cannot be asked: {error}") from error

    async def run(self, example: Mapping[str, Any], prompts: Mapping[str, str], ask: Ask) -> Any:
        """Return the endpoint's output. Raise `ProgramFailed`, which names the endpoint, without one."""
        sent = to_json({"example": dict(example), "prompts": dict(prompts)})
        result = self._checked(await self._posted(sent))
        for step in result.trace:
            texts = [name for name in step.texts if name in prompts]
            ask.note(step.model, f"{step.asked}\n{step.reply}".strip(), text=texts)
        if result.usage is not None:
            used = result.usage
            ask.note("usage", f"{used.prompt_tokens} prompt and {used.completion_tokens} completion tokens")
        return result.output

    async def _posted(self, body: bytes) -> bytes:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=self._seconds, sock_connect=_CONNECT_SECONDS)
        headers = self._headers | {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        try:
            # Compressed replies are not inflated: a small one may have any size.
            async with (
                aiohttp.ClientSession(
                    timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                session.post(
                    self._url,
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    proxy=proxy_for(self._url),
                ) as response,
            ):
                return await self._body(response)
        except TimeoutError as error:
            raise self._failed(
                f"did not reply within {self._seconds:g} seconds. Raise `timeout`, or make it faster."
            ) from error
        except aiohttp.ClientConnectorError as error:
            raise self._failed(f"is not reachable ({error.os_error}). Start it, or correct `url`.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._failed(f"broke off its reply ({type(error).__name__}). See its own log.") from error

    async def _body(self, response: "aiohttp.ClientResponse") -> bytes:
        body, cut = await read_up_to(response.content.iter_any(), LIMIT)
        if cut:
            raise self._failed(f"sent more than {LIMIT // 2**20} MiB. Return the output alone.")
        for key in self._keys:
            body = key.hide_in_body(body)
        status = response.status
        if 300 <= status < 400:
            target = without_secrets(response.headers.get("Location", "")) or "nowhere"
            raise self._failed(f"redirects to {target}. Name the final address as `url`.")
        if status != 200:
            raise self._failed(f"replied with status {status}: {quoted(body)}. See its own log.")
        return body

    def _checked(self, body: bytes) -> _Result:
        try:
            return _Result.model_validate(from_json(body))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "the reply"
            raise self._failed(
                f'sent JSON of another shape: {place}: {first["msg"]}. Return {{"output": ...}}.'
            ) from None
        except ValueError as error:
            raise self._failed(f'sent no JSON: {quoted(body)}. Return {{"output": ...}}.') from error

    def _failed(self, what: str) -> ProgramFailed:
        for key in self._keys:
            what = key.hide(what)
        return ProgramFailed(f"The program at {self._shown} {what}")
