"""Which addresses lead into the network around here."""

from __future__ import annotations

import pytest

from millpond.network.places import is_local


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[2002:7f00:1::]"),
        *("localhost", "router", "nas.local", "pond.lan", "a.localhost", "metadata.internal", "x.home.arpa."),
        *("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "1.2.3.0x4"),
    ],
)
def test_inside(host: str) -> None:
    assert is_local(f"http://{host}:80/x")


@pytest.mark.parametrize("host", ["pond.example", "8.8.8.8", "[2001:4860:4860::8888]", "local.example"])
def test_outside(host: str) -> None:
    assert not is_local(f"https://{host}")
