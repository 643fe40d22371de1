# Domains that trust each other against the running server: who is called by TLS, what a peer's certificate has to
# prove, and what becomes of those who cannot. Certificates are made by the openssl command.
import signal

from client_sip import pidf
from client_sip_called import CalledPeer
from netns_pair import CLIENT
from scenarios_tls import context_of, tls_endpoint, wait
from world import scenario

PEER, PORT = "peer.test", 5071
PEERS = ((PEER, PORT),)


def listen(world, family=4):
    peer = CalledPeer(world.pair.open_client_socket, CLIENT[family], PORT)
    world.stack.callback(peer.close)
    return peer


def watchers(world, aor):
    return world.engine.ask("watchers", aor)["watchers"]


def is_called(world, family):
    """alice came by UDP, and her Contact is a SIPS URI of the peer's domain."""
    authority, before = world.engine.authority, world.engine.counters()
    peer = listen(world, family)
    alice, bob = world.endpoint("alice", family), world.endpoint("bob", family)
    watch = alice.watch(bob.aor, contact=f"<sips:alice@{PEER}>")
    world.expect_status("alice subscribes", watch.response, 200)
    called = world.expect("the peer is called", peer.take(authority.sign(PEER)))
    world.stack.callback(called.close)
    world.expect("by its name", called.asked_for == PEER, called.asked_for)
    world.expect("and by SIP", called.socket.selected_alpn_protocol() == "sip/2")
    world.expect("the first NOTIFY comes there", called.wait_notify(lambda n: n.get("Call-ID") == watch.call_id))
    world.expect_status("bob publishes", bob.publish(pidf(bob.aor, note="by TLS")), 200)
    seen = world.expect("what he says comes on the same connection",
                        called.wait_notify(lambda n: b"by TLS" in n.body))
    world.expect("its Via says TLS", seen.get("Via").startswith("SIP/2.0/TLS "), seen.get("Via"))
    world.expect_counter_moves("one connection", ["connections_opened"], before)
    world.expect("and alice is a watcher", len(watchers(world, bob.aor)) == 1)


def own_connection_is_lost(world):
    """Her own connection comes first, as long as she has it."""
    authority = world.engine.authority
    peer = listen(world)
    alice, bob = world.stream_endpoint("alice"), world.endpoint("bob")
    route = [("Record-Route", f"<sip:{PEER};transport=tls;lr>")]
    watch = alice.watch(bob.aor, headers=route)
    world.expect_status("alice subscribes, routed by the peer", watch.response, 200)
    first = world.expect("the peer is called", peer.take(authority.sign(PEER)))
    world.expect("and told", first.wait_notify(lambda n: n.get("Call-ID") == watch.call_id))
    first.close()
    world.expect_status("bob publishes when that is gone", bob.publish(pidf(bob.aor, note="again")), 200)
    again = world.expect("the peer is called again", peer.take(authority.sign(PEER)))
    world.stack.callback(again.close)
    world.expect("and told again", again.wait_notify(lambda n: b"again" in n.body))


def is_not_believed(world, what, certificate, counter):
    before = world.engine.counters()
    peer = listen(world)
    alice, bob = world.endpoint("alice"), world.endpoint("bob")
    watch = alice.watch(bob.aor, contact=f"<sips:alice@{PEER}>")
    world.expect_status("alice subscribes", watch.response, 200)
    called = peer.take(certificate)
    world.expect(f"{what} hears nothing", called is None or called.closes() and not called.notifies)
    peer.close()
    world.expect_counter_moves("the reason", [counter], before)
    world.expect_counter_moves("the NOTIFY", ["connection_notifies_undeliverable"], before)
    world.expect("the subscription ends (RFC 6665 section 4.2.2)",
                 wait(lambda: not watchers(world, bob.aor), 3), str(watchers(world, bob.aor)))
    world.expect("the log says whom and why",
                 world.engine.process.wait_for(f"no connection to a peer peer={PEER} why={counter}", 2, 0))


def refused(world, reason):
    authority = world.engine.authority
    if reason == "wrong domain":
        return is_not_believed(world, "a certificate of another domain", authority.sign("other.test"),
                               "tls_peer_wrong_domain")
    if reason == "expired":
        return is_not_believed(world, "an expired certificate",
                               authority.sign(PEER, "expired", ends="20200101000000Z"), "tls_peer_expired")
    if reason == "self-signed":
        return is_not_believed(world, "a certificate that signs itself", authority.sign_itself(PEER, "itself"),
                               "tls_peer_self_signed")
    revoked = authority.sign(PEER, "revoked")
    authority.revoke(revoked[0])
    mark = world.engine.process.mark()
    world.engine.process.tell(signal.SIGHUP)
    world.expect("the lists are read again", world.engine.process.wait_for("certificates read anew", 3, mark))
    return is_not_believed(world, "a revoked certificate", revoked, "tls_peer_revoked")


def calls_us(world, certificate):
    """A client that shows a certificate, after its handshake."""
    context = context_of(world)
    context.load_cert_chain(*certificate)
    return tls_endpoint(world, "alice", context=context)


def proved(world):
    return world.engine.ask("status")["proved_connections"]


def proves_itself(world):
    certificate = world.engine.authority.sign(PEER)
    alice, bob = calls_us(world, certificate), world.endpoint("bob")
    world.expect("a peer that proves its domain is served", alice.ping())
    shown = world.expect("and listed", [one for one in proved(world) if not one["opened_by_us"]])[-1]
    world.expect("as itself", shown["peer"] == PEER and shown["domains"] == PEER and not shown["alias"], str(shown))
    alias = f"SIP/2.0/TLS {PEER}:{PORT};branch=z9hG4bKalias{world.number};alias"
    request = alice.build("OPTIONS", "sip:example.test")
    request.headers = [(name, alias if name == "Via" else value) for name, value in request.headers]
    alice.send(request.to_bytes())
    world.expect_status("it lets us use its connection (RFC 5923)", alice.receive(2), 200)
    world.expect("which is listed, too", [one for one in proved(world) if one["alias"]])
    dave = world.endpoint("dave")
    watch = dave.watch(bob.aor, contact=f"<sips:dave@{PEER}>")
    world.expect_status("dave subscribes by UDP, to be told there", watch.response, 200)
    world.expect("and is told on the connection that is there",
                 alice.wait_notify(lambda n: n.get("Call-ID") == watch.call_id))


def not_believed_here(world):
    authority, before = world.engine.authority, world.engine.counters()
    revoked = authority.sign(PEER, "revoked-caller")
    authority.revoke(revoked[0])
    mark = world.engine.process.mark()
    world.engine.process.tell(signal.SIGHUP)
    world.expect("the lists are read again", world.engine.process.wait_for("certificates read anew", 3, mark))
    for certificate, counter in ((authority.sign(PEER, "old", ends="20200101000000Z"), "tls_peer_expired"),
                                 (authority.sign_itself(PEER, "itself-caller"), "tls_peer_self_signed"),
                                 (revoked, "tls_peer_revoked")):
        try:
            closed = calls_us(world, certificate).closes()
        except OSError:
            closed = True
        world.expect("who is not believed is closed", closed)
        world.expect_counter_moves("the reason", [counter], before)
    other = calls_us(world, authority.sign("other.test"))
    world.expect("another domain is served", other.ping())
    world.expect("and nobody's peer",
                 [one for one in proved(world) if one["domains"] == "other.test" and not one["peer"]])


def speaks_for(world):
    """RFC 3325: who has sent it is the peer's word, and nobody else's."""
    before = world.engine.counters()
    peer, bob = calls_us(world, world.engine.authority.sign(PEER)), world.endpoint("bob")
    stranger = world.endpoint("alice")

    def subscribe(endpoint, asserted):
        headers = [("Event", "presence"), ("Contact", endpoint.contact), ("Expires", "60"),
                   ("P-Asserted-Identity", f"<sip:{asserted}>")]
        return endpoint.transact(endpoint.build("SUBSCRIBE", f"sip:{bob.aor}", headers))
    world.expect_status("alice, by her peer's word, is not challenged", subscribe(peer, stranger.aor), 200)
    world.expect("she is the watcher", [one for one in watchers(world, bob.aor) if one["watcher"] == stranger.aor])
    world.expect_counter_moves("it", ["identities_asserted"], before)
    world.expect_status("by her own word she is", subscribe(stranger, stranger.aor), 401)
    world.expect_counter_moves("it", ["assertions_ignored"], before)
    world.expect_status("and so is who is said to be of another domain", subscribe(peer, "carol@elsewhere.test"), 401)


def register_all():
    options = {"workers": 3, "tls": True, "peers": PEERS}
    for family in (4, 6):
        scenario(f"peers: one that proves its domain is called by TLS (IPv{family})", **options)(
            lambda world, family=family: is_called(world, family))
    scenario("peers: a connection that we opened is opened again", **options)(own_connection_is_lost)
    for reason in ("wrong domain", "expired", "self-signed", "revoked"):
        scenario(f"peers: a certificate that is not believed: {reason}", **options)(
            lambda world, reason=reason: refused(world, reason))
    scenario("peers: one that calls proves its domain, and lends its connection", **options)(proves_itself)
    scenario("peers: one that calls is not believed", **options)(not_believed_here)
    scenario("peers: who sent it is the word of a peer that may say so", **options)(speaks_for)


register_all()
