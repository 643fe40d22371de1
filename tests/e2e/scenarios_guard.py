# Real traffic under the poll thread guard (tests/support/guard): requests, NOTIFYs, hand-off between workers,
# fragments, refusals and questions of operators, and no poll thread allocates, locks or makes a system call but
# its port driver's. The guard ends the engine at the first breach; here it must also have been awake.
import re

from client_sip import pidf
from world import scenario

WORKERS = 3
TOLD = re.compile(r"poll thread guard: (sealed|unsealed) (\S+), (\d+) driver calls, (\d+) idle calls")


def traffic(world, family):
    alice, bob = world.endpoint("alice", family), world.endpoint("bob", family)
    world.expect_status("alice registers", alice.register(), 200)
    watches = [bob.watch(alice.aor) for _ in range(3)]
    for watch in watches:
        world.expect_status("bob watches alice", watch.response, 200)
        world.expect("a first NOTIFY", watch.notify())
    tag = None
    for number, padding in enumerate((0, 6000, 0, 3000)):
        answer = alice.publish(pidf(alice.aor, note=f"change {number}", padding=padding), etag=tag)
        tag = world.expect_status(f"alice publishes, padded by {padding}", answer, 200).get("SIP-ETag")
        for watch in watches:
            world.expect(f"bob sees change {number}", watch.sees(f"change {number}", 5))
    for datagram in (b"noise", b"\r\n\r\n", b"SUBSCRIBE sip:x SIP/2.0\r\n\r\n", b"x" * 9000):
        alice.send(datagram)
    stranger = world.engine.endpoint(world.fresh("carol"), family, password="wrong")
    world.expect_status("a wrong password is refused", stranger.register(), 401, 403)
    stranger.close()
    for question in ("status", "counters", "shards"):
        world.expect(f"vedettectl {question} answers", world.engine.ask(question))
    world.expect_status("bob refreshes", watches[0].subscribe(600), 200)
    world.expect_status("bob ends", watches[0].subscribe(0), 200)
    world.expect_status("alice takes it back", alice.publish(expires=0, etag=tag), 200)


@scenario("poll threads make no system call and allocate nothing under real traffic", workers=WORKERS, guarded=True)
def guarded_traffic(world):
    for family in (4, 6):
        traffic(world, family)
    mark = world.engine.process.mark()
    status, _ = world.engine.stop()
    world.expect("the engine ends well", status == 0)
    told = [TOLD.search(text) for _, text in world.engine.process.lines]
    sealed = [match for match in told if match and match[1] == "sealed"]
    unsealed = [match for _, text in world.engine.process.lines[mark:] if (match := TOLD.search(text))]
    world.expect(f"{WORKERS} threads were sealed", len(sealed) == WORKERS)
    world.expect("their seals were lifted at the end", len(unsealed) == WORKERS)
    world.expect("port drivers made system calls", sum(int(match[3]) for match in unsealed) > 0)
    world.expect("nobody rested", all(match[4] == "0" for match in unsealed))
    world.engine.start()
