# vedette in the server's namespace: its configuration file, start, questions to vedettectl, stop and sudden death.
#
# Here: one engine at a time on one NamespacePair. Not here: what a test expects of it. Called from the main thread.
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

from client_process import LineProcess
from client_sip import Endpoint
from client_sip_stream import StreamEndpoint
from tls_certificates import Authority
from netns_pair import CLIENT, PREFIX, SERVER, SERVER_TAP, WIRE, SetupError

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOMAIN = "example.test"            # Offers SHA-256, then MD5.
OLD_DOMAIN = "old.test"            # Offers MD5 alone: all that baresip 1.0 and SIPp 3.6 can do.
DOMAINS = {DOMAIN: ("SHA-256", "MD5"), OLD_DOMAIN: ("MD5",)}
USERS = ("alice", "bob", "carol", "dave")
SIP_PORT = 5060
TLS_PORT = 5061
WS_PORT, WSS_PORT = 8080, 8443
IDENTITY_PORT = 8444

CONFIGURATION = """# Written by the test harness; tools/vedette.toml explains every key.
workers = {workers}

[[port]]
name = "wire"
device = "net_af_packet0,iface={wire}"
tap_name = "{tap}"
addresses = [{addresses}]

[subscription]
expires_min = "{expires_min}"
expires_max = "{subscription_max}"
expires_when_absent = "{subscription_max}"
expires_spread_percent = 0

[publication]
expires_min = "{expires_min}"
expires_spread_percent = 0

[registration]
expires_min = "{expires_min}"
expires_spread_percent = 0

[pace]                          # What a scenario looks for comes when it happens.
presence = "0s"
presence_winfo = "0s"
message_summary = "0s"
reg = "0s"

[admin]
socket = "{socket}"

"""
DOMAIN_CONFIGURATION = """
[[domain]]
name = "{domain}"
algorithms = [{algorithms}]
"""


def password_of(user):
    return user + "pw"


GUARD = "tests/support/guard/libpoll_thread_guard.so"


def find_program(name):
    """The built program `name`: of VEDETTE_BUILD, else of the newest build folder that has it."""
    folders = [pathlib.Path(os.environ["VEDETTE_BUILD"])] if "VEDETTE_BUILD" in os.environ else \
        [ROOT / "build" / "release", ROOT / "build" / "debug"]
    places = [pathlib.Path(), pathlib.Path("tools")]
    found = [path for folder in folders for path in (folder / place / name for place in places)
             if path.is_file() and os.access(path, os.X_OK)]
    if not found:
        raise SetupError(f"{name} is not built; run 'meson setup build/release && ninja -C build/release'")
    return str(max(found, key=lambda path: path.stat().st_mtime))


class Engine:
    def __init__(self, pair, folder, workers=1, expires_min="2s", subscription_max="3600s", users=USERS,
                 domains=None, authenticate=True, guarded=False, more="", tls=False, websocket=False,
                 peers=(), identity=""):
        """`domains`: their algorithms by name, as a mapping or as pairs. `guarded`: under the poll thread guard, and
        with workers that never rest. `more`: further tables of the configuration. `tls`: with a
        certificate for each domain. `websocket`: also by WebSocket, with `tls` also over that.
        `peers`: with `tls`, pairs of a domain elsewhere and the port where it is, at the client's addresses.
        `identity`: the policy about those who are signed for, by `signers` and whose certificates are at
        IDENTITY_PORT of the client."""
        self.pair, self.folder, self.guarded = pair, pathlib.Path(folder), guarded
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = self.folder / "admin.sock"
        self.configuration = self.folder / "vedette.toml"
        addresses = ", ".join(f'"{address}/{PREFIX[family]}"' for family, address in SERVER.items())
        text = CONFIGURATION.format(workers=workers, wire=WIRE, tap=SERVER_TAP, addresses=addresses,
                                    socket=self.socket, expires_min=expires_min, subscription_max=subscription_max)
        for domain, algorithms in dict(domains or DOMAINS).items():
            text += DOMAIN_CONFIGURATION.format(domain=domain,
                                                algorithms=", ".join(f'"{name}"' for name in algorithms))
            text += "" if authenticate else "authenticate = false\n"
            text += 'watch_policy = "everyone"\n' if identity else ""
            for user in users:
                text += f'\n[[user]]\naor = "{user}@{domain}"\npassword = "{password_of(user)}"\n'
        if guarded:
            text += '\n[dataplane]\nidle = "spin"\n'
        text += more
        if tls:
            self.authority = Authority(self.folder / "tls")
            for domain in dict(domains or DOMAINS):
                chain, key = self.authority.sign(domain)
                text += f'\n[[certificate]]\nchain = "{chain}"\nkey = "{key}"\n'
            if peers:
                self.authority.revoke()
                text += f'\n[tls]\ntrust = ["{self.authority.certificate}"]\nrevoked = ["{self.authority.revoked}"]\n'
                text += 'client_certificates = "optional"\n'
            for domain, port in peers:
                text += f'\n[[peer]]\ndomain = "{domain}"\n'
                text += f'addresses = ["{CLIENT[4]}:{port}", "[{CLIENT[6]}]:{port}"]\nasserts = ["{DOMAIN}"]\n'
        if identity:
            self.signers = Authority(self.folder / "signers")
            self.signers.revoke()
            believed = f'["{self.signers.certificate}"]'
            text += (f'\n[identity]\npolicy = "{identity}"\ntrust = {believed}\nfetch_trust = {believed}\n'
                     f'revoked = ["{self.signers.revoked}"]\nfetch_hosts = ["{CLIENT[4]}:{IDENTITY_PORT}"]\n'
                     'fetch_time_max = "1s"\nheld_max = 16\n')
        for name, port in (("ws", WS_PORT), *((("wss", WSS_PORT),) if tls else ())) if websocket else ():
            listen = ", ".join(f'"{f"[{address}]" if family == 6 else address}:{port}"'
                               for family, address in SERVER.items())
            text += f"\n[{name}]\nlisten = [{listen}]\n"
        self.configuration.write_text(text)
        self.configuration.chmod(0o600)
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.stop()

    def start(self, seconds=20):
        """Returns when OPTIONS is answered over both families; SetupError with vedette's own words when it is not."""
        command = [find_program("vedette"), "--config", str(self.configuration)]
        if self.guarded:
            command = ["env", f"LD_PRELOAD={find_program(GUARD)}", *command]
        self.process = LineProcess(self.pair, self.pair.server, command)
        end = time.monotonic() + seconds
        for family in (4, 6):
            while not self.answers(family):
                if not self.process.is_running():
                    raise SetupError(f"vedette ended with status {self.process.wait()}:\n{self.process.text()}")
                if time.monotonic() > end:
                    raise SetupError(f"vedette does not answer OPTIONS over IPv{family} after {seconds} s:\n"
                                     f"{self.process.text()}")

    def answers(self, family=4, seconds=0.3):
        with self.endpoint("alice", family=family) as probe:
            return probe.transact(probe.build("OPTIONS", f"sip:{DOMAIN}"), seconds) is not None

    def endpoint(self, user, family=4, domain=DOMAIN, password=None, algorithms=("SHA-256", "MD5")):
        """A raw SIP client of our own on a new port of the client's namespace."""
        return Endpoint(self.pair.open_client_socket, CLIENT[family], (SERVER[family], SIP_PORT), user,
                        password or password_of(user), domain, algorithms)

    def stream_endpoint(self, user, family=4, domain=DOMAIN, port=SIP_PORT, **options):
        """The same on a connection."""
        return StreamEndpoint(self.pair.open_client_socket, CLIENT[family], (SERVER[family], port), user,
                              password_of(user), domain, **options)

    def ask(self, *arguments, check=True):
        """vedettectl's answer as JSON."""
        result = self.control(*arguments, "--json")
        if check and result.returncode:
            raise AssertionError(f"vedettectl {' '.join(arguments)} failed ({result.returncode}): {result.stderr}")
        answer = json.loads(result.stdout)
        return answer.get("result", answer)

    def control(self, *arguments):
        return subprocess.run([find_program("vedettectl"), "--socket", str(self.socket), *arguments],
                              capture_output=True, text=True, timeout=10, check=False)

    def counters(self):
        """Every counter by name, summed over what has it (shards and the dataplane's workers)."""
        sums = {}

        def walk(value, name=None):
            if isinstance(value, dict):
                for key, inner in value.items():
                    walk(inner, key)
            elif isinstance(value, list):
                for inner in value:
                    walk(inner, name)
            elif isinstance(value, int) and not isinstance(value, bool) and name:
                sums[name] = sums.get(name, 0) + value
        walk(self.ask("counters"))
        return sums

    def stop(self, seconds=10):
        """SIGTERM; what it said last and its exit status."""
        mark = self.process.mark()
        status = self.process.stop(signal.SIGTERM, seconds)
        return status, "\n".join(text for _, text in self.process.lines[mark:])

    def kill(self):
        if self.process is not None:
            self.process.stop(signal.SIGKILL, 5)
