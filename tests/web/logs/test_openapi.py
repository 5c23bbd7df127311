"""The OpenAPI page is true: it lists every address, and schemathesis finds no answer that it does not.

Requests are made from the page, right ones and wrong ones, with the names of logs that are there; besides,
bodies that a real pusher sends, broken anywhere. Whatever comes: no failure, and what was promised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    status_code_conformance,
)
from shown_logs import OCTETS, Pusher, packed, pusher, spoken
from sites import SLUG, Site, start_site

from millpond.web.guard.rates import Rates
from millpond.web.pages import PAGES
from millpond.web.routes import Route

PAGE = yaml.safe_load(
    (Path(__file__).parents[3] / "docs/reference/openapi-logs.yaml").read_text(encoding="utf-8")
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
]
OPERATIONS = [(method, path) for path, methods in PAGE["paths"].items() for method in methods]
ANYTHING_GOES = ("/mirror/key", "/witness/key", "/card", "/mirror/add-entries")
"""Where the page says of no request that it is wrong."""
QUIET = settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
load_all_checks()


def address(route: Route) -> str:
    """As OpenAPI writes it."""
    path = re.sub(r":\w+\}", "}", route.path)
    return "/{room}" + path if route.in_room else path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rates, "allows", lambda *_: True)
        with start_site(tmp_path_factory.mktemp("open")) as started:
            yield started


@pytest.fixture(scope="module")
def carried(site: Site) -> Pusher:
    """A log that is half here."""
    who = pusher(site, 600)
    who.checkpoint("witness", 0, 300)
    who.checkpoint("mirror", 0, 300)
    assert who.push(0, 300).status_code == 200
    who.checkpoint("mirror", 300)
    return who


@pytest.fixture(scope="module")
def schema(site: Site, carried: Pusher) -> schemathesis.BaseSchema:
    """The page, with the names of logs that are there among those that are tried."""
    names = [spoken(site, 300), carried.hash, "0" * 64]
    page: dict[str, Any] = yaml.safe_load(yaml.safe_dump(PAGE))
    page["components"]["parameters"]["hash"]["schema"] = {"type": "string", "enum": names}
    page["paths"]["/{room}/card"]["get"]["parameters"][0]["schema"] = {"enum": [SLUG, "nowhere"]}
    return schemathesis.openapi.from_dict(page)


def test_every_address_stands_in_the_page() -> None:
    ours = {(route.method.lower(), address(route)) for route in PAGES if route.for_programs}
    assert set(OPERATIONS) == ours


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_stands_in_the_page(
    site: Site, schema: schemathesis.BaseSchema, method: str, path: str
) -> None:
    operation = schema[path][method]
    seen: set[int] = set()
    with requests.Session() as session:

        def tried(case: Case) -> None:
            answer = case.call(base_url=site.base, session=session)
            seen.add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        right = operation.as_strategy(GenerationMode.POSITIVE)
        QUIET(given(case=right)(tried))()
        if path not in ANYTHING_GOES:
            wrong = operation.as_strategy(GenerationMode.NEGATIVE)
            QUIET(given(case=wrong)(tried))()
    assert seen <= {200, 201, 304, 400, 403, 404, 409, 413, 415, 422}
    assert method != "get" or path.endswith("attachments/{sha256}") or 200 in seen


@pytest.mark.parametrize("path", ["mirror/add-entries", "mirror/add-checkpoint", "witness/add-checkpoint"])
def test_a_body_that_is_broken_anywhere_is_refused_in_words(site: Site, carried: Pusher, path: str) -> None:
    entries = path.endswith("entries")
    body = carried.body(256, 600) if entries else carried.head().note
    if not entries:
        body = b"old 300\n\n" + body
    client = httpx2.Client(timeout=30)

    @settings(QUIET, max_examples=60)
    @given(
        at=st.integers(0, len(body) - 1),
        new=st.binary(max_size=80),
        gone=st.integers(0, 300),
        gzip=st.sampled_from(["", "packed", "broken"]) if entries else st.just(""),
    )
    def tried(at: int, new: bytes, gone: int, gzip: str) -> None:
        sent = body[:at] + new + body[at + gone :]
        headers = dict(OCTETS)
        if gzip:
            headers["content-encoding"] = "gzip"
            sent = packed(sent)
            sent = sent if gzip == "packed" else sent[: at % len(sent)] + new + sent[at % len(sent) :]
        answer = client.post(f"{site.base}/{path}", content=sent, headers=headers)
        documented = PAGE["paths"][f"/{path}"]["post"]["responses"]
        assert str(answer.status_code) in documented, answer.text
        assert answer.status_code < 500
        assert b"<" not in answer.content

    tried()
