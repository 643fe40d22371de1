# A baresip user: writes its configuration, starts it, drives it over its control port, hears what it shows.
#
# baresip 1.0 publishes online and offline; what it shows of others is Online, Offline, Busy or Unknown (it shows RPID's
# away as Offline). It gives up on a challenge that offers anything but MD5.
import json
import pathlib
import re
import socket
import time

from client_process import ANSI, LineProcess

MODULES = "/usr/lib/baresip/modules"


class Baresip:
    def __init__(self, pair, folder, account, contacts, server, local, ports, intervals=(60, 30),
                 transport="udp"):
        """`account` = (user, password, domain)
        `ports` = (SIP, control); `intervals` = seconds between (REGISTERs, PUBLISHes)."""
        self.pair, self.control_port = pair, ports[1]
        self.user, _, self.domain = account
        self.aor = f"{self.user}@{self.domain}"
        self.folder = self.write_files(folder, account, contacts, server, local, ports, intervals,
                                       transport=transport)
        self.process = LineProcess(pair, pair.client, ["baresip", "-v", "-f", str(self.folder)])
        self.control = None

    @staticmethod
    def write_files(folder, account, contacts, server, local, ports, intervals=(60, 30), by_hand=False,
                    transport="udp"):
        """Its configuration folder; `by_hand` is for a person at a terminal."""
        user, password, domain = account
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        modules = {"module": ["stdio.so" if by_hand else "ctrl_tcp.so"],
                   "module_app": ["account.so", "contact.so", "presence.so", "menu.so"]}
        lines = [f"sip_listen {local}:{ports[0]}", f"module_path {MODULES}", f"ctrl_tcp_listen 127.0.0.1:{ports[1]}"]
        lines += [f"{kind} {name}" for kind, names in modules.items() for name in names]
        (folder / "config").write_text("\n".join(lines) + "\n")
        (folder / "accounts").write_text(
            f'<sip:{user}@{domain}>;outbound="sip:{server};transport={transport}";auth_user={user};auth_pass={password}'
            f";regint={intervals[0]};pubint={intervals[1]};answermode=manual\n")
        (folder / "contacts").write_text(
            "".join(f'"{aor.split("@")[0]}" <sip:{aor}>;presence=p2p\n' for aor in contacts))
        return folder

    def registered(self, seconds=5):
        return self.process.wait_for("got event 1 .REGISTER_OK", seconds)

    def command(self, name):
        """A menu command such as presence_online, in baresip's own control protocol. Returns what it prints."""
        if self.control is None:
            self.control = self.pair.open_client_socket(kind=socket.SOCK_STREAM)
            self.control.settimeout(3)
            self.control.connect(("127.0.0.1", self.control_port))
        text = json.dumps({"command": name}).encode()
        self.control.sendall(str(len(text)).encode() + b":" + text + b",")
        while not (answer := json.loads(self.read_netstring())).get("response"):
            pass                              # An event; the process's output has it, too.
        return ANSI.sub("", answer.get("data", ""))

    def read_netstring(self):
        length = b""
        while (byte := self.control.recv(1)) != b":":
            length += byte
            if not byte:
                raise OSError("baresip closed its control connection")
        body = b""
        while len(body) <= int(length):       # The comma that ends it, too.
            body += self.control.recv(int(length) + 1 - len(body))
        return body[:-1]

    def contacts(self):
        """{AOR: what it shows now}; unlike sees(), also what it showed first."""
        shown = re.findall(r"(Unknown|Online|Offline|Busy) .*?<sip:([^>;]+)", self.command("contacts"))
        return {aor: state for state, aor in shown}

    def shows(self, aor, state, seconds=3):
        end = time.monotonic() + seconds
        while self.contacts().get(aor) != state:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def mark(self):
        return self.process.mark()

    def sees(self, aor, shown, seconds=3, since=0):
        """The moment from which it shows `shown` of `aor`, or None."""
        said = self.process.wait_for(rf"<sip:{re.escape(aor)}> changed status from \w+ to {shown}\b", seconds, since)
        return said[0] if said else None

    def quit(self, seconds=6):
        """As its user would: it takes back its publication, subscriptions and registration first."""
        self.command("quit")
        status = self.process.wait(seconds)
        self.close()
        return status

    def close(self):
        if self.control is not None:
            self.control.close()
            self.control = None
        if self.process.is_running():
            self.process.stop(9, 2)
        self.pair = None


def wait_all(clients, seconds=5):
    """Whether all are registered within `seconds`."""
    end = time.monotonic() + seconds
    return all(client.registered(max(0.1, end - time.monotonic())) for client in clients)
