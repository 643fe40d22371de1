# The same SIP client over one stream connection. Here: cutting the stream into messages, by code of its own, and the
# bytes under them. Not here: who opens the socket where. One thread; every wait has a limit.
import re
import select
import socket
import time

from client_sip import Endpoint


def split_stream(held):
    """(first whole message or None, pongs before it, the rest)."""
    pongs = 0
    while held.startswith(b"\r\n"):
        held, pongs = held[2:], pongs + 1
    head, separator, rest = held.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: *(\d+)", head) if separator else None
    if length is None or len(rest) < int(length[1]):
        return None, pongs, held
    end = len(head) + 4 + int(length[1])
    return held[:end], pongs, held[end:]


class StreamEndpoint(Endpoint):
    """One user on one connection. It sends nothing twice (RFC 3261 §17.1.2.2)."""

    def __init__(self, *arguments, wrap=None, transport="TCP", at=None, **options):
        """`wrap` makes of a connected socket another one, as TLS does. `at`: the port it comes from."""
        self.wrap, self.at = wrap, at
        super().__init__(*arguments, **options)
        self.transport = transport
        self.held, self.pongs, self.is_closed, self.awaits_pong = b"", 0, False, False

    def open_socket(self, opener, local, server, family):
        raw = opener(family, socket.SOCK_STREAM)
        if self.at:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        raw.settimeout(5)
        raw.bind((local, self.at or 0))
        raw.connect(server)
        return self.wrap(raw) if self.wrap else raw

    def send(self, datagram):
        self.socket.sendall(datagram)

    def has_bytes(self, seconds):
        if getattr(self.socket, "pending", lambda: 0)():
            return True
        return bool(select.select([self.socket], [], [], max(0.0, seconds))[0])

    def next_bytes(self, seconds):
        """The next whole message, or None."""
        end = time.monotonic() + seconds
        while True:
            message, pongs, self.held = split_stream(self.held)
            self.pongs += pongs
            if message is not None:
                return message, self.server
            if self.awaits_pong and pongs:
                return None
            if self.is_closed or not self.has_bytes(end - time.monotonic()):
                return None
            try:
                piece = self.socket.recv(65536)
            except BlockingIOError:            # A WebSocket that has heard no message yet.
                continue
            except (ConnectionError, TimeoutError):
                piece = b""
            self.is_closed = not piece
            self.held += piece

    def ping(self, seconds=2.0):
        """RFC 5626 §3.5.1: whether the pong comes."""
        before, self.awaits_pong = self.pongs, True
        self.send(b"\r\n\r\n")
        end = time.monotonic() + seconds
        while self.pongs == before and not self.is_closed and time.monotonic() < end:
            self.receive(0.05)
        self.awaits_pong = False
        return self.pongs > before

    def closes(self, seconds=3.0):
        """Whether the server ends the connection; what comes before that is kept."""
        end = time.monotonic() + seconds
        while not self.is_closed and time.monotonic() < end:
            self.receive(0.05)
        return self.is_closed
