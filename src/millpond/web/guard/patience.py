"""How long a connection may take to ask: who connects and says nothing, or a letter a minute, is cut off.

The web server waits for the lines of a request for as long as it takes, and counts such a connection among
those it has room for; a thousand of them would shut everybody out (slow loris). A proxy before the node has
a limit of its own; this one is for a node that listens by itself.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 30
"""From the connection, or from the answer before, until a request's lines are there."""


class Patient(H11Protocol):
    """The web server's side of a connection, with an end to its patience."""

    patience_seconds: float = SECONDS
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there; the time begins."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Lines came, perhaps all of them."""
        super().data_received(data)
        self._wait()

    def on_response_complete(self) -> None:
        """Answered; the time begins anew with the next request."""
        super().on_response_complete()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        """The time runs while nothing is being answered, and is not begun anew by every letter."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._patience is None:
            self._patience = self.loop.call_later(self.patience_seconds, self._over)

    def _stop(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _over(self) -> None:
        self._patience = None
        if not self.transport.is_closing():
            self.transport.close()
