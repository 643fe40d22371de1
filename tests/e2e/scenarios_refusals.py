# What nobody should send: the right answer or silence, a named counter moves, and the engine lives on.
import random

from client_sip import pidf
from netns_engine import DOMAIN, OLD_DOMAIN, password_of
from world import scenario

NOT_SIP = ["refused_not_sip", "refused_unanswerable", "refused_truncated"]
TOO_LONG = ["refused_message_too_long", "rx_too_long", "rx_reassembly_too_long", "rx_truncated"]


def lives(world, family):
    world.expect(f"OPTIONS is still answered over IPv{family}", world.engine.answers(family, 2))


def silence(world, what, family, datagrams, counters):
    """None of `datagrams` is answered."""
    before = world.engine.counters()
    with world.engine.endpoint("alice", family) as stranger:
        for datagram in datagrams:
            stranger.send(datagram)
        heard = stranger.listen(0.4)
        world.expect(f"{what}: silence", not heard)
    world.expect_counter_moves(what, counters, before)
    lives(world, family)


def garbage(world, family):
    dice = random.Random(family)
    silence(world, "random bytes", family, [dice.randbytes(size) for size in (1, 7, 60, 500, 1400)], NOT_SIP)
    silence(world, "text that is not SIP", family, [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n\r\nhello\r\n\r\n"],
            NOT_SIP)
    silence(world, "zeros", family, [bytes(100)], NOT_SIP)
    silence(world, "keep-alives", family, [b"\r\n\r\n", b"\r\n"], ["refused_keep_alive"])


def truncated(world, family):
    probe = world.endpoint("alice", family)
    fields = [("Event", "presence"), ("Content-Type", "application/pidf+xml")]
    whole = probe.build("PUBLISH", f"sip:{probe.aor}", fields, pidf(probe.aor)).to_bytes()
    head = whole.index(b"\r\n\r\n")
    silence(world, "a message cut within its header fields", family,
            [whole[:size] for size in (4, 12, 30, head // 4)], NOT_SIP)

    before = world.engine.counters()
    probe.send(whole[:head + 40])
    answers = probe.listen(0.4)
    world.expect("a body shorter than its Content-Length: 400 or silence",
                 all(answer.status == 400 for answer in answers))
    world.expect_counter_moves("the cut body", ["refused_truncated", "refused_bad_content_length"], before)
    lives(world, family)


def oversized(world, family):
    alice = world.endpoint("alice", family)
    before = world.engine.counters()
    answer = alice.publish(pidf(alice.aor, padding=12000))
    world.expect_status("a document of 12 kB", answer, 413, 513)
    world.expect_counter_moves("it", ["refused_body_too_long", "refused_message_too_long"], before)

    before = world.engine.counters()
    request = alice.build("OPTIONS", f"sip:{DOMAIN}", [("X-Filler", "y" * 1000)] * 25)
    alice.send(request.to_bytes())
    answers = alice.listen(0.4)
    world.expect("a request of 25 kB: 513 or silence", all(answer.status == 513 for answer in answers))
    world.expect_counter_moves("it", TOO_LONG, before)

    before = world.engine.counters()
    alice.send(b"x" * 60000)
    world.expect("60 kB of nothing: silence", not alice.listen(0.4))
    world.expect_counter_moves("it", TOO_LONG + NOT_SIP, before)
    lives(world, family)


def malformed(world, family):
    alice = world.endpoint("alice", family)

    def said(what, change, *statuses):
        request = alice.build("OPTIONS", f"sip:{DOMAIN}")
        request.headers = change(request.headers)
        alice.send(request.to_bytes())
        world.expect_status(what, alice.receive(3), *statuses)

    def without(name):
        return lambda headers: [(key, value) for key, value in headers if key != name]

    said("no Call-ID", without("Call-ID"), 400)
    said("no CSeq", without("CSeq"), 400)
    said("no From", without("From"), 400)
    said("a CSeq of another method", lambda h: [(k, "7 INVITE" if k == "CSeq" else v) for k, v in h], 400)
    said("Max-Forwards 0", lambda h: [(k, "0" if k == "Max-Forwards" else v) for k, v in h], 200, 483)
    said("an extension we lack", lambda h: h + [("Require", "no-such-extension")], 420)
    answer = alice.transact(alice.build("INVITE", f"sip:{alice.aor}"), 1)
    world.expect_status("INVITE, which has no place here yet", answer, 405, 501)
    answer = alice.transact(alice.build("FROBNICATE", f"sip:{alice.aor}"), 1)
    world.expect_status("a method that nobody knows", answer, 501, 405)
    world.expect("its answer names what we do", answer.get("Allow") and "SUBSCRIBE" in answer.get("Allow"))
    lives(world, family)


def credentials(world, family):
    for algorithms in (("SHA-256",), ("MD5",)):
        name = algorithms[0]
        good = world.endpoint("alice", family, algorithms=algorithms)
        world.expect_status(f"the right password, {name}", good.register(), 200)
        before = world.engine.counters()
        bad = world.endpoint("alice", family, algorithms=algorithms, password="not-it")
        world.expect_status(f"a wrong password, {name}", bad.register(), 401)
        world.expect_counter_moves("it", ["refused_wrong_digest"], before)
    before = world.engine.counters()
    nobody = world.engine.endpoint("mallory", family)
    world.stack.callback(nobody.close)
    world.expect_status("an unknown user registers", nobody.register(), 401)
    world.expect_status("an unknown user publishes", nobody.publish(pidf(nobody.aor)), 401)
    world.expect_status("an unknown user watches", nobody.watch(good.aor).response, 401)
    world.expect_counter_moves("an unknown user", ["refused_user_unknown"], before)

    before = world.engine.counters()
    world.expect_status("alice publishes for somebody else", good.publish(pidf("bob1@" + DOMAIN), aor="bob1@" + DOMAIN),
                        403)
    world.expect_counter_moves("it", ["refused_not_your_aor", "refused_forbidden"], before)


def publishers(world):
    """A mail server says of everybody in its domain what waits for them, and nothing else (RFC 3842 §3.12)."""
    mail, alice = world.engine.endpoint("mail"), world.endpoint("alice")
    world.stack.callback(mail.close)
    summary = {"event": "message-summary", "media_type": "application/simple-message-summary"}
    waits = b"Messages-Waiting: yes\r\nVoice-Message: 2/8\r\n"
    watch = alice.watch(alice.aor, **summary)
    world.expect("alice subscribes to what waits for her", watch.notify(lambda n: b"Messages-Waiting: no" in n.body))
    said = mail.publish(waits, aor=alice.aor, **summary)
    tag = world.expect_status("the mail server publishes for her", said, 200).get("SIP-ETag")
    world.expect("and she is told", watch.notify(lambda n: b"2/8" in n.body))
    world.expect_status("it refreshes", mail.publish(aor=alice.aor, etag=tag, **summary), 200)
    before = world.engine.counters()
    world.expect_status("not her presence", mail.publish(pidf(alice.aor), aor=alice.aor), 403)
    world.expect_counter_moves("it", ["refused_not_your_aor"], before)
    world.expect_status("another domain does not know it",
                        mail.publish(waits, aor=f"{alice.user}@{OLD_DOMAIN}", **summary), 401)
    bob = world.endpoint("bob")
    world.expect_status("bob may not for her", bob.publish(waits, aor=alice.aor, **summary), 403)
    world.expect_status("but for himself", bob.publish(waits, **summary), 200)


SCENARIOS = {"garbage is met with silence": garbage, "truncated datagrams": truncated,
             "oversized documents and datagrams": oversized, "malformed and unsupported requests": malformed,
             "passwords: right, wrong, nobody's, somebody else's": credentials}
scenario("a mail server publishes for its domain", workers=3, more=f"""
[[user]]
aor = "mail@{DOMAIN}"
password = "{password_of("mail")}"
publishes_for_domain = ["message-summary"]
""")(publishers)
for workers in (1, 3):
    for family in (4, 6):
        for title, climb in SCENARIOS.items():
            scenario(f"{title} (IPv{family}, {workers} worker{'s' if workers > 1 else ''})", workers=workers)(
                lambda world, climb=climb, family=family: climb(world, family))
