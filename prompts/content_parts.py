"""Content of a chat turn: a text, or parts that are texts and images.

An image is an address that is passed on to the model's endpoint. Nothing here, or anywhere in the project,
opens it: a local path is refused, so that a data file cannot send other files away.
"""

import re
from collections.abc import Sequence
from string import ascii_letters, digits
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

MOST_IMAGE_BYTES = 20_000_000
"""Size of the largest image allowed within a text, which no well-known endpoint exceeds."""
_LONGEST_URL = 8192
_DATA = re.compile(r"data:(image/[A-Za-z0-9.+-]{1,40});base64,")
_BASE64 = f"{ascii_letters}{digits}+/".encode()
_MEND = "Use an http or https address, or data:image/png;base64,... with the image itself."


def _checked_address(url: str) -> str:
    """Return the address of an image if it can be passed on. Raise ValueError for any other."""
    if head := _DATA.match(url):
        return _checked_data(url, head.end())
    shown = repr(url[:60])
    if url[:5].casefold() == "data:":
        raise ValueError(f"{shown} is not an image in base64. {_MEND}")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid or len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"{shown} is not an address that an endpoint can open. {_MEND}")
    if "@" in parts.netloc:
        raise ValueError(f"the address of an image at {parts.hostname} holds a user, which would be stored.")
    return url


def _checked_data(url: str, start: int) -> str:
    body = url[start:].encode(errors="replace")
    if not body or body.rstrip(b"=").translate(None, _BASE64) or len(body) - len(body.rstrip(b"=")) > 2:
        raise ValueError(f"the image {url[:start]}... is not base64. {_MEND}")
    if (size := _decoded(url[start:])) > MOST_IMAGE_BYTES:
        raise ValueError(
            f"an image has {_size(size)}, at most {_size(MOST_IMAGE_BYTES)} are allowed. "
            "Make it smaller, or give its address."
        )
    return url


class _Part(BaseModel):
    # Errors do not quote what was written: an image has megabytes.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TextPart(_Part):
    """A text within the content of a chat turn."""

    type: Literal["text"] = "text"
    text: str


class ImageUrl(_Part):
    """The address of an image: http, https, or data:image/...;base64 with the image itself."""

    url: Annotated[str, AfterValidator(_checked_address)]
    detail: Literal["auto", "low", "high"] | None = Field(
        default=None, exclude_if=lambda value: value is None
    )
    """Resolution in which the endpoint looks at it; None leaves the choice to the endpoint."""

    @property
    def name(self) -> str:
        """The image in words: its address, or its kind and size if the address holds the image itself."""
        head = _DATA.match(self.url)
        if head is None:
            return f"[image, {self.url}]"
        return f"[image, {head[1]}, {_size(_decoded(self.url[head.end() :]))}]"


class ImagePart(_Part):
    """An image within the content of a chat turn, as OpenAI's protocol writes it."""

    type: Literal["image_url"] = "image_url"
    image_url: ImageUrl


ContentPart = Annotated[TextPart | ImagePart, Field(discriminator="type")]
Content = str | Annotated[tuple[ContentPart, ...], Field(min_length=1)]
"""A text, or parts in their order."""
_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


def text_of(content: Content) -> str:
    """Return a content as text, one part a line; an image is named and never quoted."""
    if isinstance(content, str):
        return content
    return "\n".join(part.text if isinstance(part, TextPart) else part.image_url.name for part in content)


def stored_text(content: Any) -> str:
    """Return a content as text, from a payload of a log. Raises `ValidationError` if it is no content."""
    return content if isinstance(content, str) else text_of(_CONTENT.validate_python(content))


def images_of(content: Content) -> Sequence[ImageUrl]:
    """Return the images of a content, in their order."""
    return () if isinstance(content, str) else [p.image_url for p in content if isinstance(p, ImagePart)]


def _decoded(base64: str) -> int:
    """Return the number of bytes that a text in base64 stands for."""
    return len(base64.rstrip("=")) * 3 // 4


def _size(number: int) -> str:
    """Return a number of bytes in words."""
    if number < 1000:
        return f"{number} bytes"
    return f"{number / 1000:.0f} kB" if number < 1_000_000 else f"{number / 1e6:.1f} MB"
