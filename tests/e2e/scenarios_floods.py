# Floods against the running server: who sends too much is limited, his neighbours who have proved themselves are not,
# and an operator sees it.
import threading
import time

from netns_engine import DOMAIN
from world import scenario

NETWORKS = """
[flood]
prefix_strangers_per_second = 300
prefix_limited_per_second = 20
verdict_seconds = 2
"""


class Flood:
    """OPTIONS, some 2,000 a second, until it is left; answers are thrown away."""
    def __init__(self, endpoint):
        self.endpoint, self.is_over = endpoint, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        datagram = self.endpoint.build("OPTIONS", f"sip:{DOMAIN}").to_bytes()
        while not self.is_over.is_set():
            for _ in range(20):
                self.endpoint.send(datagram)
            while self.endpoint.next_bytes(0):
                pass
            time.sleep(0.01)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


def soon(holds, seconds):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.1)
    return holds()


def networks(world):
    """IPv4 and IPv6 are networks of their own here, and one host has a leg in each."""
    stranger, alice = world.endpoint("bob", 4), world.endpoint("alice", 6)
    world.expect_status("alice registers", alice.register(), 200)
    before = world.engine.counters()
    verdicts = lambda: [one["prefix"] for one in world.engine.ask("floods")["verdicts"]]    # noqa: E731
    with Flood(stranger):
        world.expect("the network that strangers flood from is limited",
                     soon(lambda: verdicts() == ["192.0.2.0/24"], 5), str(world.engine.ask("floods")))
        world.expect_counter_moves("what it sends", ["refused_prefix_limited"], before)
        words = world.engine.control("floods").stdout
        world.expect("operators see it", "192.0.2.0/24" in words and "Limited now: 1" in words, words)
        world.expect_status("alice, who has proved herself, is served", alice.register(), 200)
        time.sleep(2)
        world.expect("it stays limited while it goes on", verdicts() == ["192.0.2.0/24"])
    world.expect("and is free again when it has stopped", soon(lambda: not verdicts(), 6))
    world.expect_status("who comes from there then is served", world.endpoint("carol", 4).register(), 200)


def ports_that_cannot(world):
    """AF_PACKET has no rte_flow: what a port could drop the workers turn away, and operators are told once."""
    stranger = world.endpoint("bob", 4)
    before = world.engine.counters()
    refused = lambda: world.engine.ask("floods")["port_drops"]["refused"]      # noqa: E731
    with Flood(stranger):
        world.expect("the port is asked, and cannot", soon(lambda: refused() == 1, 6),
                     str(world.engine.ask("floods")))
        world.expect_counter_moves("what the network sends", ["refused_prefix_limited"], before)
        time.sleep(2)
        world.expect("it is asked once", refused() == 1)
        facts = world.engine.ask("floods")
        world.expect("none drops anything", [one["dropped_by_ports"] for one in facts["verdicts"]] == [0], str(facts))
        words = world.engine.control("floods").stdout
        world.expect("operators see it", "refused by a port: 1" in words, words)
    world.expect("the log says so, once", world.engine.process.text().count("a port drops no network by itself") == 1)


scenario("floods: a port that drops nothing by itself", workers=3,
         more=NETWORKS.replace("limited_per_second = 20", "limited_per_second = 0"))(ports_that_cannot)
for workers in (1, 3):
    scenario(f"floods: a network is limited for a time, by {workers} worker{'s' if workers > 1 else ''}",
             workers=workers, more=NETWORKS)(networks)
