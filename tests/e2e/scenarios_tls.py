# SIP over TLS against the running server: clients of our own by Python's ssl, `openssl s_client` and baresip; what is
# agreed to, which certificate is shown, and what becomes of handshakes that fail, each with its counter.
import signal
import socket
import ssl
import subprocess
import time

from client_sip import pidf
from netns_engine import DOMAIN, OLD_DOMAIN, TLS_PORT
from netns_pair import CLIENT, SERVER
from scenarios_clients import linphone_turns
from scenarios_tcp import SHORT_TIMES, end_watch, two_baresip, watch_on_connection
from tls_tunnel import TlsTunnel
from world import Unmet, in_brackets, scenario

MANY = "\n[streams]\nconnections_per_peer_max = 4096\nhandshakes_max = 4096\nhandshakes_per_peer_max = 4096\n" \
       'handshake_time_max = "60s"\n'
SHORT = SHORT_TIMES + 'handshake_time_max = "1s"\nhandshakes_max = 5\n'


def context_of(world, version=None, ciphers=None, protocols=("sip/2",)):
    """A client that believes the test's authority and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(world.engine.authority.certificate)
    if version:
        context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def tls_endpoint(world, name, family=4, context=None, domain=DOMAIN, session=None):
    """An endpoint whose connection has shaken hands; ssl.SSLError and OSError when it does not."""
    context = context or context_of(world)
    endpoint = world.stream_endpoint(name, family, domain, transport="TLS", port=TLS_PORT,
                                     wrap=lambda raw: context.wrap_socket(raw, server_hostname=domain, session=session))
    return endpoint


def why_not(world, name="alice", **options):
    """What the client says of a handshake that fails; empty when it does not."""
    try:
        endpoint = tls_endpoint(world, name, **options)
        endpoint.send(b"\r\n\r\n")
        return "" if endpoint.socket.recv(10) else "closed"
    except (ssl.SSLError, OSError) as error:
        return str(error)


def watch_by_tls(world, family, version):
    context = context_of(world, version)
    alice, bob = tls_endpoint(world, "alice", family, context), world.endpoint("bob", family)
    world.expect(f"{version.name} is agreed to", alice.socket.version() == version.name.replace("_", "."),
                 alice.socket.version())
    world.expect("and SIP", alice.socket.selected_alpn_protocol() == "sip/2")
    world.expect_status("alice registers", alice.register(), 200)
    watch = watch_on_connection(world, alice, bob, ";transport=tls")
    request = alice.build("OPTIONS", f"sip:{DOMAIN}").to_bytes()
    for at in range(0, len(request), 11):
        alice.send(request[at:at + 11])
    world.expect_status("a message of many records", alice.receive(2), 200)
    several = [alice.build("OPTIONS", f"sip:{DOMAIN}") for _ in range(200)]
    alice.send(b"".join(request.to_bytes() for request in several))
    world.expect("200 messages in as few records as possible are answered in order",
                 [(a.status, a.cseq) for a in (alice.receive(2) for _ in several) if a] ==
                 [(200, r.cseq) for r in several])
    end_watch(world, watch)


def sipp_watches(world, family, transport):
    """Debian's SIPp has no TLS; what it says by TCP goes through a tunnel."""
    tunnel = TlsTunnel(world.pair, context_of(world), (SERVER[family], TLS_PORT), CLIENT[family], OLD_DOMAIN)
    world.stack.callback(tunnel.close)
    by_tls = {"family": family, "transport": transport, "server": tunnel.endpoint}
    watcher = world.sipp("watch", "alice", peer="bob", **by_tls)
    time.sleep(0.7)                # Its first NOTIFY shall be there before bob publishes.
    world.sipp_ends("bob publishes, refreshes, modifies and removes, by TLS", world.sipp("publish", "bob", **by_tls))
    world.sipp_ends("alice sees open, busy and closed on her connection, refreshes and ends", watcher)
    world.expect("all of it went by TLS", len(tunnel.agreed) >= 2 and set(tunnel.agreed) == {"TLSv1.3"},
                 str(tunnel.agreed))


def sessions(world):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = context_of(world, version)
        first = tls_endpoint(world, "alice", context=context)
        world.expect("the first session is new", first.ping() and not first.socket.session_reused)
        again = tls_endpoint(world, "alice", context=context, session=first.socket.session)
        world.expect(f"a session is resumed ({version.name})", again.ping() and again.socket.session_reused)


def agreements(world):
    before = world.engine.counters()
    old = context_of(world)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    world.expect("TLS 1.1 is refused", why_not(world, context=old))
    world.expect_counter_moves("an old version", ["tls_refused_version"], before)
    for ciphers in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "DHE-RSA-AES128-GCM-SHA256"):
        before = world.engine.counters()
        weak = context_of(world, ssl.TLSVersion.TLSv1_2, ciphers)
        world.expect(f"{ciphers} is refused", why_not(world, context=weak))
        world.expect_counter_moves("a weak cipher", ["tls_refused_cipher"], before)
    world.expect("another protocol is refused", why_not(world, context=context_of(world, protocols=("http/1.1",))))
    world.expect_counter_moves("another protocol", ["tls_refused_protocol"], before)
    world.expect("who names no protocol is served", not why_not(world, context=context_of(world, protocols=())))
    plain = world.stream_endpoint("alice", port=TLS_PORT)
    plain.send(plain.build("OPTIONS", f"sip:{DOMAIN}").to_bytes())
    world.expect("who speaks no TLS is closed", plain.closes())
    world.expect_counter_moves("it", ["tls_not_tls"], before)
    suspicious = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)      # Believes nobody.
    world.expect("a client that does not believe us says so", "verify failed" in why_not(world, context=suspicious))
    world.expect_counter_moves("its alert", ["tls_peer_refused"], before)


def shown(world, domain, check=True):
    context = context_of(world)
    context.check_hostname = check
    endpoint = tls_endpoint(world, "alice", context=context, domain=domain)
    return dict(part[0] for part in endpoint.socket.getpeercert()["subject"])["commonName"], endpoint


def certificates(world):
    for domain in (DOMAIN, OLD_DOMAIN):
        world.expect(f"{domain} shows its own certificate", shown(world, domain)[0] == domain)
    world.expect("a name that is not ours gets the first one", shown(world, "elsewhere.test", False)[0] == DOMAIN)

    _, before = shown(world, DOMAIN)
    serial = before.socket.getpeercert()["serialNumber"]
    world.engine.authority.sign(DOMAIN)
    world.engine.process.tell(signal.SIGHUP)
    end = time.monotonic() + 3
    while shown(world, DOMAIN)[1].socket.getpeercert()["serialNumber"] == serial and time.monotonic() < end:
        time.sleep(0.05)
    after = shown(world, DOMAIN)[1]
    world.expect("after SIGHUP new connections see the new certificate",
                 after.socket.getpeercert()["serialNumber"] != serial)
    world.expect("those that there were go on", before.ping())

    mark = world.engine.process.mark()
    chain = world.engine.folder / "tls" / f"{OLD_DOMAIN}.pem"
    kept = chain.read_text()
    chain.write_text("no certificate")
    world.engine.process.tell(signal.SIGHUP)
    world.expect("files that are wrong are said to be", world.engine.process.wait_for("no certificate in", 3, mark))
    world.expect("and those that there were stay", shown(world, OLD_DOMAIN)[0] == OLD_DOMAIN)
    chain.write_text(kept)


def handshakes(world):
    before = world.engine.counters()
    silent = [world.stream_endpoint("alice", port=TLS_PORT) for _ in range(8)]
    world.expect("five handshakes at a time are waited for",
                 wait(lambda: sum(one.closes(0.05) for one in silent) == 3, 0.9))
    world.expect_counter_moves("those that came first", ["connections_dropped_handshakes"], before)
    world.expect("and those for a second", wait(lambda: all(one.closes(0.05) for one in silent), 3))
    world.expect_counter_moves("them", ["connections_handshake_too_slow"], before)
    again = [world.stream_endpoint("alice", port=TLS_PORT) for _ in range(5)]
    world.expect("who shakes hands at once is served, however many are silent", not why_not(world))
    world.expect("one of those made room", wait(lambda: sum(one.closes(0.05) for one in again) == 1, 0.9))
    half = world.stream_endpoint("alice", port=TLS_PORT)
    half.send(b"\x16\x03\x01\x02\x00\x01")
    world.expect("half a hello is cut off, too", half.closes(3))


def client_hello():
    """What a client says first: it can be said for many, and answered to each."""
    sent = ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=DOMAIN).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return sent.read()


def publishing(world, publisher, watch, times):
    """Seconds from each PUBLISH to its NOTIFY, by UDP, sorted."""
    taken, tag = [], None
    for number in range(times):
        began = time.monotonic()
        tag = publisher.publish(pidf(publisher.aor, note=f"{number} of {times}"), etag=tag).get("SIP-ETag")
        seen = watch.sees(f"{number} of {times}")
        if not seen:
            raise Unmet(f"Expect: she sees change {number}")
        taken.append(seen.arrived - began)
    return sorted(taken)


def handshakes_at_once(world):
    """They are the control thread's work, and the watchers by UDP are not."""
    alice, bob = world.endpoint("alice"), world.endpoint("bob")
    watch = alice.watch(bob.aor)
    world.expect("alice watches by UDP", watch.notify())
    quiet = publishing(world, bob, watch, 60)
    hello, before = client_hello(), world.engine.counters()
    connections = []
    for _ in range(2000):
        connections.append(world.stream_endpoint("carol", port=TLS_PORT))
    for one in connections:
        one.send(hello)
    busy = publishing(world, bob, watch, 60)
    answered = sum(bool(one.socket.recv(1)) for one in connections)
    world.expect("2,000 handshakes are answered", answered == 2000, f"{answered}")
    after = world.engine.counters()
    refusals = ("connections_refused_peer", "connections_refused_peer_handshakes", "connections_dropped_handshakes")
    world.expect("none was refused", all(after[name] == before[name] for name in refusals))
    world.expect(f"meanwhile a change takes {busy[30] * 1000:.1f} ms to its watcher, p90 {busy[54] * 1000:.1f} ms, "
                 f"before {quiet[30] * 1000:.1f} and {quiet[54] * 1000:.1f}", busy[30] < quiet[30] + 0.05)


def wait(holds, seconds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def s_client(world, family):
    with world.pair.entered(world.pair.client):
        process = subprocess.Popen(
            ["openssl", "s_client", "-quiet", "-ign_eof", "-alpn", "sip/2", "-servername", DOMAIN, "-CAfile",
             str(world.engine.authority.certificate), "-verify_return_error", "-connect",
             f"{in_brackets(SERVER[family])}:{TLS_PORT}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    world.stack.callback(process.kill)
    process.stdin.write(
        (f"OPTIONS sip:{DOMAIN} SIP/2.0\r\n"
         f"Via: SIP/2.0/TLS {in_brackets(CLIENT[family])}:5061;branch=z9hG4bKs{family}\r\n"
         "Max-Forwards: 70\r\nFrom: <sip:s@client.test>;tag=1\r\nTo: <sip:example.test>\r\n"
         f"Call-ID: s_client-{family}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode())
    process.stdin.flush()
    line = process.stdout.readline()
    world.expect("openssl s_client is answered", line.startswith(b"SIP/2.0 200"), repr(line))


def two_linphone(world):
    before = world.engine.counters()
    alice = world.linphone("alice", "bob", transport="tls")
    bob = world.linphone("bob", "alice")
    world.expect("alice registers by TLS", alice.registered())
    world.expect("bob registers", bob.registered())
    world.expect_counter_moves("her handshake", ["tls_handshakes"], before)
    linphone_turns(world, alice, bob)
    linphone_turns(world, bob, alice)
    mark, began = bob.mark(), time.monotonic()
    world.expect("alice's Linphone ends well", alice.quit() == 0)
    world.expect_within_a_second("bob sees alice offline after she logs off", began + 0.5,
                                 bob.sees(alice.aor, "offline", 3, mark))


def lost(world):
    """A watcher whose TLS connection breaks is not a watcher any more."""
    alice, bob = tls_endpoint(world, "alice"), world.endpoint("bob")
    watch = alice.watch(bob.aor)
    world.expect("alice watches", watch.notify())
    world.expect("and is listed", len(world.engine.ask("watchers", bob.aor)["watchers"]) == 1)
    alice.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    alice.close()
    world.expect("and is gone with her connection",
                 wait(lambda: not world.engine.ask("watchers", bob.aor)["watchers"], 3),
                 str(world.engine.ask("watchers", bob.aor)))


def register_all():
    for workers in (1, 3):
        options = {"workers": workers, "tls": True}
        for family in (4, 6):
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                scenario(f"TLS: NOTIFY comes on the watcher's connection ({version.name}, IPv{family}, {workers} "
                         f"worker{'s' if workers > 1 else ''})", **options)(
                    lambda world, family=family, version=version: watch_by_tls(world, family, version))
    for family in (4, 6):
        for transport in ("t1", "tn"):
            scenario(f"TLS: a watcher sees a publisher come, be busy and go (SIPp -t {transport}, IPv{family})",
                     workers=3, tls=True)(
                lambda world, family=family, transport=transport: sipp_watches(world, family, transport))
    scenario("TLS: baresip sees and is seen by one that comes by UDP", workers=3, tls=True)(
        lambda world: two_baresip(world, transport="tls"))
    scenario("TLS: Linphone sees and is seen by one that comes by UDP", workers=3, tls=True)(two_linphone)
    for family in (4, 6):
        scenario(f"TLS: openssl s_client (IPv{family})", workers=3, tls=True)(
            lambda world, family=family: s_client(world, family))
    scenario("TLS: sessions are resumed", workers=3, tls=True)(sessions)
    scenario("TLS: what is agreed to, and what is not", workers=3, tls=True)(agreements)
    scenario("TLS: each domain has its certificate, and gets a new one meanwhile", workers=3, tls=True)(certificates)
    scenario("TLS: a connection that is lost ends what depended on it", workers=3, tls=True)(lost)
    scenario("TLS: 2,000 handshakes at a time hold no watcher by UDP up", more=MANY, tls=True)(handshakes_at_once)
    scenario("TLS: handshakes that take their time, and too many of them", more=SHORT, tls=True)(handshakes)


register_all()
