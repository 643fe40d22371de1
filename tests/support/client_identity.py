# Who signs identities (RFC 8224, RFC 8225) with the openssl command, and serves certificates by HTTPS in the client's
# namespace. Code of its own; shares none with the engine. Not here: who sends what (tests/e2e).
import base64
import email.utils
import http.server
import json
import pathlib
import socket
import ssl
import subprocess
import threading
import time


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(der):
    """R and S, 32 bytes each (RFC 7518 §3.4), of an ECDSA-Sig-Value."""
    assert der[0] == 0x30
    numbers, at = [], 2
    for _ in range(2):
        assert der[at] == 2
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + length], "big"))
        at += 2 + length
    return b"".join(number.to_bytes(32, "big") for number in numbers)


class Signer:
    """`key`: a PEM file. `url`: where its certificate is."""

    def __init__(self, key, url):
        self.key, self.url = str(key), url

    def sign(self, text):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(),
                              capture_output=True, check=True).stdout

    def headers(self, sender, to, compact=True, at=None, algorithm="ES256", info=None):
        """Date and Identity of a request from `sender` to `to` (addresses of record), as of `at`."""
        at = int(time.time() if at is None else at)

        def part(content):
            return base64url(json.dumps(content, separators=(",", ":"), sort_keys=True).encode())
        text = part({"alg": "ES256", "typ": "passport", "x5u": self.url}) + "." + \
            part({"dest": {"uri": [f"sip:{to}"]}, "iat": at, "orig": {"uri": f"sip:{sender}"}})
        signature = base64url(raw_signature(self.sign(text)))
        token = f"..{signature}" if compact else f"{text}.{signature}"
        return [("Date", email.utils.formatdate(at, usegmt=True)),
                ("Identity", f"{token};info={info or f'<{self.url}>'};alg={algorithm}")]


class CertificateServer:
    """HTTPS at `port` of `local`: the files of `folder` by their names. /slow... never ends, /huge... is long."""

    def __init__(self, open_socket, local, port, certificate, folder):
        server, self.asked = self, []

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self):
                server.asked.append(self.path)
                if self.path.startswith("/slow"):
                    server.is_over.wait(10)
                    return
                path = pathlib.Path(folder) / self.path.lstrip("/")
                body = path.read_bytes() if path.is_file() else None
                if self.path.startswith("/huge"):
                    body = b"x" * (1 << 20)
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        self.is_over = threading.Event()
        self.http = http.server.ThreadingHTTPServer((local, port), Handler, bind_and_activate=False)
        self.http.socket.close()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        plain = open_socket(socket.AF_INET, socket.SOCK_STREAM)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        plain.bind((local, port))
        plain.listen(8)
        self.http.socket = context.wrap_socket(plain, server_side=True)
        self.http.handle_error = lambda *_: None      # Who does not read to the end is no error.
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.is_over.set()
        self.http.shutdown()
        self.http.server_close()
