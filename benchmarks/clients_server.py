"""Serve one prepared chat completion for all requests, at the lowest cost that Python allows.

    python benchmarks/clients_server.py

The first line on stdout is the base URL. The server ends when its standard input closes.
"""

import asyncio
import json
import sys

TEXT = "Answer: yes\nConfidence: 85%"
_BODY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 210, "completion_tokens": 12, "total_tokens": 222},
    }
).encode()
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_BODY),
    _BODY,
)


class Answering(asyncio.Protocol):
    """Splits the stream into requests by their Content-Length and answers each."""

    def __init__(self) -> None:
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._end()) is not None:
            self._buffer = self._buffer[end:]
            assert self._transport is not None
            self._transport.write(_ANSWER)

    def _end(self) -> int | None:
        """Return where the first request ends, or None while it is incomplete."""
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return None
        fields = self._buffer[:head].lower()
        at = fields.find(b"content-length:")
        length = int(fields[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        end = head + 4 + length
        return end if len(self._buffer) >= end else None


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
