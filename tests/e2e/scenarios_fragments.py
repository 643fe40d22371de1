# Documents larger than a frame: in by PUBLISH, out by NOTIFY, in IP fragments, both families.
from client_sip import pidf
from world import scenario

BODY_BYTES = 6000


def large_document(world, family):
    alice, bob = world.endpoint("alice", family), world.endpoint("bob", family)
    watch = bob.watch(alice.aor)
    world.expect_status("bob watches", watch.response, 200)
    world.expect("a first NOTIFY", watch.notify())
    before = world.engine.counters()

    body = pidf(alice.aor, activity="busy", padding=BODY_BYTES)
    world.expect(f"a document of {len(body)} bytes", len(body) > BODY_BYTES)
    answer = world.expect_status("alice publishes it", alice.publish(body), 200)
    notify = world.expect("bob is notified of it", watch.sees("<rpid:busy"))
    world.expect("every note arrived", notify.body.count(b"x" * 200) == BODY_BYTES // 200)
    if family == 6:                # What net_af_packet fans out, the kernel has put together, for IPv4 alone.
        world.expect_counter_moves("the datagram put together", ["rx_reassembled"], before)
    world.expect_counter_moves("the datagram sent in fragments", ["tx_fragmented"], before)

    answer = alice.publish(pidf(alice.aor, note="short again"), etag=answer.get("SIP-ETag"))
    world.expect_status("alice publishes a short one", answer, 200)
    world.expect("bob sees it", watch.sees("short again"))
    world.expect_status("bob ends", watch.subscribe(0), 200)


for workers in (1, 3):
    for family in (4, 6):
        where = f"(IPv{family}, {workers} worker{'s' if workers > 1 else ''})"
        scenario(f"a 6 kB document goes in and out in fragments {where}", workers=workers)(
            lambda world, family=family: large_document(world, family))
