# Flows from the RFCs' corners, by a client that knows nothing of the engine: order of CSeqs, dialogs that are not
# one's own, replayed credentials, Via by the letter, answers to NOTIFY, documents that are not quite documents.
import random
import re
import select
import time
import xml.dom.minidom

from client_sip import PIDF, Credentials, Message, pidf, uri_of
from netns_engine import DOMAIN, password_of
from netns_pair import CLIENT
from world import scenario


def contacts(answer):
    return re.findall(r"<[^>]*>", " ".join(answer.all("Contact")))


def register(endpoint, *addresses, expires=60, **options):
    fields = [("Contact", address) for address in addresses] + [("Expires", str(expires))]
    return endpoint.request("REGISTER", f"sip:{endpoint.domain}", fields, to=f"<sip:{endpoint.aor}>", **options)


def bindings_by_the_letter(world, family):
    """RFC 3261 §10.3."""
    alice = world.endpoint("alice", family)
    world.expect_status("a wildcard that expires later", register(alice, "*", expires=10), 400)
    world.expect_status("a wildcard in company", register(alice, "*", alice.contact, expires=0), 400)
    answer = register(alice, f"{alice.contact};expires=30, <sip:b@{DOMAIN}.invalid>;q=0.5", expires=90)
    world.expect_status("two in a line", answer, 200)
    world.expect("the parameter goes before the header field", re.search("expires=(29|30)", str(answer)))
    world.expect("both are bound", len(contacts(answer)) == 2 and "q=0.5" in str(answer))

    answer = register(alice, f"<sip:%62@{DOMAIN.upper()}.invalid>")
    world.expect("an address is the same in another spelling", len(contacts(answer)) == 2)
    answer = register(alice, "<sip:c@c.invalid>", "<sip:d@d.invalid>;expires=1")
    world.expect_status("one good, one too brief", answer, 423)
    world.expect("neither is bound", len(contacts(register(alice, expires=60))) == 2)

    call = {"call_id": f"order-{world.number}", "from_tag": "one"}
    world.expect_status("CSeq 10", register(alice, alice.contact, cseq=10, **call), 200)
    world.expect_status("CSeq 9 of the same call", register(alice, alice.contact, expires=0, cseq=9, **call), 500, 400)
    world.expect("the binding stays", len(contacts(register(alice, expires=60))) == 2)
    world.expect_status("a wildcard that expires now", register(alice, "*", expires=0), 200)
    world.expect("nothing is left", not world.engine.ask("presentity", alice.aor)["bindings"])


def dialogs_by_the_letter(world, family):
    alice, bob, mallory = (world.endpoint(name, family) for name in ("alice", "bob", "carol"))
    call = {"call_id": f"dialog-{world.number}", "from_tag": "one"}
    fields = [("Event", "presence;id=7"), ("Contact", bob.contact), ("Expires", "60")]

    def subscribe(endpoint, cseq, headers=(), uri=None, to=None, **other):
        said = [(name, value) for name, value in fields if name not in dict(headers)] + list(headers)
        return endpoint.request("SUBSCRIBE", uri or target, said, to=to or dialog, cseq=cseq, **{**call, **other})

    aor = f"sip:{alice.aor}"
    answer = world.expect_status("bob subscribes", subscribe(bob, 10, uri=aor, to=f"<{aor}>"), 200)
    dialog, target = answer.get("To"), uri_of(answer.get("Contact"))
    first = world.expect("a first NOTIFY", bob.wait_notify(lambda notify: True))
    world.expect("its Event has the id", first.get("Event") == "presence;id=7")
    world.expect_status("a refresh", subscribe(bob, 12), 200)
    second = world.expect("a NOTIFY follows", bob.wait_notify(lambda notify: True))
    world.expect("its CSeq is one more", second.cseq == first.cseq + 1)

    world.expect_status("an older CSeq", subscribe(bob, 11), 500)
    world.expect_status("another To tag", subscribe(bob, 13, to=dialog[:-1] + ("1" if dialog[-1] == "0" else "0")), 481)
    world.expect_status("another From tag", subscribe(bob, 13, from_tag="two"), 481)
    world.expect_status("another Call-ID", subscribe(bob, 13, call_id="another"), 481)
    world.expect_status("somebody else", subscribe(mallory, 20, [("Contact", mallory.contact)]), 403, 481)
    world.expect("he is not notified", not mallory.listen(0.2))
    world.expect_status("too brief", subscribe(bob, 21, [("Expires", "1")]), 423)
    world.expect("bob still watches", len(world.engine.ask("watchers", alice.aor)["watchers"]) == 1)
    world.expect_status("the end", subscribe(bob, 22, [("Expires", "0")]), 200)
    world.expect("a last NOTIFY", bob.wait_notify(lambda notify: "terminated" in notify.get("Subscription-State")))
    world.expect_status("after the end", subscribe(bob, 23), 481)


def credentials_by_the_letter(world, family):
    for algorithm in ("SHA-256", "MD5"):
        alice = world.endpoint("alice", family, algorithms=(algorithm,))
        uri = f"sip:{DOMAIN}"

        def ask(change=lambda value: value, credentials=None, method="REGISTER"):
            call = {"to": f"<sip:{alice.aor}>"}
            challenge = alice.transact(alice.build("REGISTER", uri, **call))
            _, value = (credentials or alice.credentials).answer(challenge, method, uri)
            request = alice.build("REGISTER", uri, [("Authorization", change(value))], **call)
            return request, alice.transact(request)

        request, answer = ask()
        world.expect_status(f"right, {algorithm}", answer, 200)
        again = [(name, value.replace("z9hG4bK", "z9hG4bKx")) for name, value in request.headers]
        again = Message(request.start, again)
        answer = world.expect_status("the same credentials in a second request", alice.transact(again), 401)
        world.expect("they are called stale", "stale=true" in str(answer).lower())
        for what, change in {"nc in quotes": lambda v: re.sub(r"nc=(\w+)", r'nc="\1"', v),
                             "qop in quotes": lambda v: v.replace("qop=auth", 'qop="auth"'),
                             "folded lines": lambda v: v.replace(", ", " ,\r\n\t"),
                             "other capitals": lambda v: v.replace("username", "UserName").replace("Digest", "DIGEST"),
                             "a quoted pair": lambda v: v.replace('username="a', 'username="\\a'),
                             "parameters nobody knows": lambda v: v + ', x="a,\\"b"'}.items():
            world.expect_status(what, ask(change)[1], 200)
        for what, change in {"a shorter nonce": lambda v: re.sub(r'nonce="(\w+)\w"', r'nonce="\1"', v),
                             "another nonce": lambda v: re.sub(r'cnonce="(\w+)\w"', r'cnonce="\1z"', v),
                             "another realm": lambda v: v.replace(f'realm="{DOMAIN}"', 'realm="elsewhere.test"'),
                             "no response": lambda v: re.sub(r'response="\w+"', 'response=""', v),
                             "Basic": lambda v: "Basic QWxhZGRpbjpvcGVu"}.items():
            world.expect_status(what, ask(change)[1], 401, 400)
        world.expect_status("credentials for another method", ask(method="SUBSCRIBE")[1], 401)
        wrong = ask(credentials=Credentials(alice.user, "not-it", (algorithm,)))[1]
        nobody = ask(credentials=Credentials("nobody", password_of(alice.user), (algorithm,)))[1]

        def shape(answer):
            """Without what differs between any two answers."""
            return re.sub(r'nonce="\w+"|branch=\w+|tag=\w+|(?m:^(CSeq|Call-ID).*)', "", str(answer), flags=re.I)
        world.expect("a wrong password and an unknown user look alike", shape(wrong) == shape(nobody))


def answers_find_their_way(world, family):
    """RFC 3261 §18.2, RFC 3581."""
    alice, other = world.endpoint("alice", family), world.endpoint("bob", family)
    here = f"[{CLIENT[6]}]" if family == 6 else CLIENT[4]
    via = "SIP/2.0/UDP {};branch=z9hG4bK{:x}{}"

    def ask(sent_by, parameters="", more=(), change=lambda datagram: datagram):
        request = alice.build("OPTIONS", f"sip:{DOMAIN}", more)
        request.headers[0] = ("Via", via.format(sent_by, random.getrandbits(48), parameters))
        alice.send(change(request.to_bytes()))

    def hears(endpoint, what):
        return world.expect_status(what, endpoint.receive(1), 200)
    ask("client.invalid:9", ";rport")
    answer = hears(alice, "rport: to the source")
    world.expect("received and rport are told", f"received={CLIENT[family]}" in answer.get("Via")
                 and f"rport={alice.port}" in answer.get("Via"))
    ask(f"{here}:{other.port}")
    hears(other, "no rport: to the port of sent-by")
    ask(f"client.invalid:{other.port}")
    world.expect("received is told", f"received={CLIENT[family]}" in hears(other, "a name as sent-by").get("Via"))
    ask(f"{here}:{alice.port}", ";received=203.0.113.9;rport=9")
    answer = hears(alice, "a false received and rport")
    world.expect("they are put right", "203.0.113.9" not in str(answer) and f"rport={alice.port}" in str(answer))
    ask(f"{here}:{alice.port}", ";rport", [("v", "SIP / 2.0 / TLS 203.0.113.1;branch=z9hG4bKa, SIP/2.0/TCP b.invalid")])
    world.expect("further Vias come back in order", re.search("TLS 203.*TCP b", str(hears(alice, "three Vias")), re.S))
    for what, change in {"lines that end in LF": lambda d: d.replace(b"\r\n", b"\n"),
                         "empty lines before": lambda d: b"\r\n\r\n" + d,
                         "another message behind": lambda d: d + d,
                         "no Content-Length": lambda d: d.replace(b"Content-Length: 0\r\n", b""),
                         "a padded Content-Length": lambda d: d.replace(b"Length: 0", b"Length \t:    000")}.items():
        ask(f"{here}:{alice.port}", ";rport", change=change)
        hears(alice, what)
        world.expect(f"{what}: one answer", not alice.listen(0.1))


def answers_to_notify(world, family):
    """RFC 6665 §4.2.2; RFC 3261 §17.1.2."""
    alice, bob = world.endpoint("alice", family), world.endpoint("bob", family)
    bob.notify_answer = 0

    def hear(seconds=0.3):
        bob.notifies.clear()
        bob.listen(seconds)
        return bob.notifies[-1] if bob.notifies else None

    def say(notify, status, change=lambda datagram: datagram):
        bob.send(change(bob.response_to(notify, status).to_bytes()))
        time.sleep(0.1)

    def watchers():
        return len(world.engine.ask("watchers", alice.aor)["watchers"])
    bob.watch(alice.aor)
    first = world.expect("a first NOTIFY", hear())
    etag = world.expect_status("alice publishes", alice.publish(pidf(alice.aor, note="one")), 200).get("SIP-ETag")
    world.expect_status("and again", alice.publish(pidf(alice.aor, note="two"), etag=etag), 200)
    world.expect("nothing new while the first is unanswered", hear(0.3) is None or bob.notifies[-1].cseq == first.cseq)
    say(first, 481, lambda datagram: re.sub(rb"(branch=\w+)\w\r", rb"\1z\r", datagram))
    say(first, 481, lambda datagram: datagram.replace(b" NOTIFY\r", b" SUBSCRIBE\r"))
    world.expect("answers that fit no NOTIFY change nothing", watchers() == 1)
    say(first, 100)
    world.expect("a provisional answer is none", hear(0.3) is None or bob.notifies[-1].cseq == first.cseq)
    bob.send(bob.response_to(first, 200).to_bytes())
    second = world.expect("then one NOTIFY more", hear())
    world.expect("with the newest state", second.cseq == first.cseq + 1 and b">two<" in second.body)
    say(second, 200)
    for late in (first, second):
        say(late, 481)
    world.expect("late answers change nothing", watchers() == 1)

    for status, left in ((481, 0), (404, 0), (489, 0), (500, 1), (603, 1)):
        carol = world.endpoint("carol", family)
        carol.notify_answer = status
        before = watchers()
        carol.watch(alice.aor)
        world.expect(f"a NOTIFY answered {status}", carol.wait_notify(lambda notify: True))
        time.sleep(0.1)
        world.expect(f"{'keeps' if left else 'ends'} the subscription", watchers() == before + left)


NAMESPACES = 'xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:x@y"'
TUPLE = '<tuple id="t"><status><basic>open</basic></status>{}</tuple>'
GOOD = {
    "other prefixes": '<p:presence xmlns:p="urn:ietf:params:xml:ns:pidf" entity="sip:x@y"><p:tuple id="t"><p:status>'
                      "<p:basic>open</p:basic></p:status></p:tuple></p:presence>",
    "references": "<note>&lt;&amp;&#65;&#x42;</note>",
    "a CDATA section": "<note><![CDATA[<a>&]]></note>",
    "an extension": '<q:x xmlns:q="urn:q?a&amp;b" a=\'say "hi"\'><q:y/></q:x>',
    "prefixes of others": '<d:x xmlns:d="urn:d" xmlns:rpid="urn:not-rpid"><rpid:y/></d:x>',
}
BAD = {
    "an open element": "<note>", "a wrong end": "<note></nota>", "a control character": "<note>\x01</note>",
    "an unknown entity": "<note>&foo;</note>", "a reference to NUL": "<note>&#0;</note>",
    "a reference to a surrogate": "<note>&#xD800;</note>", "an unknown prefix": "<q:x/>",
    "an attribute twice": '<x xmlns="urn:q" a="1" a="2"/>', "a bad comment": "<!-- a -- b -->",
    "a DOCTYPE": '<!DOCTYPE x [<!ENTITY a "b">]><x/>', "many levels": '<x xmlns="urn:q">' * 300 + "</x>" * 300,
}


def documents(world, family):
    alice, bob = world.endpoint("alice", family), world.endpoint("bob", family)
    watch = bob.watch(alice.aor)
    world.expect("bob watches", watch.notify())
    etag = None

    def whole(text):
        return text if text.startswith("<p:") else f"<presence {NAMESPACES}>{TUPLE.format(text)}</presence>"
    for what, text in GOOD.items():
        answer = world.expect_status(what, alice.publish(whole(text), etag=etag), 200)
        etag = answer.get("SIP-ETag")
        notify = world.expect("it shows", watch.sees("<basic>open"))
        xml.dom.minidom.parseString(notify.body)
    for what, text in BAD.items():
        world.expect_status(what, alice.publish(whole(text), etag=etag), 400, 413)
    for what, body in {"UTF-16": whole("").encode("utf-16"), "bad UTF-8": whole("<note>?</note>").replace("?", "\xff")
                       .encode("latin-1"), "a tail": whole("") + "tail", "two roots": whole("") * 2}.items():
        world.expect_status(what, alice.publish(body, etag=etag), 400, 415)
    world.expect_status("the publication is as it was", alice.publish(etag=etag), 200)
    world.expect("nobody was notified of those", not watch.notify(seconds=0.2))
    answer = alice.publish(pidf(alice.aor), headers=[("Content-Encoding", "gzip")])
    world.expect_status("an encoding", answer, 415)
    world.expect("what we accept is told", answer.get("Accept-Encoding") is not None)
    answer = alice.request("PUBLISH", f"sip:{alice.aor}", [("Event", "presence"), ("Content-Type", "text/plain")], "x")
    world.expect_status("another type", answer, 415)
    world.expect("what we accept is told", answer.get("Accept") == PIDF)


def strangers_leave_nothing(world, family):
    """A short flood that nobody answers for."""
    alice, stranger = world.endpoint("alice", family), world.endpoint("bob", family)
    kinds = ("subscriptions", "presentities", "publications", "bindings")
    before = world.engine.ask("status")
    dice = random.Random(world.number)
    good = stranger.build("PUBLISH", f"sip:{alice.aor}", [("Event", "presence"), ("Content-Type", PIDF)],
                          pidf(alice.aor)).to_bytes()
    for turn in range(1000):
        stranger.send(stranger.build("SUBSCRIBE", f"sip:{alice.aor}", [
            ("Event", "presence"), ("Contact", stranger.contact)]).to_bytes())
        spoiled = bytearray(good)
        for _ in range(dice.randrange(1, 9)):
            at = dice.randrange(len(spoiled))
            spoiled[at:at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
        stranger.send(bytes(spoiled))
        while turn % 20 == 0 and select.select([stranger.socket], [], [], 0.01)[0]:
            stranger.socket.recv(65535)
    after = world.engine.ask("status")         # Others' may have lapsed meanwhile.
    world.expect("nothing is held for them", all(after[kind] <= before[kind] for kind in kinds))
    world.expect("nobody watches alice", not world.engine.ask("watchers", alice.aor)["watchers"])
    world.expect_status("alice registers all the same", alice.register(), 200)


SCENARIOS = {"REGISTER by the letter": bindings_by_the_letter, "dialogs by the letter": dialogs_by_the_letter,
             "digest by the letter": credentials_by_the_letter, "answers find their way": answers_find_their_way,
             "answers to NOTIFY": answers_to_notify, "documents, nearly": documents,
             "strangers leave nothing": strangers_leave_nothing}
for family in (4, 6):
    for title, climb in SCENARIOS.items():
        scenario(f"hostile: {title} (IPv{family})", workers=3)(
            lambda world, climb=climb, family=family: climb(world, family))
