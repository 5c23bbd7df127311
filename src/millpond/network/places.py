"""Whether an address leads into the network around this machine, where no word of a stranger leads us.

Nodes on one local network are as good as any: who takes in a card with such an address, or types one, means
it. But what somebody says of themselves in their log is said by whoever has that key, anywhere. It must not
make this machine ask its router, its printer or the service beside it for something.

- Judged by the address as it is written: a name in the DNS may still lead anywhere, and what is asked for
  there is a path that ends in /logs/HASH/…, with nothing of this node in it.
- What cannot be told is taken for local: forms of an IPv4 address that only some programs read.

>>> is_local("http://192.168.1.1:8440"), is_local("http://pond"), is_local("https://pond.example/x")
(True, True, False)
>>> is_local("http://2130706433"), is_local("http://[::ffff:127.0.0.1]"), is_local("http://[2001:4860::1]")
(True, True, False)
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

_LOCAL_ENDINGS = ("localhost", "local", "lan", "home", "internal", "intranet", "home.arpa")
"""Of names that a router or a machine gives, never the DNS of everybody."""
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")


def is_local(address: str) -> bool:
    """Whether an http(s) address, as `log.kinds.Profile` has them, leads into the network around here."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        number = ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2]
        is_named = any(host == ending or host.endswith(f".{ending}") for ending in _LOCAL_ENDINGS)
        return "." not in host or is_named or _NUMBER.fullmatch(last) is not None
    if isinstance(number, IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour
        return not number.is_global if inner is None else not inner.is_global
    return not number.is_global
