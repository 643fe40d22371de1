#!/usr/bin/python3
# Runs the end-to-end scenarios as root and reports each in TAP. Scenarios that want the same engine share one;
# each has users of its own. On failure it shows the engine's and the clients' words and keeps the trace.
# The scenarios are in scenarios_*.py; what they have in hand is in world.py.
import argparse
import importlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import world  # noqa: E402
from netns_engine import Engine, find_program  # noqa: E402
from netns_pair import NamespacePair, SetupError, WIRE  # noqa: E402

PROGRAMS = {"ip": "iproute2", "ethtool": "ethtool", "tcpdump": "tcpdump", "baresip": "baresip-core",
            "linphonec": "linphone-cli", "sipp": "sip-tester",
            "openssl": "openssl"}
LINES_SHOWN = 60


def say(text):
    print(text, flush=True)


def remark(text):
    for line in text.rstrip().splitlines():
        say(f"# {line}")


def obstacle():
    """Why nothing can run here, in a sentence; None when it can."""
    if os.geteuid() != 0:
        return "network namespaces need root: sudo tools/test"
    missing = sorted({package for program, package in PROGRAMS.items() if not shutil.which(program)})
    return f"{', '.join(missing)} not installed: tools/setup installs them" if missing else None


class Run:
    def __init__(self, folder):
        self.folder = folder
        self.done = self.failed = 0

    def result(self, entry, problem, began, skipped=""):
        self.done += 1
        self.failed += bool(problem)
        say(f"{'not ok' if problem else 'ok'} {self.done} - {entry.name}{skipped and f' # SKIP {skipped}'}")
        remark(f"  {time.monotonic() - began:.1f} s")

    def climb(self, entry, engine):
        began = time.monotonic()
        here = world.World(engine, self.folder)
        problem, skipped = None, ""
        try:
            entry.climb(here)
            if not engine.process.is_running():
                problem = "the engine has ended"
        except world.Skipped as why:
            skipped = str(why)
        except Exception as error:    # Whatever it was, the other scenarios run.
            problem = f"{type(error).__name__}: {error}"
            if not isinstance(error, world.Unmet):
                problem += "\n" + traceback.format_exc(limit=-3)
        self.result(entry, problem, began, skipped)
        remark("\n".join(f"  {step}" for step in here.steps))
        if problem:
            remark(f"  {problem}")
            self.show(here, engine)
        here.close()

    def show(self, here, engine):
        for title, process in [("vedette", engine.process)] + \
                [(f"{type(client).__name__} {client.user}", client.process) for client in here.clients]:
            remark(f"  -- {title} said last:")
            remark("\n".join("     " + line for line in process.text().splitlines()[-LINES_SHOWN:]))
        remark(f"  -- trace: {self.folder}")

    def group(self, options, entries):
        """All the scenarios of one engine."""
        users = [f"{name}{number}" for name in world.NAMES for number in range(1, len(world.SCENARIOS) + 1)]
        folder = pathlib.Path(tempfile.mkdtemp(prefix="engine-", dir=self.folder))
        with NamespacePair() as pair:
            try:
                trace = pair.popen(pair.client, ["tcpdump", "-U", "-n", "-i", WIRE, "-w", str(folder / "wire.pcap")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                engine = Engine(pair, folder, users=users, **dict(options))
                engine.start()
            except SetupError as error:
                for entry in entries:
                    self.result(entry, True, time.monotonic())
                    remark(f"  {error}")
                return
            for entry in entries:
                if not engine.process.is_running():
                    engine.start()
                self.climb(entry, engine)
            engine.stop()
            trace.terminate()


def chosen(words):
    for module in sorted(HERE.glob("scenarios_*.py")):
        importlib.import_module(module.stem)
    return [entry for entry in world.SCENARIOS if not words or any(word in entry.name for word in words)]


def main():
    parser = argparse.ArgumentParser(description="Real SIP clients against vedette, each in its network namespace.")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only scenarios whose name has one of these in it")
    parser.add_argument("--list", action="store_true", help="name the scenarios and end")
    parser.add_argument("--keep", action="store_true", help="keep traces and configurations of good runs, too")
    arguments = parser.parse_args()
    entries = chosen(arguments.words)
    if arguments.list:
        say("\n".join(entry.name for entry in entries))
        return 0
    say(f"1..{len(entries)}")
    if why := obstacle():
        for number, entry in enumerate(entries, 1):
            say(f"ok {number} - {entry.name} # SKIP {why}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    find_program("vedette")
    groups = {}
    for entry in entries:
        groups.setdefault(entry.options, []).append(entry)
    run = Run(pathlib.Path(tempfile.mkdtemp(prefix="vedette-e2e-")))
    for options, members in groups.items():
        remark(f"engine: {', '.join(f'{key}={value}' for key, value in options) or 'defaults'}")
        run.group(options, members)
    if not run.failed and not arguments.keep:
        shutil.rmtree(run.folder, ignore_errors=True)
    return 1 if run.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SetupError as problem:
        say(f"Bail out! {problem}")
        sys.exit(1)
