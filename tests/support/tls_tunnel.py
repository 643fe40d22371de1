# A TLS tunnel for clients that speak TCP alone (SIPp of Debian): each connection to it is one by TLS to the server,
# byte for byte. It runs in threads of the test, in the client's network namespace.
import contextlib
import select
import socket
import threading

CHUNK = 65536


class TlsTunnel:
    """`server` is (address, port), `local` the address that is listened on and called from."""
    def __init__(self, pair, context, server, local, name):
        self.pair, self.context, self.server, self.local, self.name = pair, context, server, local, name
        self.family = socket.AF_INET6 if ":" in local else socket.AF_INET
        self.agreed = []           # Of each connection: the version of TLS.
        self.is_over = threading.Event()
        self.listener = pair.open_client_socket(self.family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((local, 0))
        self.listener.listen(16)
        self.listener.settimeout(0.1)
        self.endpoint = self.listener.getsockname()[:2]
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def accept(self):
        while not self.is_over.is_set():
            with contextlib.suppress(socket.timeout):
                near, _ = self.listener.accept()
                thread = threading.Thread(target=self.carry, args=(near,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def carry(self, near):
        raw = self.pair.open_client_socket(self.family, socket.SOCK_STREAM)
        with near, raw, contextlib.suppress(OSError):
            raw.bind((self.local, 0))
            raw.connect(self.server)
            with self.context.wrap_socket(raw, server_hostname=self.name) as far:
                self.agreed.append(far.version())
                while not self.is_over.is_set() and self.pump(near, far):
                    pass

    @staticmethod
    def pump(near, far):
        """What is there on one side goes to the other; false when a side has ended."""
        ready = select.select([near, far], [], [], 0.1)[0]
        if near in ready:
            data = near.recv(CHUNK)
            if not data:
                return False
            far.settimeout(5)
            far.sendall(data)
        if far in ready or far.pending():
            # There may be nothing for the client in it: session tickets come as well.
            far.settimeout(0.01)
            try:
                data = far.recv(CHUNK)
            except TimeoutError:
                return True
            if not data:
                return False
            near.sendall(data)
        return True

    def close(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(5)
        self.listener.close()
