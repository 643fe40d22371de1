# The client's side of a WebSocket (RFC 6455) over a connected socket, as SIP uses it (RFC 7118), by code of its own.
# It looks like a socket to client_sip_stream: what is sent is one message, what is received is messages one behind the
# other. Frames can also be made and sent one by one, right or wrong. One thread; every wait has a limit.
import base64
import hashlib
import os
import select
import struct
import time

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class UpgradeRefused(ConnectionError):
    """The server did not switch; the text is its answer."""


def frame(payload, opcode=TEXT, final=True, masked=True, reserved=0):
    """RFC 6455 §5.2."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", first, (0x80 if masked else 0) | length)
    elif length < 65536:
        head = struct.pack("!BBH", first, (0x80 if masked else 0) | 126, length)
    else:
        head = struct.pack("!BBQ", first, (0x80 if masked else 0) | 127, length)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def take_frame(held):
    """(opcode, is final, payload, the rest), or None while it is not whole."""
    if len(held) < 2:
        return None
    length, at = held[1] & 0x7f, 2
    if held[1] & 0x80:
        raise AssertionError("RFC 6455 §5.1: a server masks nothing")
    if length >= 126:
        size = 2 if length == 126 else 8
        if len(held) < at + size:
            return None
        length, at = int.from_bytes(held[at:at + size], "big"), at + size
    if len(held) < at + length:
        return None
    return held[0] & 0x0f, bool(held[0] & 0x80), held[at:at + length], held[at + length:]


def upgrade_request(host, path="/", key=None, **changes):
    """Header lines as RFC 7118 §4.1 has them; `changes` replace some (underscores for hyphens), None leaves one out."""
    fields = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade",
              "Sec-WebSocket-Key": key or base64.b64encode(os.urandom(16)).decode(),
              "Sec-WebSocket-Protocol": "sip", "Sec-WebSocket-Version": "13"}
    fields.update({name.replace("_", "-"): value for name, value in changes.items()})
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


def read_head(raw, seconds=5.0):
    """The answer to an upgrade, up to its empty line, and what came behind it."""
    held, end = b"", time.monotonic() + seconds
    while b"\r\n\r\n" not in held:
        if not select.select([raw], [], [], max(0.0, end - time.monotonic()))[0]:
            raise UpgradeRefused(f"no answer: {held!r}")
        piece = raw.recv(65536)
        if not piece:
            raise UpgradeRefused(f"closed: {held!r}")
        held += piece
    head, _, rest = held.partition(b"\r\n\r\n")
    return head.decode(), rest


class WebSocket:
    """`raw` is connected (and wrapped in TLS, if at all). `answers_pings`: as every client must."""

    def __init__(self, raw, host, answers_pings=True, **changes):
        self.raw, self.answers_pings = raw, answers_pings
        key = base64.b64encode(os.urandom(16)).decode()
        raw.sendall(upgrade_request(host, key=key, **changes))
        self.head, self.held = read_head(raw)
        accepted = base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest()).decode()
        if " 101 " not in self.head.split("\r\n")[0] or f"Sec-WebSocket-Accept: {accepted}" not in self.head:
            raise UpgradeRefused(self.head)
        self.message, self.opcodes, self.closed_with, self.pings = b"", [], None, 0

    # As a socket.

    def getsockname(self):
        return self.raw.getsockname()

    def fileno(self):
        return self.raw.fileno()

    def sendall(self, message):
        self.raw.sendall(frame(message))

    def pending(self):
        return take_frame(self.held) is not None or getattr(self.raw, "pending", lambda: 0)()

    def recv(self, _):
        """The next whole message; empty when the server has closed. Raises BlockingIOError while there is none."""
        while True:
            taken = take_frame(self.held)
            if taken is None:
                piece = self.raw.recv(65536)
                if not piece:
                    return b""
                self.held += piece
                if take_frame(self.held) is None:
                    raise BlockingIOError("half a frame")
                continue
            opcode, final, payload, self.held = taken
            if opcode == PING:
                self.pings += 1
                if self.answers_pings:
                    self.raw.sendall(frame(payload, PONG))
            elif opcode == CLOSE:
                self.closed_with = int.from_bytes(payload[:2], "big")
                return b""
            elif opcode != PONG:
                self.message += payload
                if opcode != CONTINUATION:
                    self.opcodes.append(opcode)
                if final:
                    message, self.message = self.message, b""
                    return message
            if not self.held:
                raise BlockingIOError("no message yet")

    def close(self):
        self.raw.close()

    def setsockopt(self, *arguments):
        self.raw.setsockopt(*arguments)
