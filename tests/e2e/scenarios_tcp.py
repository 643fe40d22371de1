# SIP over TCP against the running server: SIPp and baresip, and what only a client of our own would do to a stream.
# Not here: what a stream is cut into in detail (tests/unit/control_streams_test.cc, tests/rfc).
import time

from client_baresip import wait_all
from client_sip import PIDF, pidf
from netns_engine import OLD_DOMAIN
from scenarios_clients import baresip_turns
from scenarios_sipp import ALONE
from scenarios_torture import DOMAINS as TORTURE_DOMAINS
from scenarios_torture import expectations, fields
from world import scenario

SHORT_TIMES = '\n[streams]\nmessage_time_max = "1s"\nidle_max = "3s"\nconnections_max = 40\n' \
              'connections_per_peer_max = 20\n'


def sipp_watches(world, family, transport):
    watcher = world.sipp("watch", "alice", family, peer="bob", transport=transport)
    time.sleep(0.7)                # Its first NOTIFY shall be there before bob publishes.
    world.sipp_ends("bob publishes, refreshes, modifies and removes, by UDP", world.sipp("publish", "bob", family))
    world.sipp_ends("alice sees open, busy and closed on her connection, refreshes and ends", watcher)


def sipp_alone(world, name, family, transport):
    world.sipp_ends(ALONE[name], world.sipp(name, "alice", family, peer="bob", transport=transport))


def two_baresip(world, family=4, transport="tcp"):
    alice = world.baresip("alice", "bob", family=family, transport=transport)
    bob = world.baresip("bob", "alice", family=family)
    world.expect(f"both register, alice by {transport}", wait_all([alice, bob]))
    world.expect("alice shows bob online", alice.shows(bob.aor, "Online"))
    world.expect("bob shows alice online", bob.shows(alice.aor, "Online"))
    baresip_turns(world, alice, bob)
    baresip_turns(world, bob, alice)
    mark, began = bob.mark(), time.monotonic()
    world.expect("alice's baresip ends well", alice.quit() == 0)
    world.expect_within_a_second("bob sees alice offline after she logs off", began + 0.5,
                                 bob.sees(alice.aor, "Offline", 3, mark))


def watch_on_connection(world, alice, bob, uri_parameter):
    """SUBSCRIBE on her connection, PUBLISH by UDP, NOTIFY on the connection, however long it is. Gives the Watch."""
    watch = alice.watch(bob.aor)
    world.expect_status("alice subscribes", watch.response, 200)
    world.expect("our Contact says how we are reached", uri_parameter in watch.target, watch.target)
    world.expect("the first NOTIFY comes on her connection", watch.notify())
    began = time.monotonic()
    tag = world.expect_status("bob publishes by UDP", bob.publish(pidf(bob.aor, note="by UDP")), 200).get("SIP-ETag")
    seen = watch.sees("by UDP")
    world.expect_within_a_second("she sees it", began, seen and seen.arrived)
    world.expect(f"its Via says {alice.transport}", seen.get("Via").startswith(f"SIP/2.0/{alice.transport} "),
                 seen.get("Via"))
    world.expect_status("bob publishes 8 kB", bob.publish(pidf(bob.aor, note="long", padding=8000), etag=tag), 200)
    seen = watch.sees("long")
    world.expect("she sees all of it", seen and len(seen.body) > 8000)
    world.expect("her connection answers pings", alice.ping())
    return watch


def end_watch(world, watch):
    world.expect_status("alice ends it", watch.subscribe(0), 200)
    world.expect("and is told so", watch.notify(lambda n: "terminated" in n.get("Subscription-State")))


def watch_by_tcp(world, family):
    alice, bob = world.stream_endpoint("alice", family), world.endpoint("bob", family)
    end_watch(world, watch_on_connection(world, alice, bob, ";transport=tcp"))


def one_message_is_many_segments(world):
    alice = world.stream_endpoint("alice")
    request = alice.build("OPTIONS", "sip:example.test").to_bytes()
    for at in range(0, len(request), 7):
        alice.send(request[at:at + 7])
        time.sleep(0.001)
    world.expect_status("a message in pieces of seven bytes", alice.receive(2), 200)
    several = [alice.build("OPTIONS", "sip:example.test") for _ in range(50)]
    alice.send(b"\r\n\r\n".join(request.to_bytes() for request in several))
    got = [alice.receive(2) for _ in several]
    world.expect("fifty messages in one go, with pings between them, are answered in order",
                 [a and (a.status, a.cseq) for a in got] == [(200, r.cseq) for r in several])
    world.expect("and the 49 pings", alice.pongs == 49 or alice.ping() and alice.pongs == 50, f"{alice.pongs}")


def torture_by_tcp(world):
    """The table's column of streams, each message on a connection of its own."""
    wrong, count = [], 0
    for row in expectations():
        count += 1
        peer = world.engine.stream_endpoint("torture", row["family"])
        peer.send(row["bytes"])
        wanted = row["stream"].split(",")
        statuses = [word for word in wanted if word.isdigit()]
        answers = []
        while len(answers) < len(statuses) and (came := peer.next_bytes(2)):
            answers.append(came[0])
        problem = ""
        if [answer[8:11].decode() for answer in answers] != statuses:
            problem = f"{[answer[8:11] for answer in answers]}, wanted {row['stream']}"
        elif "close" in wanted:
            problem = "" if peer.closes() else "it is not closed"
        elif "wait" in wanted:
            problem = "it was answered or closed" if peer.next_bytes(0.05) or peer.is_closed else ""
        elif not peer.ping() or peer.held:
            problem = "what follows is not understood"
        elif answers and fields(answers[0]).get("call-id", [])[:1] != fields(row["bytes"]).get("call-id", [])[:1]:
            problem = "another Call-ID came back"
        if problem:
            wrong.append(f"{row['message']} ({row['rule']}): {problem}")
        peer.close()
    world.expect(f"{count} messages get their answers", not wrong, "\n".join(wrong))


def lengths(world):
    before = world.engine.counters()
    alice = world.stream_endpoint("alice")
    request = alice.build("OPTIONS", "sip:example.test").to_bytes()
    alice.send(request.replace(b"Content-Length: 0\r\n", b""))
    world.expect_status("without Content-Length", alice.receive(2), 400)
    world.expect("the connection is closed behind it", alice.closes())
    world.expect_counter_moves("a lost framing", ["connections_framing_lost"], before)
    alice = world.stream_endpoint("alice")
    alice.send(alice.build("OPTIONS", "sip:example.test", body=b"x" * 20_000).to_bytes())
    world.expect_status("20 kB", alice.receive(2), 513)
    world.expect("the connection is closed behind it", alice.closes())
    endless = world.stream_endpoint("alice")
    endless.send(b"OPTIONS sip:example.test SIP/2.0\r\nX: " + b"x" * 30_000)
    world.expect("a head that never ends is cut off", endless.closes())
    world.expect_counter_moves("what is too long", ["connections_message_too_long"], before)


def limits(world):
    before = world.engine.counters()
    slow = world.stream_endpoint("alice")
    silent = world.stream_endpoint("alice")
    idle = world.stream_endpoint("alice")
    world.expect("the idle one is answered once", idle.ping())
    began = time.monotonic()
    text = idle.build("OPTIONS", "sip:example.test").to_bytes()
    for at in range(len(text)):
        if slow.next_bytes(0.1) or slow.is_closed:
            break
        try:
            slow.send(text[at:at + 1])
        except OSError:
            break
    world.expect("a byte now and then is cut off after a second", slow.closes() and time.monotonic() - began < 3)
    world.expect("so is who says nothing", silent.closes())
    world.expect_counter_moves("both", ["connections_message_too_slow"], before)
    world.expect("who was heard has longer, but not for ever", idle.closes(5))
    world.expect_counter_moves("it", ["connections_idle"], before)
    many = [world.stream_endpoint("alice") for _ in range(25)]
    served = [one for one in many if one.ping(0.5)]
    world.expect("one address has as many connections as configured", len(served) == 20, f"{len(served)}")
    world.expect_counter_moves("the others", ["connections_refused_peer"], before)
    world.expect("the other family is another peer", world.stream_endpoint("alice", 6).ping())
    # UDP does not feel it.
    world.expect_status("UDP goes on", world.endpoint("bob").publish(pidf("bob")), 200, 400, 403)


def many_at_once(world):
    """Slow connections up to the limit, of which a new client of another address feels nothing."""
    slow = [world.stream_endpoint("alice") for _ in range(20)]
    for one in slow:
        one.send(b"OPTIONS sip:example.test SIP/2.0\r\n")
    began = time.monotonic()
    other = world.stream_endpoint("bob", 6)
    world.expect_status("another client is served at once", other.transact(other.build("OPTIONS", "sip:example.test")),
                        200)
    world.expect_within_a_second("its answer", began, time.monotonic())


def reader_that_does_not_read(world):
    """A watcher that reads nothing is ended, and nobody else waits for it."""
    alice, bob = world.stream_endpoint("alice"), world.endpoint("bob")
    carol = world.endpoint("carol")
    seen = carol.watch(bob.aor)
    world.expect_status("carol watches bob", seen.response, 200)
    fields_ = [("Event", "presence"), ("Accept", PIDF), ("Contact", alice.contact), ("Expires", "120")]
    before = world.engine.counters()
    # Answers to what it asks fill its window: OPTIONS without end.
    request = alice.build("OPTIONS", "sip:example.test", fields_)
    alice.socket.setblocking(False)
    end, rest = time.monotonic() + 20, b""
    while time.monotonic() < end:
        rest = rest or request.to_bytes() * 100
        try:
            rest = rest[alice.socket.send(rest):]
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:
            break
    world.expect_counter_moves("who does not read", ["connections_write_queue_full", "connections_write_too_slow"],
                               before)
    world.expect_status("bob publishes", bob.publish(pidf(bob.aor, note="still here")), 200)
    world.expect("carol sees it", seen.sees("still here"))


def register_all():
    for workers in (1, 3):
        options = {"workers": workers}
        for family in (4, 6):
            where = f"IPv{family}, {workers} worker{'s' if workers > 1 else ''}"
            scenario(f"TCP: NOTIFY comes on the watcher's connection ({where})", **options)(
                lambda world, family=family: watch_by_tcp(world, family))
            for transport in ("t1", "tn"):
                scenario(f"TCP: a watcher sees a publisher come, be busy and go (SIPp -t {transport}, {where})",
                         **options)(lambda world, family=family, transport=transport:
                                    sipp_watches(world, family, transport))
        for name in ("register", "publish", "fetch", "publish_unknown_tag", "subscribe_unknown_dialog"):
            scenario(f"TCP: {ALONE[name]} (SIPp, {workers} worker{'s' if workers > 1 else ''})", **options)(
                lambda world, name=name: sipp_alone(world, name, 4, "t1"))
        scenario(f"TCP: baresip sees and is seen by one that comes by UDP ({workers} workers)", **options)(two_baresip)
    scenario("TCP: a message is many segments, a segment many messages", workers=3)(one_message_is_many_segments)
    scenario("TCP: messages without an end, or too long", workers=3)(lengths)
    scenario("TCP: baresip over IPv6", workers=3)(lambda world: two_baresip(world, 6))
    scenario("TCP: who does not read is ended", workers=3)(reader_that_does_not_read)
    scenario("TCP: torture, each message on its connection", domains=TORTURE_DOMAINS)(torture_by_tcp)
    scenario("TCP: limits of time and number", more=SHORT_TIMES)(limits)
    scenario("TCP: slow connections hold nobody else up", more=SHORT_TIMES)(many_at_once)


register_all()
