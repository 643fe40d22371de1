# What a scenario of the end-to-end tests lives in: an engine on a wire, users nobody used before, clients that
# are taken down again, and the ladder of "Expect:" steps that it climbs. Not here: the scenarios
# (scenarios_*.py) and the runner (run.py). One thread.
import contextlib
import dataclasses
import pathlib
import sys
import time
import typing

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from client_baresip import Baresip  # noqa: E402
from client_linphone import Linphone  # noqa: E402
from netns_engine import DOMAIN, OLD_DOMAIN, SIP_PORT, TLS_PORT, password_of  # noqa: E402
from netns_pair import CLIENT, SERVER  # noqa: E402
import client_sipp  # noqa: E402

NAMES = ("alice", "bob", "carol", "dave")


class Unmet(AssertionError):
    """An expectation that did not come true; the text is the step."""


class Skipped(Exception):
    """Something that the scenario needs is not on this machine; the text says what to do."""


@dataclasses.dataclass
class Scenario:
    name: str
    climb: typing.Callable
    options: tuple                 # Of its Engine, as sorted pairs: scenarios with the same share one.


SCENARIOS = []


def scenario(name, **options):
    """Registers the function below as a scenario; `options` are those of netns_engine.Engine."""
    def register(climb):
        SCENARIOS.append(Scenario(name, climb, tuple(sorted(options.items()))))
        return climb
    return register


def in_brackets(address):
    return f"[{address}]" if ":" in address else address


class World:
    """One for each scenario. `number` makes its users and ports its own."""
    counted = 0

    def __init__(self, engine, folder):
        World.counted += 1
        self.engine, self.pair, self.number = engine, engine.pair, World.counted
        self.folder = pathlib.Path(folder) / f"scenario-{self.number}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.stack = contextlib.ExitStack()
        self.clients = []
        self.steps = []
        self.ports_used = 0

    def close(self):
        self.stack.close()

    # The ladder.

    def expect(self, what, got, otherwise=""):
        """One step: `got` must be true, or be something; else `otherwise` is shown with it. Returns it."""
        if not got:
            raise Unmet(f"Expect: {what}{': ' if otherwise else ''}{otherwise}")
        self.steps.append(f"Expect: {what}")
        return got

    def expect_status(self, what, message, *statuses):
        said = "no answer" if message is None else message.start
        if message is None or message.status not in statuses:
            raise Unmet(f"Expect: {what}: {' or '.join(map(str, statuses))}, got: {said}")
        self.steps.append(f"Expect: {what}: {said}")
        return message

    def expect_within_a_second(self, what, began, seen):
        """`began` and `seen` are time.monotonic(); `seen` is None when it never came."""
        if seen is None:
            raise Unmet(f"Expect: {what} within a second; it did not come")
        if seen - began > 1.0:
            raise Unmet(f"Expect: {what} within a second; it took {seen - began:.2f} s")
        self.steps.append(f"Expect: {what} ({1000 * (seen - began):.0f} ms)")

    # Users and clients.

    def fresh(self, name):
        """A user of this scenario alone."""
        return f"{name}{self.number}"

    def account(self, name, domain):
        user = self.fresh(name)
        return user, password_of(user), domain

    def next_port(self, step=2):
        self.ports_used += step
        return 20000 + 100 * self.number + self.ports_used

    def server(self, family=4):
        return SERVER[family], SIP_PORT

    def server_host(self, family=4, port=SIP_PORT):
        return f"{in_brackets(SERVER[family])}:{port}"

    def keep(self, client):
        self.clients.append(client)
        self.stack.callback(client.close)
        return client

    def baresip(self, name, *watched, family=4, intervals=(60, 30), transport="udp"):
        at = self.next_port()
        return self.keep(Baresip(self.pair, self.folder / name, self.account(name, OLD_DOMAIN),
                                 [f"{self.fresh(other)}@{OLD_DOMAIN}" for other in watched],
                                 self.server_host(family, TLS_PORT if transport == "tls" else SIP_PORT),
                                 in_brackets(CLIENT[family]), (at, at + 1), intervals, transport))

    def linphone(self, name, *watched, family=4, domain=DOMAIN, expires=60, command_line=False, transport="udp"):
        is_tls = transport == "tls"
        return self.keep(Linphone(self.pair, self.folder / name, self.account(name, domain),
                                  [f"{self.fresh(other)}@{domain}" for other in watched],
                                  self.server_host(family, TLS_PORT if is_tls else SIP_PORT),
                                  in_brackets(CLIENT[family]), self.next_port(), expires, command_line, transport,
                                  self.engine.authority.certificate if is_tls else None))

    def endpoint(self, name, family=4, domain=DOMAIN, **options):
        endpoint = self.engine.endpoint(self.fresh(name), family, domain, **options)
        self.stack.callback(endpoint.close)
        return endpoint

    def stream_endpoint(self, name, family=4, domain=DOMAIN, **options):
        endpoint = self.engine.stream_endpoint(self.fresh(name), family, domain, **options)
        self.stack.callback(endpoint.close)
        return endpoint

    def sipp(self, scenario_name, name, family=4, peer=None, password=None, user=None, transport="u1",
             server=None):
        """Starts SIPp; finish it with sipp_ends. `transport` is its -t: t1 is one connection, tn one a call. `server`
        is where it sends to, if that is not the server itself."""
        known, right, domain = self.account(name, OLD_DOMAIN)
        account = (user or known, password or right, domain)
        process = client_sipp.start(self.pair, self.folder, scenario_name, server or self.server(family),
                                    CLIENT[family], account, self.next_port(),
                                    peer=f"{self.fresh(peer)}@{OLD_DOMAIN}" if peer else "",
                                    transport=transport, digest_uri=domain if server else "")
        return process, scenario_name

    def sipp_ends(self, what, started):
        process, scenario_name = started
        try:
            client_sipp.finish(process, self.folder, scenario_name)
        except client_sipp.SippFailed as failed:
            raise Unmet(f"Expect: {what}\n{failed}") from failed
        self.steps.append(f"Expect: {what}")

    # The engine's counters.

    def expect_counter_moves(self, what, names, before, seconds=3.0):
        """One of `names` is above its value in `before` now or soon (workers report now and then)."""
        end = time.monotonic() + seconds
        while True:
            after = self.engine.counters()
            moved = [name for name in names if after.get(name, 0) > before.get(name, 0)]
            if moved or time.monotonic() > end:
                break
            time.sleep(0.1)
        if not moved:
            changed = {name: count - before.get(name, 0) for name, count in after.items()
                       if count != before.get(name, 0)}
            raise Unmet(f"Expect: {what} is counted as {' or '.join(names)}; what moved: {changed}")
        self.steps.append(f"Expect: {what} is counted: {', '.join(moved)}")
