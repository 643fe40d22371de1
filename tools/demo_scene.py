#!/usr/bin/python3
# The demonstration: vedette on a DPDK virtual port in one network namespace, two baresip clients in another, each
# publishing and watching the other. Installs and builds what is missing, says what each client sees, stays up
# until Ctrl-C (or ends after the proof, with --once), and takes everything away again whatever happens.
# The namespaces and the clients are in tests/support; what vedette is asked to do stands here. One thread.
import argparse
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from client_baresip import Baresip, wait_all  # noqa: E402
from client_sip import pidf  # noqa: E402
from netns_engine import SIP_PORT, USERS, Engine, find_program, password_of  # noqa: E402
from netns_pair import CLIENT, SERVER, WIRE, NamespacePair, SetupError, remove_stale  # noqa: E402

DOMAIN = "example.com"
BUILD = ROOT / "build" / "release"
COLOURS = sys.stdout.isatty() and "NO_COLOR" not in os.environ
CHANGED = re.compile(r"<sip:(\w+)@[^>]*> changed status from \w+ to (\w+)")
SPARE = ("carol", "dave")          # Users whose clients you may attach: their baresip is configured and not started.


class Failed(Exception):
    """The demonstration cannot go on; the text says why and what to do."""


def coloured(code, text):
    return f"\x1b[{code}m{text}\x1b[0m" if COLOURS else text


def bold(text):
    return coloured("1", text)


def faint(text):
    return coloured("2", text)


def say(text=""):
    print(text, flush=True)


def done(what):
    say(f"  {coloured('32', '✓')} {what}")


# What must be there first.

def install():
    if subprocess.run([ROOT / "tools" / "setup"], check=False).returncode:
        raise Failed("tools/setup could not install the packages above. Install them yourself (tools/setup --list), "
                     "then run tools/demo --no-install.")
    done("Debian packages are installed")


def build():
    began = time.monotonic()
    if not (BUILD / "build.ninja").exists():
        result = subprocess.run(["meson", "setup", BUILD, "-Dbuildtype=release"], cwd=ROOT, capture_output=True,
                                text=True, check=False)
        if result.returncode:
            raise Failed(f"meson setup failed:\n{result.stdout[-3000:]}\nIf {BUILD} is stale, remove it and try again.")
    if subprocess.run(["ninja", "-C", BUILD, *targets()], cwd=ROOT, check=False).returncode:
        raise Failed("the build failed; its errors stand above.")
    give_back(BUILD.parent)
    done(f"vedette is built {faint(f'({time.monotonic() - began:.0f} s)')}")


def targets():
    """The two programs alone: the tests take longer to compile than the demonstration runs."""
    listed = subprocess.run(["ninja", "-C", BUILD, "-t", "targets", "all"], capture_output=True, text=True, check=False)
    found = re.findall(r"^((?:\w+/)*(?:vedette|vedettectl)): (?!phony)", listed.stdout, re.MULTILINE)
    if not found:
        raise Failed(f"{BUILD} does not know how to build vedette; remove it and try again.")
    return found


def give_back(path):
    """Under sudo: what was built belongs to who called, so that the next build needs no root."""
    if os.environ.get("SUDO_UID"):
        owner = f"{os.environ['SUDO_UID']}:{os.environ.get('SUDO_GID', '')}"
        subprocess.run(["chown", "-R", "-h", owner, path], check=False)


# The two of them.

class Person:
    """A user with a baresip, and a desk phone that says what baresip 1.0 cannot: busy and away."""

    def __init__(self, engine, pair, at, name, other):
        self.name = name
        self.client = Baresip(pair, pair.folder / name, (name, password_of(name), DOMAIN), [f"{other}@{DOMAIN}"],
                              f"{SERVER[4]}:{SIP_PORT}", CLIENT[4], (5070 + at, 4470 + at))
        self.desk = engine.endpoint(name, domain=DOMAIN)
        self.tag = None
        self.printed = 0

    def desk_says(self, activity):
        """None takes it back."""
        body = pidf(self.desk.aor, activity=activity, tuple_id="desk") if activity else b""
        answer = self.desk.publish(body, 600 if activity else 0, self.tag)
        if answer is None or answer.status != 200:
            raise Failed(f"{self.name}'s desk phone published, and was answered: "
                         f"{answer.start if answer else 'nothing at all'}")
        self.tag = answer.get("SIP-ETag") if activity else None

    def close(self):
        self.desk.close()
        self.client.close()


def show(watcher, words, milliseconds, note):
    seen = f"{watcher.name} sees: {bold(words)}"
    say(f"      {seen}{' ' * max(1, 44 - len(watcher.name) - len(words))}{faint(f'{milliseconds:.0f} ms')}"
        f"{faint('   ' + note) if note else ''}")


class Proof:
    """Counts what was shown, against what should have been."""

    def __init__(self):
        self.seen = self.missed = 0

    def step(self, watcher, presentity, what, act, shown, note=""):
        """`act` changes something; the watcher's baresip must show it within a second."""
        say(f"   {what}")
        mark, began = watcher.client.mark(), time.monotonic()
        act()
        moment = watcher.client.sees(presentity.client.aor, shown, 3, mark)
        self.count(watcher, presentity, shown, moment and moment - began, note)

    def count(self, watcher, presentity, shown, seconds, note="", limit=1.0):
        words = f"{presentity.name} is now: {shown.lower()}"
        if seconds is None or seconds > limit:
            self.missed += 1
            late = "never did" if seconds is None else f"did after {seconds:.1f} s"
            say(coloured("31", f"      {watcher.name} should have seen: {words}, and {late}"))
            return
        self.seen += 1
        show(watcher, words, 1000 * seconds, note)

    def both_come(self, alice, bob):
        say("   alice and bob start their baresips, which register, publish and watch")
        for watcher, presentity in ((alice, bob), (bob, alice)):
            began = time.monotonic()
            there = watcher.client.shows(presentity.client.aor, "Online", 5)
            self.count(watcher, presentity, "Online", time.monotonic() - began if there else None,
                       "baresip subscribes a second after it starts" if watcher is alice else "", limit=5.0)

    def one_turns(self, one, other):
        name = one.name
        self.step(other, one, f"{name}'s desk phone says: busy", lambda: one.desk_says("busy"), "Busy")
        self.step(other, one, f"{name}'s desk phone says: away", lambda: one.desk_says("away"), "Offline",
                  "baresip's word for away")
        self.step(other, one, f"{name}'s desk phone takes it back: baresip's online holds again",
                  lambda: one.desk_says(None), "Online")
        self.step(other, one, f"{name}'s baresip publishes: closed", lambda: one.client.command("presence_offline"),
                  "Offline")
        self.step(other, one, f"{name}'s baresip publishes: open", lambda: one.client.command("presence_online"),
                  "Online")


# Staying up.

def write_spares(pair):
    """baresip folders for users that are not there yet, ready to be started by hand."""
    for at, name in enumerate(SPARE):
        Baresip.write_files(pair.folder / name, (name, password_of(name), DOMAIN),
                            [f"{other}@{DOMAIN}" for other in USERS if other != name], f"{SERVER[4]}:{SIP_PORT}",
                            CLIENT[4], (5090 + 2 * at, 4490 + 2 * at), by_hand=True)


def explain(engine, pair):
    inside = f"sudo ip netns exec {pair.client}"
    control = f"sudo {os.path.relpath(find_program('vedettectl'), ROOT)} --socket {engine.socket}"
    say(f"""
{bold('It stays up until you press Ctrl-C.')} In another terminal, from this folder:

  {bold('Attach a client')}: its user is carol or dave, who watch everybody. In baresip, ] publishes offline, [ online,
  C lists who is there, q quits.
    {inside} baresip -f {pair.folder}/carol
  Any other SIP client in that namespace: UDP to {SERVER[4]}:{SIP_PORT} or [{SERVER[6]}]:{SIP_PORT}, domain {DOMAIN},
  users {', '.join(USERS)}, passwords {', '.join(password_of(user) for user in USERS)}.
  (This domain offers digest with MD5 alone: baresip 1.0 gives up when it is offered SHA-256, too.)

  {bold('Look inside')}:
    {control} status
    {control} counters
    {control} shards
    {control} watchers bob@{DOMAIN}
    {control} presentity bob@{DOMAIN}

  {bold('Trace')}:
    {inside} tcpdump -n -A -i {WIRE} udp port {SIP_PORT}
    {inside} sngrep -d {WIRE}        {faint('(apt-get install sngrep)')}
""")


def follow(people, engine):
    """What alice and bob see from now on, until Ctrl-C."""
    for person in people:
        person.printed = person.client.mark()
    while engine.process.is_running():
        for person in people:
            lines = person.client.process.lines[person.printed:]
            person.printed += len(lines)
            for _, text in lines:
                if match := CHANGED.search(text):
                    say(f"{faint(time.strftime('%H:%M:%S'))}  {person.name} sees: "
                        f"{bold(f'{match[1]} is now: {match[2].lower()}')}")
        time.sleep(0.1)
    raise Failed(f"vedette has ended by itself:\n{engine.process.text()[-3000:]}")


def demonstrate(pair, engine, once):
    alice, bob = people = (Person(engine, pair, 0, "alice", "bob"), Person(engine, pair, 2, "bob", "alice"))
    try:
        if not wait_all([person.client for person in people], 10):
            raise Failed("the baresip clients did not register. They say:\n" +
                         "\n".join(person.client.process.text()[-1500:] for person in people))
        proof = Proof()
        say()
        proof.both_come(alice, bob)
        proof.one_turns(bob, alice)
        proof.one_turns(alice, bob)
        if once:
            proof.step(alice, bob, "bob logs off", lambda: bob.client.command("quit"), "Offline")
        say()
        if proof.missed:
            raise Failed(f"{proof.missed} of {proof.seen + proof.missed} changes were not seen within a second. "
                         f"vedette says:\n{engine.process.text()[-2000:]}")
        done(f"both clients saw every change ({proof.seen} of {proof.seen})")
        if not once:
            write_spares(pair)
            explain(engine, pair)
            follow(people, engine)
    finally:
        for person in people:
            person.close()


@contextlib.contextmanager
def cleared_up():
    try:
        yield
    finally:
        say()
        done("clients, vedette and namespaces are gone again")


def run(arguments):
    if arguments.workers < 1:
        raise Failed("--workers takes a number from 1 on.")
    if os.geteuid() != 0:
        raise Failed("network namespaces need root. Run: sudo tools/demo")
    say(bold("Vedette: two SIP clients watch each other through DPDK"))
    if not arguments.no_install:
        install()
    if "VEDETTE_BUILD" not in os.environ:
        build()
    if gone := remove_stale():
        done(f"cleared up after a demonstration that was killed: {', '.join(gone)}")
    with cleared_up(), NamespacePair() as pair:
        done(f"namespaces {pair.server} and {pair.client} are joined by a veth pair")
        with Engine(pair, pair.folder / "vedette", arguments.workers, expires_min="10s",
                    domains={DOMAIN: ("MD5",)}) as engine:
            workers = f"{arguments.workers} worker{'s' if arguments.workers > 1 else ''}"
            done(f"vedette answers on {SERVER[4]} and {SERVER[6]}, port {SIP_PORT}, UDP, with {workers}")
            demonstrate(pair, engine, arguments.once)


def main():
    parser = argparse.ArgumentParser(
        prog="tools/demo", description="Two real SIP clients publish their presence and watch each other through "
        "vedette, on DPDK, in network namespaces of their own. Needs root, no NIC and no huge pages.",
        epilog="VEDETTE_BUILD in the environment names a build folder to use as it is, instead of building.")
    parser.add_argument("--once", action="store_true",
                        help="end after the proof; exit status 0 only if both clients saw every change")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="poll-mode workers (default: 1)")
    parser.add_argument("--no-install", action="store_true", help="do not run tools/setup first")
    arguments = parser.parse_args()

    def leave(number, _frame):
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)    # Clearing up is not interrupted.
        raise SystemExit(0 if number == signal.SIGINT and not arguments.once else 128 + number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, leave)
    try:
        run(arguments)
    except (Failed, SetupError) as problem:
        say(f"\n{coloured('31', 'tools/demo:')} {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
