"""The connection of this process to Ray, which all models and executors of the process share."""

import importlib.util
import socket
from threading import Lock
from typing import Any

from ..base import ModelError
from ..local.sources import ModelNotInstalled

_REACHABLE_WITHIN = 10.0
"""Seconds in which a cluster must answer."""


class Connection:
    """The number of users, so that the last one to leave closes what the first one has opened.

    Models connect in threads of their own, one after the other.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._address: str | None = None
        self._owned = False

    def open(self, address: str | None) -> Any:
        """Return the package ray, connected. Raises `ModelError`."""
        import ray

        with self._lock:
            if not ray.is_initialized():
                self._connect(ray, address)
            elif self._owned and address != self._address:
                reason = f"this program is connected to {self._address!r}, and can use one cluster at a time"
                raise _refusal(address, reason)
            self._users += 1
        return ray

    def leave(self) -> None:
        """Leave Ray if nobody else uses it, and if it was this class that connected."""
        import ray

        with self._lock:
            self._users -= 1
            if self._owned and not self._users:
                self._owned = False
                ray.shutdown()

    def _connect(self, ray: Any, address: str | None) -> None:
        if reason := unreachable(address):
            raise _refusal(address, reason)
        try:
            ray.init(address=address, log_to_driver=False, configure_logging=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise _refusal(address, str(error)) from error
        self._owned, self._address = True, address


CONNECTION = Connection()


def require_ray() -> None:
    """Raise `ModelNotInstalled` unless Ray is installed."""
    if importlib.util.find_spec("ray") is None:
        raise ModelNotInstalled("Package ray", "pip install 'transfer-prompting[ray]'")


def unreachable(address: str | None) -> str:
    """Return why nothing listens at an address; "" if something does. Ray takes minutes to find that out."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return ""  # Such as "auto", which Ray looks up.
    try:
        socket.create_connection((host, int(port)), timeout=_REACHABLE_WITHIN).close()
    except (OSError, OverflowError) as error:
        return f"nothing answers there ({error}). `ray start --head` prints the address of a cluster"
    return ""


def _refusal(address: str | None, reason: str) -> ModelError:
    return ModelError(
        "connection",
        f"Ray cannot be used (address = {address!r}): {reason}.",
        advice="Correct `address` in [models.NAME].",
        sent=False,
    )
