"""What a node answers to other nodes: its logs to read, statements to append, a mirror, a witness, cards.

    showing     GET  /logs/HASH/…                 C2SP tlog-tiles, the range call, attachments
    appending   POST /logs/HASH/append            a signed entry for a log of this node
    keeping     POST /mirror/…, /witness/…        C2SP tlog-mirror, tlog-witness; attachments for a mirror
    meeting     GET  /card, /ROOM/card            cards

Programs call them: no cookie, no form, no redirect, no page; what is refused is refused in a line of text.
The addresses are described in docs/reference/log-http.md and openapi-logs.yaml.
"""

from __future__ import annotations

from millpond.web.guard import rates
from millpond.web.logs import appending, keeping, meeting, showing
from millpond.web.routes import Access, Route, get, of_node

PAGES: tuple[Route, ...] = (
    of_node("GET", "/logs/{hash}/checkpoint", showing.checkpoint, rate=rates.LOGS),
    of_node("GET", "/logs/{hash}/tile/{tile:path}", showing.tile, rate=rates.LOGS),
    of_node("GET", "/logs/{hash}/entries/{start:int}", showing.entries, rate=rates.LOGS),
    of_node("GET", "/logs/{hash}/attachments/{sha256}", showing.attachment, rate=rates.LOGS),
    of_node("POST", "/logs/{hash}/append", appending.append, rate=rates.APPENDS),
    of_node("GET", "/mirror/key", keeping.mirror_key, rate=rates.LOGS),
    of_node("GET", "/mirror/{hash}/checkpoint", keeping.pending, rate=rates.LOGS),
    of_node("POST", "/mirror/add-checkpoint", keeping.mirror_checkpoint, rate=rates.KEEPING),
    of_node("POST", "/mirror/add-entries", keeping.mirror_entries, rate=rates.KEEPING),
    of_node("PUT", "/mirror/attachments/{sha256}", keeping.mirror_attachment, rate=rates.KEEPING),
    of_node("GET", "/witness/key", keeping.witness_key, rate=rates.LOGS),
    of_node("GET", "/witness/{hash}/checkpoint", keeping.witnessed, rate=rates.LOGS),
    of_node("POST", "/witness/add-checkpoint", keeping.witness_checkpoint, rate=rates.KEEPING),
    of_node("GET", "/card", meeting.keeper_card, rate=rates.LOGS),
    get("/card", meeting.room_card, Access.PUBLIC, rate=rates.LOGS),
)
