"""The examples for Caddy and nginx: they are valid, they pass requests on, and they write no address down.

Each is run as it stands, but for names, ports and certificate, before a small server of our own. Without the
lines that keep addresses out of the logs the same run does leave them there: so the test can fail.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "mill.example.org"
NODE = "127.0.0.1:8440"
SECRET = "/rice/w/verysecretlink"
SECONDS = 20

CADDY = shutil.which("caddy")
NGINX = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
needs_caddy = pytest.mark.skipif(CADDY is None, reason="needs caddy")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="needs nginx")


class Told(BaseHTTPRequestHandler):
    """Answers with what it was asked, and by whom as it was told."""

    def do_GET(self) -> None:
        heard = f"{self.path} for {self.headers['X-Forwarded-For']} by {self.headers['X-Forwarded-Proto']}"
        body = f"{heard} at {self.headers['Host']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def upstream() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """The program, from when it takes connections; what it says goes into `folder`/said."""
    homes = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=os.environ | homes)
    try:
        until = time.monotonic() + SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "said").read_text("utf-8")
                assert time.monotonic() < until, "it does not listen"
                time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)


def ask(
    port: int, path: str, *, tls: bool, method: str = "GET", body: bytes | None = None
) -> tuple[int, str, str]:
    """Status, body, and where a redirection leads."""
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    connection = (
        http.client.HTTPSConnection("127.0.0.1", port, timeout=SECONDS, context=trusting)
        if tls
        else http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    )
    try:
        headers = {"Host": NAME, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "gopher"}
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace"), answer.headers.get("Location", "")
    finally:
        connection.close()


def written(folder: Path) -> str:
    """All that the program has left in its folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


# --- Caddy


def caddyfile(port: int, node: int, *, careless: bool) -> str:
    text = (DEPLOY / "Caddyfile").read_text("utf-8")
    if careless:
        text = re.sub(r"\tlog default \{.*?\n\t\}\n", "", text, flags=re.S)
    text = text.replace("\n{\n", "\n{\n\tadmin off\n\tauto_https off\n", 1)
    return text.replace(f"\n{NAME} {{", f"\nhttp://{NAME}:{port} {{").replace(NODE, f"127.0.0.1:{node}")


@needs_caddy
def test_caddyfile_is_valid_and_formatted() -> None:
    assert CADDY
    file = str(DEPLOY / "Caddyfile")
    done = subprocess.run(
        [CADDY, "validate", "--adapter", "caddyfile", "--config", file],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "not formatted" not in done.stderr


@needs_caddy
@pytest.mark.parametrize("careless", [False, True])
def test_caddy_passes_on_and_writes_no_address_down(tmp_path: Path, careless: bool) -> None:
    assert CADDY
    port = free_port()
    file = tmp_path / "Caddyfile"
    with upstream() as node:
        file.write_text(caddyfile(port, node, careless=careless), "utf-8")
        command = [CADDY, "run", "--adapter", "caddyfile", "--config", str(file)]
        with running(command, port, tmp_path):
            status, body, _ = ask(port, SECRET, tls=False)
            assert (status, body) == (200, f"{SECRET} for 127.0.0.1 by http at {NAME}")
    with running(command, port, tmp_path):  # the node is down now
        assert ask(port, SECRET, tls=False)[0] == 502
    assert ("verysecretlink" in written(tmp_path)) == careless


# --- nginx


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "fullchain.pem", folder / "privkey.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private


def nginx_conf(folder: Path, plain: int, tls: int, node: int, *, careless: bool = False) -> Path:
    """A main file around the example, with everything that nginx writes in `folder`."""
    chain, private = certificate(folder)
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    if careless:
        site = re.sub(r"^ *error_log .*\n", "", site, flags=re.M)
    site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.M)
    site = site.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    site = site.replace("listen 443 ", f"listen 127.0.0.1:{tls} ").replace(NODE, f"127.0.0.1:{node}")
    site = re.sub(r"/etc/letsencrypt/live/\S+/fullchain.pem", str(chain), site)
    site = re.sub(r"/etc/letsencrypt/live/\S+/privkey.pem", str(private), site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "site.conf").write_text(site, "utf-8")
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log info;\n"
        f"events {{}}\nhttp {{\naccess_log {folder}/access.log;\n{temporary}"
        f"include {folder}/site.conf;\n}}\n",
        "utf-8",
    )
    return folder / "nginx.conf"


@needs_nginx
def test_nginx_conf_is_valid(tmp_path: Path) -> None:
    assert NGINX
    conf = nginx_conf(tmp_path, free_port(), free_port(), 8440)
    done = subprocess.run(
        [NGINX, "-t", "-e", str(tmp_path / "error.log"), "-p", str(tmp_path), "-c", str(conf)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "emerg" not in done.stderr


@needs_nginx
@pytest.mark.parametrize("careless", [False, True])
def test_nginx_passes_on_and_writes_no_address_down(tmp_path: Path, careless: bool) -> None:
    assert NGINX
    plain, tls = free_port(), free_port()
    with upstream() as node:
        conf = nginx_conf(tmp_path, plain, tls, node, careless=careless)
        command = [NGINX, "-e", str(tmp_path / "error.log"), "-p", str(tmp_path), "-c", str(conf)]
        with running(command, tls, tmp_path):
            status, body, _ = ask(tls, SECRET, tls=True)
            assert (status, body) == (200, f"{SECRET} for 127.0.0.1 by https at {NAME}")
            status, _, elsewhere = ask(plain, SECRET, tls=False)
            assert (status, elsewhere) == (301, f"https://{NAME}{SECRET}")
            megabytes = bytes(13 * 2**20)
            assert ask(tls, "/setup/restore", tls=True, method="POST", body=megabytes)[0] == 204
    with running(command, tls, tmp_path):  # the node is down now
        assert ask(tls, SECRET, tls=True)[0] == 502
    assert ("verysecretlink" in written(tmp_path)) == careless
