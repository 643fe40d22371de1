# Every torture message as a datagram to the running server: what it answers, with what, and where to. The table is
# tests/rfc/expected.tsv, to which parsers and shard are held as well; the RFCs' own messages come from ../shared/data,
# where that is present. One engine asks everybody who they are, one believes everybody.
import pathlib
import re
import select
import socket

from client_sip import COMPACT
from netns_engine import ROOT, SIP_PORT
from netns_pair import CLIENT, SERVER
from world import scenario

SOURCE_PORT = 40000
PROBE_PORT = 40001
DOMAINS = tuple((name, ("SHA-256", "MD5")) for name in ("example.com", "biloxi.example.com", "example.net",
                                                        "vedette.example"))
FOLDERS = {"own": (ROOT / "tests" / "rfc" / "messages", ".sip"),
           "rfc4475": (ROOT.parent / "shared" / "data" / "rfc4475", ".dat"),
           "rfc5118": (ROOT.parent / "shared" / "data" / "rfc5118", ".dat")}
NEEDED = {401: "www-authenticate", 405: "allow", 501: "allow", 406: "accept", 415: "accept", 420: "unsupported"}
PROBE = ("OPTIONS sip:probe SIP/2.0\r\nVia: SIP/2.0/UDP probe.invalid;rport;branch=z9hG4bK{0}\r\n"
         "From: <sip:p@p>;tag=1\r\nTo: <sip:p@p>\r\nCall-ID: probe-{0}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")


def expectations():
    """The rows of the table whose messages are here: dictionaries by its columns, and the bytes."""
    lines = (ROOT / "tests" / "rfc" / "expected.tsv").read_text().splitlines()
    columns = lines[0].lstrip("#").split("\t")
    for line in lines[1:]:
        row = dict(zip(columns, line.split("\t"), strict=True))
        folder, name = row["message"].split("/")
        path = pathlib.Path(FOLDERS[folder][0], name + FOLDERS[folder][1])
        if path.exists():
            row["bytes"] = path.read_bytes()
            row["family"] = 6 if row["rule"].startswith("RFC 5118") else 4
            yield row


def fields(message):
    """{name in lower case: values}, folds undone; what is no header field is passed over."""
    head = re.split(rb"\r?\n\r?\n", message.lstrip(b"\r\n"), maxsplit=1)[0].decode("latin-1")
    found = {}
    for line in re.sub(r"\r?\n[ \t]+", " ", head).split("\n")[1:]:
        name, colon, value = line.rstrip("\r").partition(":")
        if colon:
            name = name.strip().lower()
            found.setdefault(COMPACT.get(name, name), []).append(value.strip())
    return found


def without_white(text):
    return re.sub(r"[ \t\r\n]", "", text)


def further_vias(values):
    """Without the topmost, to which the server adds; empty fields may be left out."""
    return ",".join(filter(None, map(without_white, values))).rstrip(",").partition(",")[2]


class Peers:
    """A socket for each port that an answer may go to, and one that asks whether all has been dealt with."""

    def __init__(self, world, ports):
        self.sockets, self.probes, self.count = {}, {}, 0
        for family, kind in ((4, socket.AF_INET), (6, socket.AF_INET6)):
            for port in ports | {PROBE_PORT}:
                one = world.pair.open_client_socket(kind, socket.SOCK_DGRAM)
                world.stack.callback(one.close)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
                one.bind((CLIENT[family], port))
                self.sockets[family, port] = one
            self.probes[family] = self.sockets.pop((family, PROBE_PORT))

    def exchange(self, family, datagram, is_answered):
        """Sends it, and gives what has come by the time that something sent after it is answered: (port, bytes). None
        when the server is silent. Packets may overtake each other on their way through the kernel: what must come is
        waited for, and what must not gets a little longer."""
        server = (SERVER[family], SIP_PORT)
        self.count += 1
        probe = PROBE.format(self.count).encode()
        self.sockets[family, SOURCE_PORT].sendto(datagram, server)
        self.probes[family].sendto(probe, server)
        came, is_done, patience = [], False, 2
        waiting = {one: port for (its, port), one in self.sockets.items() if its == family}
        while readable := select.select([*waiting, self.probes[family]], [], [], patience)[0]:
            for one in readable:
                if one in waiting:
                    came.append((waiting[one], one.recv(65535)))
                elif f"probe-{self.count}\r\n".encode() in one.recv(65535):
                    is_done = True
            patience = 0.01 if is_done and (came or not is_answered) else 1
        return came if is_done else None


def difference(row, wanted, came):
    """What is wrong with what came, in words; empty when nothing is."""
    if came is None:
        return "the server does not answer any more"
    answers = [(port, datagram) for port, datagram in came if datagram.startswith(b"SIP/2.0 ")]
    if wanted == "-":
        return f"{len(answers)} answers to what should get none" if answers else ""
    if len(answers) != 1:
        return f"{len(answers)} answers, wanted a {wanted}"
    port, answer = answers[0]
    status = answer[8:11].decode()
    if status != wanted:
        return f"{status}, wanted {wanted}"
    if port != (SOURCE_PORT if row["port"] == "source" else int(row["port"])):
        return f"it went to port {port}"
    asked, said = fields(row["bytes"]), fields(answer)
    for name in ("from", "call-id", "cseq"):
        if list(map(without_white, said.get(name, []))) != list(map(without_white, asked.get(name, [])[:1])):
            return f"{name} came back as {said.get(name)}"
    if not without_white(said.get("to", [""])[0]).startswith(without_white(asked.get("to", [""])[0])):
        return f"To came back as {said.get('to')}"
    if "" in said["via"] or further_vias(said["via"]) != further_vias(asked["via"]):
        return f"Via came back as {said['via']}"
    if int(status) in NEEDED and not said.get(NEEDED[int(status)]):
        return f"{status} without {NEEDED[int(status)]}"
    return ""


def lacking(row, came):
    """Words that the answer should have among others."""
    if row["says"] == "-":
        return []
    answer = b"".join(datagram for _, datagram in came if datagram.startswith(b"SIP/2.0 "))
    return [words for words in row["says"].split("|") if words.encode() not in answer]


def torture(world, column):
    rows = list(expectations())
    ports = {SOURCE_PORT} | {int(row["port"]) for row in rows if row["port"].isdigit()}
    peers = Peers(world, ports)
    for folder in FOLDERS:
        members = [row for row in rows if row["message"].startswith(folder + "/")]
        if not members:
            world.expect(f"{folder}: not here, passed over", folder != "own")
            continue
        wrong = []
        for row in members:
            came = peers.exchange(row["family"], row["bytes"], row[column] != "-")
            problem = difference(row, row[column], came)
            if not problem and column == "open" and (words := lacking(row, came)):
                problem = f"it lacks {words}"
            if problem:
                wrong.append(f"{row['message']} ({row['rule']}): {problem}")
            if came is None:
                break
        world.expect(f"{folder}: {len(members)} messages get their answers", not wrong, "\n".join(wrong))


def long_datagrams(world):
    """RFC 3261 section 18.1.1 wants 65,535 bytes to be taken. The engine's limit is 16 kB: what is longer is answered
    513 if a buffer holds it (20 kB), else dropped and counted."""
    peers = Peers(world, {SOURCE_PORT})
    for family in (4, 6):
        for size in (1_400, 6_000, 16_384, 16_385, 20_000, 65_000):
            head = PROBE.format(size).encode()[:-2] + b"X-Long: "
            before = world.engine.counters()
            long = head + b"x" * (size - len(head) - 4) + b"\r\n\r\n"
            came = peers.exchange(family, long, size <= 20_000)
            world.expect(f"the server lives after {size:,} bytes", came is not None)
            got = [datagram[8:11] for _, datagram in came]
            if size <= 16_384:
                world.expect(f"{size:,} bytes over IPv{family} are answered", got == [b"200"], f"got {got}")
                continue
            if size <= 20_000:
                world.expect(f"{size:,} bytes over IPv{family} get 513", got == [b"513"], f"got {got}")
            else:
                world.expect_counter_moves(f"{size:,} bytes over IPv{family}, too long for a buffer",
                                           ["rx_truncated", "rx_reassembly_too_long"], before)


@scenario("torture: each message, asked who it is", domains=DOMAINS)
def torture_asked(world):
    torture(world, "answer")


@scenario("torture: each message, believed", domains=DOMAINS, authenticate=False)
def torture_believed(world):
    torture(world, "open")


@scenario("torture: long datagrams", domains=DOMAINS)
def torture_long(world):
    long_datagrams(world)
