"""The request that shows whether a backend still answers."""

from .base import ChatMessage, ModelRequest

PROBE = ModelRequest(messages=(ChatMessage(role="user", content="Say yes."),), max_tokens=1)
"""As small as a request can be: it is sent only after other calls have failed, and it is paid."""
