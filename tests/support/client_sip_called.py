# A SIP peer that is called: it listens for TLS in the client's namespace, shows what certificate it is told to, and
# speaks on the connection that comes. Here: the listening and the handshake. Not here: messages (client_sip_stream).
# One thread.
import contextlib
import socket
import ssl

from client_sip_stream import StreamEndpoint


class CalledPeer:
    """Listens at `port` of `local`."""

    def __init__(self, open_socket, local, port):
        family = socket.AF_INET6 if ":" in local else socket.AF_INET
        self.open_socket, self.local = open_socket, local
        self.listener = open_socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((local, port))
        self.listener.listen(8)

    def close(self):
        self.listener.close()

    def take(self, certificate, seconds=3.0):
        """The next connection, after its handshake; None when none comes or the caller refuses (chain, key). Its
        `asked_for` is the server name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        context.set_alpn_protocols(["sip/2"])
        names = []
        context.sni_callback = lambda _socket, name, _context: names.append(name)
        self.listener.settimeout(seconds)
        with contextlib.suppress(OSError):
            raw, server = self.listener.accept()
            raw.settimeout(seconds)
            with contextlib.suppress(OSError):
                wrapped = context.wrap_socket(raw, server_side=True)
                # By TLS 1.3 the server is ready before the client has judged its certificate.
                wrapped.setblocking(False)
                return TakenEndpoint(wrapped, self.local, server[:2], names[0] if names else None)
            raw.close()
        return None


class TakenEndpoint(StreamEndpoint):
    def __init__(self, wrapped, local, server, asked_for):
        self.wrapped, self.asked_for = wrapped, asked_for
        super().__init__(None, local, server, "peer", "", "peer.test", transport="TLS")

    def open_socket(self, opener, local, server, family):
        self.wrapped.settimeout(5)
        return self.wrapped
