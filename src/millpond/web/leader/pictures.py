"""A picture that came with a form: made clean before anything is written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from millpond.errors import InputError
from millpond.paper import pictures
from millpond.store import Rows
from millpond.web.forms import Form
from millpond.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Sent:
    """A clean picture that is not kept yet."""

    picture: pictures.CleanPicture

    def keep(self, rows: Rows, now_ms: int) -> str:
        """Keeps it; returns its id."""
        page = self.picture.page
        rows.run(
            "room.add_picture",
            id=page.sha256,
            page=page.data,
            print=self.picture.print.data,
            width=page.width,
            height=page.height,
            created_ms=now_ms,
        )
        return page.sha256


async def read_picture(visit: Visit, form: Form, field: str) -> Sent | None:
    """The picture of this field, clean; None where none was sent, or it is blamed."""
    upload = visit.files.get(field)
    if upload is None:
        return None
    data = await upload.read(pictures.MAX_BYTES + 1)
    try:
        return Sent(await asyncio.to_thread(pictures.clean_picture, data))
    except InputError as error:
        form.blame(field, "This picture cannot be used: {why}", why=error.problem)
        return None
