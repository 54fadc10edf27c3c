"""The example of a shared server: the unit that systemd reads, the site that nginx serves, requests through both."""

from __future__ import annotations

import base64
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from fava.application import create_app
from tests.fava.samples import ledger_text, write_ledger
from werkzeug.serving import make_server

FILES: Final = Path(__file__).parents[2] / "docs" / "serveur"
UNIT: Final = FILES / "acompta-fava.service"
SITE: Final = FILES / "acompta-nginx.conf"
_PATH: Final = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
NGINX: Final = shutil.which("nginx", path=_PATH)
OPENSSL: Final = shutil.which("openssl")
ANALYZE: Final = shutil.which("systemd-analyze")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# -- systemd --------------------------------------------------------------------------------------------------


def test_the_unit_only_reads_and_only_listens_to_its_own_machine() -> None:
    text = UNIT.read_text(encoding="utf-8")
    [command] = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert "--read-only" in command.split()
    assert "--host 127.0.0.1" in command
    assert "ProtectSystem=strict" in text.splitlines()


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze est absent de cette machine")
def test_systemd_reads_the_unit_without_a_word(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    # The program must be there for systemd to be content.
    program = Path(sys.executable).with_name("fava")
    text = UNIT.read_text(encoding="utf-8").replace("/opt/acompta/.venv/bin/fava", str(program))
    unit.write_text(text, encoding="utf-8")
    said = _run(str(ANALYZE), "verify", "--man=no", str(unit))
    assert [line for line in said.splitlines() if UNIT.name in line] == []


# -- nginx ----------------------------------------------------------------------------------------------------

needs_nginx = pytest.mark.skipif(
    NGINX is None or OPENSSL is None, reason="nginx ou openssl est absent de cette machine"
)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def fava_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    path = write_ledger(tmp_path_factory.mktemp("essai"), ledger_text())
    app = create_app([path], load=True, poll_watcher=True, read_only=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def _site(folder: Path, fava_port: int, port: int) -> Path:
    """The example with this test's ports, certificate and password, in a whole nginx.conf."""
    assert OPENSSL is not None
    key, certificate, passwords = (folder / name for name in ("key.pem", "cert.pem", "htpasswd"))
    _run(
        OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
        "-subj", "/CN=compta.example.fr", "-keyout", str(key), "-out", str(certificate),
    )  # fmt: skip
    passwords.write_text("alice:" + _run(OPENSSL, "passwd", "-6", "secret"), encoding="utf-8")
    site = SITE.read_text(encoding="utf-8")
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{_free_port()};",
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/letsencrypt/live/compta.example.fr/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/compta.example.fr/privkey.pem": str(key),
        "/etc/nginx/acompta.htpasswd": str(passwords),
        "127.0.0.1:5000": f"127.0.0.1:{fava_port}",
    }.items():
        assert old in site, old
        site = site.replace(old, new)
    places = "".join(
        f"    {name}_temp_path {folder / name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    # Run by root, its workers must read what this test wrote.
    user = "user root;\n" if os.geteuid() == 0 else ""
    whole.write_text(
        f"{user}daemon off;\npid {folder / 'pid'};\nerror_log {folder / 'error.log'};\nevents {{}}\n"
        f"http {{\n    access_log off;\n{places}{site}}}\n",
        encoding="utf-8",
    )
    return whole


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory, fava_port: int) -> Iterator[int]:
    """nginx on the example, with Fava behind; its port."""
    assert NGINX is not None
    folder, port = tmp_path_factory.mktemp("nginx"), _free_port()
    whole = _site(folder, fava_port, port)
    assert "test is successful" in _run(NGINX, "-t", "-p", str(folder), "-c", str(whole))
    process = subprocess.Popen(
        [NGINX, "-p", str(folder), "-c", str(whole)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


def _ask(
    port: int, method: str, path: str, password: str | None
) -> tuple[int, dict[str, str], str]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)
    headers = {"Host": "compta.example.fr"}
    if password is not None:
        word = base64.b64encode(f"alice:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {word}"
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read().decode("utf-8", "replace")
    connection.close()
    return response.status, dict(response.getheaders()), body


HOME: Final = "/essai/extension/Acompta/?partial=true"


@needs_nginx
@pytest.mark.parametrize("password", [None, "faux", ""])
def test_without_the_password_nothing_is_read(proxy: int, password: str | None) -> None:
    status, headers, body = _ask(proxy, "GET", HOME, password)
    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Basic")
    assert "Dupont" not in body


@needs_nginx
def test_with_the_password_the_pages_are_there(proxy: int) -> None:
    status, headers, body = _ask(proxy, "GET", HOME, "secret")
    assert status == 200
    assert "acompta" in body
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in headers["Strict-Transport-Security"]
    status, _, body = _ask(proxy, "GET", "/essai/api/ledger_data", "secret")
    assert (status, "Dupont" in body) == (200, True)


@needs_nginx
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_nothing_but_reading_goes_through(proxy: int, method: str) -> None:
    status, _, _ = _ask(proxy, method, "/essai/api/source", "secret")
    assert status == 403
