# tools/demo as its user runs it: it proves itself, and leaves nothing behind however it ends.
import os
import pathlib
import signal
import subprocess
import time

from netns_engine import ROOT, find_program
from world import scenario


def start(*arguments):
    build = pathlib.Path(find_program("vedettectl")).parents[1]
    return subprocess.Popen([str(ROOT / "tools" / "demo"), "--no-install", *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, env={**os.environ, "VEDETTE_BUILD": str(build)})


def left(demo):
    """What there still is of it: namespaces and files, which carry its process id."""
    return [str(path) for folder, names in (("/run/netns", f"vedette-{demo.pid}-*"), ("/tmp", f"vedette-{demo.pid}-*"))
            for path in pathlib.Path(folder).glob(names)]


def wait_until_up(world, demo):
    said = ""
    while "Ctrl-C" not in said:
        line = demo.stdout.readline()
        said += line
        if not line:
            world.expect("it stays up", False, said)
    while "sngrep" not in said:
        said += demo.stdout.readline()
    world.expect("it shows its proof and stays up", demo.poll() is None)
    return said


@scenario("tools/demo --once proves itself and leaves nothing behind", workers=1)
def once(world):
    for workers in ("1", "3"):
        demo = start("--once", "--workers", workers)
        said, _ = demo.communicate(timeout=60)
        world.expect(f"exit status 0, --workers {workers}", demo.returncode == 0, f"{demo.returncode}\n{said}")
        world.expect("alice saw bob busy", "alice sees: bob is now: busy" in said)
        world.expect("bob saw alice offline", "bob sees: alice is now: offline" in said)
        world.expect("nothing is left", not left(demo), left(demo))


@scenario("tools/demo goes away at Ctrl-C and at SIGTERM", workers=1)
def interrupted(world):
    for sign, status in ((signal.SIGINT, 0), (signal.SIGTERM, 143)):
        demo = start()
        said = wait_until_up(world, demo)
        world.expect("it says how to attach a client, to look and to trace",
                     all(word in said for word in ("ip netns exec", "vedettectl", "tcpdump")))
        demo.send_signal(sign)
        demo.communicate(timeout=20)
        world.expect(f"{sign.name} ends it with {status} (was {demo.returncode})", demo.returncode == status)
        world.expect("nothing is left", not left(demo), left(demo))


@scenario("what a killed tools/demo leaves goes at the next start", workers=1)
def killed(world):
    demo = start()
    wait_until_up(world, demo)
    demo.kill()
    demo.communicate(timeout=10)
    world.expect("its namespaces are left", left(demo))
    time.sleep(0.3)
    alive = subprocess.run(["ip", "netns", "pids", f"vedette-{demo.pid}-s"], capture_output=True, text=True,
                           check=False)
    world.expect("its programs died with it", not alive.stdout.split(), alive.stdout)
    again = start("--once")
    said, _ = again.communicate(timeout=60)
    world.expect("the next one succeeds", again.returncode == 0)
    world.expect("it says what it cleared", "cleared up" in said)
    world.expect("nothing is left", not left(demo) and not left(again))
