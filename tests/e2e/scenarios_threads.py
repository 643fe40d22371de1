# Connections on two threads ([streams] threads): what clients by TCP, TLS and WebSocket do elsewhere on one, the limits
# and the laws that are of both together, and each thread's part in it.
import pathlib
import ssl

from scenarios_peers import PEERS, is_called, own_connection_is_lost, proves_itself
from scenarios_tcp import limits, many_at_once, reader_that_does_not_read, sipp_watches, two_baresip, watch_by_tcp
from scenarios_tls import (MANY, SHORT, certificates, handshakes, handshakes_at_once, lost, s_client, sessions,
                           tls_endpoint, two_linphone, watch_by_tls)
from scenarios_websocket import pages, watch_by_websocket
from world import scenario

TWO = "threads = 2\n"


def busy_threads(world):
    """Those that have connections, with the clock ticks that each has taken."""
    ticks = {}
    for task in pathlib.Path(f"/proc/{world.engine.ask('status')['pid']}/task").iterdir():
        name, fields = (task / "comm").read_text().strip(), (task / "stat").read_text().rsplit(")", 1)[1].split()
        if name.startswith("vedette-io-"):
            ticks[name] = int(fields[11]) + int(fields[12])
    return ticks


def both_at_work(world):
    before = busy_threads(world)
    world.expect("there are two threads", sorted(before) == ["vedette-io-0", "vedette-io-1"], str(before))
    for _ in range(400):
        with tls_endpoint(world, "alice") as alice:
            alice.ping()
    after = busy_threads(world)
    world.expect("each has shaken hands", all(after[name] > before[name] for name in after), f"{before} {after}")


def register_all():
    options = {"workers": 3, "tls": True, "websocket": True, "peers": PEERS, "more": f"\n[streams]\n{TWO}"}

    def add(name, climb, **further):
        scenario(f"two threads: {name}", **(further or options))(climb)
    for family in (4, 6):
        add(f"TCP: NOTIFY comes on the watcher's connection (IPv{family})",
            lambda world, family=family: watch_by_tcp(world, family))
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            add(f"TLS: NOTIFY comes on the watcher's connection ({version.name}, IPv{family})",
                lambda world, family=family, version=version: watch_by_tls(world, family, version))
        add(f"TLS: openssl s_client (IPv{family})", lambda world, family=family: s_client(world, family))
    add("TLS: both have their share of it", both_at_work)
    for transport in ("t1", "tn"):
        add(f"TCP: a watcher sees a publisher come, be busy and go (SIPp -t {transport})",
            lambda world, transport=transport: sipp_watches(world, 4, transport))
    add("TCP: baresip sees and is seen by one that comes by UDP", two_baresip)
    add("TCP: who does not read is ended", reader_that_does_not_read)
    add("TLS: Linphone sees and is seen by one that comes by UDP", two_linphone)
    add("TLS: sessions are resumed, whichever thread they come to", lambda world: [sessions(world) for _ in range(8)])
    add("TLS: each domain has its certificate, and gets a new one meanwhile", certificates)
    add("TLS: a connection that is lost ends what depended on it", lost)
    for secure in (False, True):
        name = "WebSocket over TLS" if secure else "WebSocket"
        add(f"{name}: NOTIFY comes on the watcher's connection",
            lambda world, secure=secure: watch_by_websocket(world, 4, secure))
        add(f"{name}: pages by SIP.js and JsSIP see each other", lambda world, secure=secure: pages(world, secure))
    add("peers: one that proves its domain is called by TLS", lambda world: is_called(world, 4))
    add("peers: a connection that we opened is opened again", own_connection_is_lost)
    add("peers: one that calls proves its domain, and lends its connection", proves_itself)
    add("TLS: 2,000 handshakes at a time hold no watcher by UDP up", handshakes_at_once, tls=True, more=MANY + TWO)
    add("TLS: handshakes that take their time, and too many of them", handshakes, tls=True, more=SHORT + TWO)
    add("TCP: limits of time and number", limits, tls=True, more=SHORT + TWO)
    add("TCP: slow connections hold nobody else up", many_at_once, tls=True, more=SHORT + TWO)


register_all()
