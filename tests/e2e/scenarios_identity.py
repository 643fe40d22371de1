# Requests that another domain has signed for (RFC 8224) against the running server: certificates are made and requests
# signed by the openssl command, certificates are fetched from an HTTPS server or read from files.
import signal
import time

from client_identity import CertificateServer, Signer
from client_sip import pidf
from netns_engine import IDENTITY_PORT
from netns_pair import CLIENT
from scenarios_tls import wait
from world import scenario

ELSEWHERE = "elsewhere.test"
HOST = f"{CLIENT[4]}:{IDENTITY_PORT}"


def serve(world):
    """The HTTPS server that is allowed."""
    authority = world.engine.signers
    certificate = authority.sign("host", names=f"IP:{CLIENT[4]}")
    server = CertificateServer(world.pair.open_client_socket, CLIENT[4], IDENTITY_PORT, certificate, authority.folder)
    world.stack.callback(server.close)
    return server


def signer(world, domain=ELSEWHERE, name=None, host=HOST, **options):
    """Who has a certificate of that domain, in a file of this scenario."""
    name = f"{name or domain}-{world.number}"
    chain, key = world.engine.signers.sign(domain, name, **options)
    return Signer(key, f"https://{host}/{chain.name}")


def carol(world):
    """A user of another domain."""
    return world.endpoint("carol", domain=ELSEWHERE)


def subscribe(world, watcher, aor, headers, call_id=None, contact=None):
    fields = [("Event", "presence"), ("Contact", contact or watcher.contact), ("Expires", "60"), *headers]
    return watcher.transact(watcher.build("SUBSCRIBE", f"sip:{aor}", fields, call_id=call_id), 8)


def is_served(world, compact):
    server, before = serve(world), world.engine.counters()
    watcher, bob, mark = carol(world), world.endpoint("bob"), signer(world)
    world.expect_status("carol, whom her domain has signed for, is not asked for a password",
                        subscribe(world, watcher, bob.aor, mark.headers(watcher.aor, bob.aor, compact)), 200)
    world.expect("she is told", watcher.wait_notify(lambda n: True))
    world.expect("and is the watcher", [one for one in world.engine.ask("watchers", bob.aor)["watchers"]
                                        if one["watcher"] == watcher.aor])
    world.expect_status("bob publishes", bob.publish(pidf(bob.aor, note="to elsewhere")), 200)
    world.expect("which she sees", watcher.wait_notify(lambda n: b"to elsewhere" in n.body))
    for counter in ("identities_verified", "identity_fetches"):
        world.expect_counter_moves("it", [counter], before)
    world.expect_status("another time its certificate is known",
                        subscribe(world, watcher, bob.aor, mark.headers(watcher.aor, bob.aor, not compact)), 200)
    world.expect("and was fetched once", len(server.asked) == 1, str(server.asked))


def by_connection(world):
    serve(world)
    watcher, bob = world.stream_endpoint("carol", domain=ELSEWHERE), world.endpoint("bob")
    headers = signer(world).headers(watcher.aor, bob.aor)
    world.expect_status("by TCP it is the same", subscribe(world, watcher, bob.aor, headers), 200)
    world.expect("she is told", watcher.wait_notify(lambda n: True))


def our_own(world):
    serve(world)
    alice, bob = world.endpoint("alice"), world.endpoint("bob")
    headers = signer(world, alice.domain).headers(alice.aor, bob.aor)
    world.expect_status("our own users prove themselves by password, whoever signs",
                        subscribe(world, alice, bob.aor, headers), 401)
    world.expect_status("and are served with it", alice.watch(bob.aor).response, 200)


def refused(world):
    serve(world)
    watcher, bob = carol(world), world.endpoint("bob")
    mark, authority = signer(world), world.engine.signers
    itself = authority.sign_itself(ELSEWHERE, f"itself-{world.number}")
    self_signed = Signer(itself[1], f"https://{HOST}/{itself[0].name}")
    stranger = signer(world, "stranger.test")
    other_key = Signer(stranger.key, mark.url)
    expired = signer(world, name="expired", ends="20200101000000Z")

    def good(**changes):
        return mark.headers(watcher.aor, bob.aor, **changes)
    for what, headers, status, counter in (
            ("of another From", mark.headers("dave@" + ELSEWHERE, bob.aor), 438, "identities_wrong_signature"),
            ("in full", mark.headers("dave@" + ELSEWHERE, bob.aor, compact=False), 438, "identities_wrong_claims"),
            ("to somebody else", mark.headers(watcher.aor, "dave@example.test"), 438, "identities_wrong_signature"),
            ("of another Date", [good(at=time.time() - 5)[0], good()[1]], 438, "identities_wrong_signature"),
            ("of five minutes ago", good(at=time.time() - 300), 403, "refused_stale_date"),
            ("of then, in full", good(at=time.time() - 300, compact=False), 403, "identities_stale"),
            ("without Date", good()[1:], 403, "refused_stale_date"),
            ("by another key", other_key.headers(watcher.aor, bob.aor), 438, "identities_wrong_signature"),
            ("of another domain", stranger.headers(watcher.aor, bob.aor), 437, "identities_wrong_domain"),
            ("by an expired certificate", expired.headers(watcher.aor, bob.aor), 437, "identity_certificate_expired"),
            ("by one that signs itself", self_signed.headers(watcher.aor, bob.aor), 437,
             "identity_certificate_self_signed"),
            ("without a signature", good(algorithm="none"), 437, "refused_unsupported_credential"),
            ("without angle brackets", good(info=mark.url), 436, "refused_bad_identity_info"),
            ("by a certificate on another host",
             Signer(mark.key, "https://192.0.2.99/x.pem").headers(watcher.aor, bob.aor), 436,
             "identities_host_not_allowed"),
            ("by one that is not there", Signer(mark.key, f"https://{HOST}/none").headers(watcher.aor, bob.aor), 436,
             "identity_fetch_failed"),
            ("by one that does not end", Signer(mark.key, f"https://{HOST}/huge").headers(watcher.aor, bob.aor), 436,
             "identity_fetch_too_long"),
            ("by one that does not come", Signer(mark.key, f"https://{HOST}/slow").headers(watcher.aor, bob.aor), 436,
             "identity_fetch_too_slow"),
            ("that is none", [good()[0], ("y", "nonsense")], 438, "refused_invalid_identity")):
        before = world.engine.counters()
        world.expect_status(f"an identity {what} is refused", subscribe(world, watcher, bob.aor, headers), status)
        world.expect_counter_moves("why", [counter], before)
    world.expect("nobody watches", not world.engine.ask("watchers", bob.aor)["watchers"])
    world.expect_status("of two one has to be right", subscribe(
        world, watcher, bob.aor, [*good(), stranger.headers(watcher.aor, bob.aor)[1]]), 200)
    world.expect("another server answers meanwhile", world.engine.answers())


def revoked(world):
    serve(world)
    watcher, bob, mark = carol(world), world.endpoint("bob"), signer(world)
    headers = mark.headers(watcher.aor, bob.aor)
    world.expect_status("she is believed", subscribe(world, watcher, bob.aor, headers), 200)
    authority, before = world.engine.signers, world.engine.counters()
    authority.revoke(authority.folder / mark.url.rsplit("/", 1)[1])
    since = world.engine.process.mark()
    world.engine.process.tell(signal.SIGHUP)
    world.expect("the lists are read again",
                 world.engine.process.wait_for("certificates of identities read anew", 3, since))
    headers = mark.headers(watcher.aor, bob.aor, compact=False)
    world.expect_status("and then not", subscribe(world, watcher, bob.aor, headers), 437)
    world.expect_counter_moves("why", ["identity_certificate_revoked"], before)


def replayed(world):
    serve(world)
    before = world.engine.counters()
    watcher, bob = carol(world), world.endpoint("bob")
    headers = signer(world).headers(watcher.aor, bob.aor)
    world.expect_status("she is served", subscribe(world, watcher, bob.aor, headers, call_id="hers"), 200)
    mallory = world.endpoint("carol", domain=ELSEWHERE)
    world.expect_status("who has seen her request is not",
                        subscribe(world, mallory, bob.aor, headers, call_id="his"), 438)
    world.expect_counter_moves("it", ["identities_replayed"], before)
    world.expect("nobody else watches", len(world.engine.ask("watchers", bob.aor)["watchers"]) == 1)


def required(world):
    serve(world)
    before = world.engine.counters()
    watcher, bob, alice = carol(world), world.endpoint("bob"), world.endpoint("alice")
    world.expect_status("who is not signed for is told to be", subscribe(world, watcher, bob.aor, []), 428)
    world.expect_counter_moves("it", ["refused_identity_missing"], before)
    world.expect_status("and is served then", subscribe(
        world, watcher, bob.aor, signer(world).headers(watcher.aor, bob.aor)), 200)
    world.expect_status("our own users need none", alice.watch(bob.aor).response, 200)


def flooded(world):
    """Requests that wait for a certificate which never comes take no more places than there are."""
    serve(world)
    before = world.engine.counters()
    bob, mark = world.endpoint("bob"), signer(world)
    slow = Signer(mark.key, f"https://{HOST}/slow-flood")
    flooder = carol(world)
    headers = slow.headers(flooder.aor, bob.aor)
    fields = [("Event", "presence"), ("Contact", flooder.contact), ("Expires", "60"), *headers]
    sent = 200
    for _ in range(sent):
        flooder.send(flooder.build("SUBSCRIBE", f"sip:{bob.aor}", fields).to_bytes())
    statuses = [message.status for message in flooder.listen(4) if message.is_response]
    world.expect("some find no place, and are told when to come back", statuses.count(503) > 0, str(set(statuses)))
    world.expect("the others are refused when it does not come", statuses.count(436) >= 16, str(set(statuses)))
    world.expect("and all are answered", len(statuses) == sent, str(len(statuses)))
    world.expect_counter_moves("it", ["refused_identities_full"], before)
    watcher = carol(world)
    served = wait(lambda: subscribe(world, watcher, bob.aor, mark.headers(watcher.aor, bob.aor)).status == 200, 5)
    world.expect("behind it others are served", served)


def register_all():
    options = {"workers": 3, "identity": "verify"}
    for form in ("compact", "full"):
        scenario(f"identity: who is signed for is served, {form} form", **options)(
            lambda world, form=form: is_served(world, form == "compact"))
    scenario("identity: also by TCP", **options)(by_connection)
    scenario("identity: our own users have passwords", **options)(our_own)
    scenario("identity: what is wrong is refused", **options)(refused)
    scenario("identity: a certificate that is revoked", **options)(revoked)
    scenario("identity: a token is for one request", **options)(replayed)
    scenario("identity: floods are held within bounds", **options)(flooded)
    scenario("identity: required", workers=3, identity="require")(required)


register_all()
