"""Files that never change under their address: styles and scripts, compressed once, cached for a year.

The address carries the file's hash; a new version has a new address. `style.css` stands for
`/static/3f9a…/style.css` in templates by `asset("style.css")`.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: plain and compressed."""

    name: str
    hash: str
    media_type: str
    plain: bytes
    compressed: bytes


@cache
def assets() -> dict[str, Asset]:
    """Every file of the package's folder `static`, by its name."""
    found = {}
    for file in (files("millpond.web") / "static").iterdir():
        ending = file.name.rpartition(".")[2]
        if ending in MEDIA_TYPES:
            data = file.read_bytes()
            found[file.name] = Asset(
                name=file.name,
                hash=hashlib.sha256(data).hexdigest()[:16],
                media_type=MEDIA_TYPES[ending],
                plain=data,
                compressed=gzip.compress(data, 9, mtime=0),
            )
    return found


def address(name: str) -> str:
    """Where the file is served; raises `KeyError` for one that is not there."""
    return f"/static/{assets()[name].hash}/{name}"


async def serve(request: Request) -> Response:
    """The file of this hash and name. An old hash gets the newest file, and must not be kept."""
    asset = assets().get(request.path_params["name"])
    if asset is None:
        return PlainTextResponse("Not found", 404)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    fresh = request.path_params["hash"] == asset.hash
    headers = {"cache-control": _YEAR if fresh else "no-cache", "vary": "accept-encoding"}
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(asset.compressed if packed else asset.plain, media_type=asset.media_type, headers=headers)
