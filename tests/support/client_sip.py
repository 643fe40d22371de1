# A SIP client over UDP for exact checks: it builds and reads messages with code of its own, shares none with the
# engine, and can say things that no polite client says.
#
# Here: messages, digest, one UDP endpoint with its transactions, and a watched dialog. Not here: namespaces (the
# caller hands in a function that opens a socket where it belongs) and what is expected of whom (tests/e2e).
# One thread; every wait has a limit.
import hashlib
import random
import re
import select
import socket
import time

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "o": "event", "u": "allow-events", "k": "supported", "e": "content-encoding"}
PIDF = "application/pidf+xml"


class NotSip(Exception):
    """What arrived is not a SIP message as RFC 3261 §7 spells it."""


class Message:
    def __init__(self, start, headers=(), body=b""):
        self.start = start
        self.headers = list(headers)
        self.body = body.encode() if isinstance(body, str) else body
        self.arrived = 0.0                    # time.monotonic() at reception.
        self.source = None

    def get(self, name, default=None):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def is_response(self):
        return self.start.startswith("SIP/2.0 ")

    @property
    def status(self):
        return int(self.start.split()[1]) if self.is_response else 0

    @property
    def method(self):
        return self.get("CSeq").split()[1] if self.is_response else self.start.split()[0]

    @property
    def cseq(self):
        return int(self.get("CSeq").split()[0])

    def to_bytes(self):
        lines = [self.start] + [f"{name}: {value}" for name, value in self.headers]
        if self.get("Content-Length") is None:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body

    def __str__(self):
        return self.to_bytes().decode(errors="replace")


def canonical(name):
    return COMPACT.get(name.lower(), name)


def parse(datagram):
    """One datagram to one Message; strict, because what the engine writes must be plain."""
    head, separator, body = datagram.partition(b"\r\n\r\n")
    if not separator:
        raise NotSip("no empty line ends the header fields")
    lines = head.decode().split("\r\n")
    if not re.fullmatch(r"SIP/2\.0 \d{3} .*|[A-Z]+ \S+ SIP/2\.0", lines[0]):
        raise NotSip(f"start line {lines[0]!r}")
    headers = []
    for line in lines[1:]:
        match = re.fullmatch(r"([A-Za-z0-9!%*_+`'~.-]+)[ \t]*:[ \t]*(.*?)[ \t]*", line)
        if not match:
            raise NotSip(f"header line {line!r}")
        headers.append((canonical(match[1]), match[2]))
    message = Message(lines[0], headers, body)
    length = message.get("content-length")
    if length is None or int(length) != len(body):
        raise NotSip(f"Content-Length {length} with a body of {len(body)} bytes")
    return message


def tag_of(value):
    match = re.search(r";\s*tag=([^;\s]+)", value or "")
    return match[1] if match else None


def uri_of(value):
    match = re.search(r"<([^>]*)>", value)
    return match[1] if match else value.split(";")[0].strip()


def parameters_of(value):
    """Digest realm="x", qop="auth" -> {"realm": "x", "qop": "auth"}."""
    pairs = re.findall(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', value)
    return {name.lower(): quoted or token for name, quoted, token in pairs}


def digest_hash(algorithm):
    hashes = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
    return lambda text: hashes[algorithm](text.encode()).hexdigest()


class Credentials:
    """RFC 7616 and RFC 8760: answers the first challenge whose algorithm it knows."""

    def __init__(self, user, password, algorithms=("SHA-256", "MD5")):
        self.user, self.password, self.algorithms = user, password, algorithms
        self.counts = {}

    def answer(self, response, method, uri):
        """The header that answers a 401 or 407, as (name, value); None when no challenge is understood."""
        asked, given = (("WWW-Authenticate", "Authorization") if response.status == 401
                        else ("Proxy-Authenticate", "Proxy-Authorization"))
        for challenge in response.all(asked):
            parameters = parameters_of(challenge)
            if parameters.get("algorithm", "MD5") in self.algorithms:
                return given, self.header(parameters, method, uri)
        return None

    def header(self, challenge, method, uri):
        algorithm = challenge.get("algorithm", "MD5")
        h = digest_hash(algorithm)
        realm, nonce = challenge["realm"], challenge["nonce"]
        count = self.counts[nonce] = self.counts.get(nonce, 0) + 1
        nc, cnonce = f"{count:08x}", f"{random.getrandbits(64):016x}"
        ha1 = h(f"{self.user}:{realm}:{self.password}")
        ha2 = h(f"{method}:{uri}")
        value = (f'Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
                 f'algorithm={algorithm}')
        if "qop" in challenge:
            value += f', qop=auth, nc={nc}, cnonce="{cnonce}", response="' + \
                     h(f"{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}") + '"'
        else:
            value += f', response="' + h(f"{ha1}:{nonce}:{ha2}") + '"'
        return value + (f', opaque="{challenge["opaque"]}"' if "opaque" in challenge else "")


def pidf(aor, basic="open", note="", activity="", padding=0, tuple_id="t1"):
    """A presence document; `padding` bytes of note make it as long as a test wants."""
    person = f'<dm:person id="p1"><rpid:activities><rpid:{activity}/></rpid:activities></dm:person>' if activity else ""
    filler = "".join(f"<note>{'x' * min(200, padding - at)}</note>" for at in range(0, padding, 200))
    text = f"<note>{note}</note>" if note else ""
    return ('<?xml version="1.0" encoding="UTF-8"?>\r\n'
            '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"'
            f' xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:{aor}">{person}'
            f'<tuple id="{tuple_id}"><status><basic>{basic}</basic></status>'
            f'<contact>sip:{aor}</contact>{text}{filler}</tuple></presence>')


class Endpoint:
    """One user on one UDP socket. Requests are retransmitted as RFC 3261 §17.1.2 says; NOTIFYs are answered 200
    while something is waited for, and kept in order of arrival."""

    def __init__(self, open_socket, local, server, user, password, domain, algorithms=("SHA-256", "MD5")):
        self.local_address, self.server = local, server
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        self.transport = "UDP"
        self.socket = self.open_socket(open_socket, local, server, family)
        self.port = self.socket.getsockname()[1]
        self.user, self.domain, self.aor = user, domain, f"{user}@{domain}"
        self.credentials = Credentials(user, password, algorithms)
        self.notify_answer = 200              # 0: stay silent.
        self.notifies = []
        self.responses = []
        self.cseq = random.randrange(1, 1000)

    def open_socket(self, opener, local, server, family):
        """Bound; `server` is where everything will be sent."""
        opened = opener(family, socket.SOCK_DGRAM)
        opened.bind((local, 0))
        return opened

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def sent_by(self):
        host = f"[{self.local_address}]" if ":" in self.local_address else self.local_address
        return f"{host}:{self.port}"

    @property
    def contact(self):
        return f"<sip:{self.user}@{self.sent_by}>"

    def send(self, datagram):
        self.socket.sendto(datagram, self.server)

    def next_bytes(self, seconds):
        """(A message's bytes, where it came from), or None."""
        readable, _, _ = select.select([self.socket], [], [], max(0.0, seconds))
        return self.socket.recvfrom(65535) if readable else None

    def receive(self, seconds):
        """The next message within `seconds`, or None. NOTIFYs are answered and kept on the way."""
        arrived = self.next_bytes(seconds)
        if arrived is None:
            return None
        datagram, source = arrived
        message = parse(datagram)
        message.arrived, message.source = time.monotonic(), source
        if message.is_response:
            self.responses.append(message)
            return message
        if self.notify_answer:
            self.send(self.response_to(message, self.notify_answer).to_bytes())
        if message.method == "NOTIFY" and not any(
                old.get("Call-ID") == message.get("Call-ID") and old.cseq == message.cseq for old in self.notifies):
            self.notifies.append(message)     # Retransmissions are answered and not kept again.
        return message

    def listen(self, seconds):
        """Everything that arrives within `seconds`."""
        end, heard = time.monotonic() + seconds, []
        while (left := end - time.monotonic()) > 0:
            if message := self.receive(left):
                heard.append(message)
        return heard

    @staticmethod
    def response_to(request, status):
        kept = [(n, v) for n, v in request.headers if n.lower() in ("via", "from", "to", "call-id", "cseq")]
        return Message(f"SIP/2.0 {status} {'OK' if status == 200 else 'No'}", kept)

    def build(self, method, uri, headers=(), body=b"", to=None, from_tag=None, call_id=None, cseq=None):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        return Message(f"{method} {uri} SIP/2.0", [
            ("Via", f"SIP/2.0/{self.transport} {self.sent_by};branch=z9hG4bK{random.getrandbits(64):016x};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.aor}>;tag={from_tag or f'{random.getrandbits(32):08x}'}"),
            ("To", to or f"<{uri}>"),
            ("Call-ID", call_id or f"{random.getrandbits(64):016x}@e2e"),
            ("CSeq", f"{cseq} {method}"), *headers], body)

    def transact(self, request, limit=5.0):
        """Sends, retransmits at T1 and doubling, returns the final response or None after `limit` seconds."""
        branch = request.get("Via").split("branch=")[1].split(";")[0]
        datagram, end, interval = request.to_bytes(), time.monotonic() + limit, 0.5
        while time.monotonic() < end:
            self.send(datagram)
            # RFC 3261 §17.1.2.2: what is reliable is sent once.
            turn = min(end, time.monotonic() + interval) if self.transport == "UDP" else end
            while (left := turn - time.monotonic()) > 0:
                answer = self.receive(left)
                if answer and answer.is_response and answer.status >= 200 and branch in answer.get("Via"):
                    return answer
            interval = min(4.0, 2 * interval)
        return None

    def request(self, method, uri, headers=(), body=b"", **dialog):
        """One request, and once more with credentials when challenged. Returns the last response, or None."""
        dialog.setdefault("call_id", f"{random.getrandbits(64):016x}@e2e")
        dialog.setdefault("from_tag", f"{random.getrandbits(32):08x}")
        answer = self.transact(self.build(method, uri, headers, body, **dialog))
        if answer is None or answer.status not in (401, 407):
            return answer
        credentials = self.credentials.answer(answer, method, uri)
        if credentials is None:
            return answer
        return self.transact(self.build(method, uri, [credentials, *headers], body, **dialog))

    def publish(self, body=b"", expires=120, etag=None, aor=None, headers=(), event="presence", media_type=PIDF):
        fields = [("Event", event), ("Expires", str(expires)), *headers]
        fields += [("SIP-If-Match", etag)] if etag else []
        fields += [("Content-Type", media_type)] if body else []
        return self.request("PUBLISH", f"sip:{aor or self.aor}", fields, body)

    def register(self, expires=120, contact=None, headers=()):
        return self.request("REGISTER", f"sip:{self.domain}",
                            [("Contact", contact or self.contact), ("Expires", str(expires)), *headers],
                            to=f"<sip:{self.aor}>")

    def watch(self, aor, expires=120, headers=(), contact=None, **package):
        return Watch(self, aor, expires, headers, contact, **package)

    def wait_notify(self, fits, seconds=3.0):
        """The first NOTIFY not yet looked at that fits; those before it are passed over. None when time is up."""
        end = time.monotonic() + seconds
        while True:
            while self.notifies:
                notify = self.notifies.pop(0)
                if fits(notify):
                    return notify
            if time.monotonic() >= end:
                return None
            self.receive(end - time.monotonic())


class Watch:
    """A subscription of ours as RFC 6665 sees it from the subscriber's side."""

    def __init__(self, endpoint, aor, expires, headers=(), contact=None, event="presence", media_type=PIDF):
        self.endpoint, self.aor, self.event, self.media_type = endpoint, aor, event, media_type
        self.call_id = f"{random.getrandbits(64):016x}@e2e"
        self.from_tag = f"{random.getrandbits(32):08x}"
        self.contact = contact or endpoint.contact
        self.to, self.target = f"<sip:{aor}>", f"sip:{aor}"
        self.response = self.subscribe(expires, headers)

    def subscribe(self, expires, headers=()):
        fields = [("Event", self.event), ("Accept", self.media_type), ("Contact", self.contact),
                  ("Expires", str(expires))]
        self.response = self.endpoint.request("SUBSCRIBE", self.target, [*fields, *headers], to=self.to,
                                              from_tag=self.from_tag, call_id=self.call_id)
        if self.response is not None and self.response.status in (200, 202):
            self.to, self.target = self.response.get("To"), uri_of(self.response.get("Contact"))
        return self.response

    def notify(self, fits=lambda notify: True, seconds=3.0):
        return self.endpoint.wait_notify(
            lambda notify: notify.get("Call-ID") == self.call_id and fits(notify), seconds)

    def sees(self, text, seconds=3.0):
        return self.notify(lambda notify: text.encode() in notify.body, seconds)
