"""A key service for tests: the part of Vault's transit interface that is used, over real HTTP on loopback.

Keys are real Ed25519 keys and signatures are real; answers have the service's own shape. ``broken`` lets it fail in a
chosen way: ``down`` (503), ``sealed`` (403), ``lying`` (a signature by another key), ``strange`` (no JSON).
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TOKEN = "s.made-up-token"


class Vault:
    """The keys, and what was asked of them: (method, path)."""

    def __init__(self) -> None:
        self.keys: dict[str, Ed25519PrivateKey] = {}
        self.asked: list[tuple[str, str]] = []
        self.broken = ""
        self.url = ""

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and JSON of a request with the right token."""
        parts = path.removeprefix("/v1/transit/").split("/")
        if method == "LIST" and parts == ["keys"]:
            return (200, {"data": {"keys": sorted(self.keys)}}) if self.keys else (404, {"errors": []})
        if parts[0] == "keys" and method == "POST":
            assert body == {"type": "ed25519", "exportable": False, "allow_plaintext_backup": False}
            self.keys.setdefault(parts[1], Ed25519PrivateKey.generate())
            return 204, None
        if len(parts) != 2 or parts[1] not in self.keys:
            return 404, {"errors": ["no such key"]}
        key = self.keys[parts[1]]
        if parts[0] == "keys":
            public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
            facts = {"type": "ed25519", "derived": False, "latest_version": 1}
            return 200, {"data": facts | {"name": parts[1], "keys": {"1": {"public_key": public}}}}
        if parts[0] == "sign" and body["key_version"] == 1:
            signer = Ed25519PrivateKey.generate() if self.broken == "lying" else key
            signature = base64.b64encode(signer.sign(base64.b64decode(body["input"]))).decode()
            return 200, {"data": {"key_version": 1, "signature": f"vault:v1:{signature}"}}
        return 405, {"errors": ["unsupported operation"]}


@contextmanager
def vault_server() -> Iterator[Vault]:
    """Serve one on a port of its own."""
    vault = Vault()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            vault.asked.append((self.command, self.path))
            if vault.broken == "down":
                status, said = 503, {"errors": ["sealed"]}
            elif vault.broken == "sealed" or self.headers.get("X-Vault-Token") != TOKEN:
                status, said = 403, {"errors": ["permission denied"]}
            else:
                status, said = vault.answer(self.command, self.path, body)
            data = b"" if status == 204 else json.dumps(said).encode()
            if vault.broken == "strange":
                status, data = 200, b"<html>"
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_LIST = _serve  # noqa: N815 - the base class's names

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    vault.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield vault
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
