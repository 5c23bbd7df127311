"""Leaving with everything: the whole room as one sealed file, which another node takes in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import mkdtemp

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from millpond.desk.people import Role
from millpond.errors import InputError
from millpond.node import moving
from millpond.node.passphrases import check_passphrase
from millpond.web.guard import rates
from millpond.web.leader.settings import Part, may_move_log, shown
from millpond.web.routes import Route, post
from millpond.web.visit import Visit


async def move_out(visit: Visit) -> Response:
    """The whole room as one file, sealed with a passphrase, to move it to another node.

    If its log moves along, it is not written here any more; should the file not arrive, it is made again.
    """
    form = await visit.form()
    seal = form.typed.get("seal", "")
    try:
        check_passphrase(seal)
    except InputError as error:
        form.refuse("seal", error)
        return shown(visit, form, Part.SEAL)
    folder = Path(mkdtemp(dir=visit.node.data, prefix="moving-"))
    moves_log = form.tick("with_log") and may_move_log(visit.read)
    path = folder / f"{visit.room.slug}.millpond-room"

    def clear() -> None:
        path.unlink(missing_ok=True)
        folder.rmdir()

    await asyncio.to_thread(
        lambda: moving.export_room(visit.node, visit.room.slug, path, passphrase=seal, moves_log=moves_log)
    )
    return FileResponse(
        path, filename=path.name, media_type="application/octet-stream", background=BackgroundTask(clear)
    )


PAGES: tuple[Route, ...] = (post("/desk/move", move_out, Role.OWNER, rate=rates.FILES),)
