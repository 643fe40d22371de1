# SIP over WebSocket against the running server (RFC 7118): the SIP libraries of web pages, and clients of our own. Not
# here: what is refused in detail (tests/unit/control_websocket_test.cc).
import socket
import time

from client_page import Page, are_libraries_here
from client_sip import pidf
from client_websocket import BINARY, TEXT, UpgradeRefused, WebSocket, frame
from netns_engine import DOMAIN, OLD_DOMAIN, WS_PORT, WSS_PORT
from netns_pair import SERVER
from scenarios_tcp import end_watch, watch_on_connection
from scenarios_tls import context_of, wait
from world import Skipped, in_brackets, scenario

SHORT_PING = '\n[streams]\nwebsocket_ping_interval = "1s"\nwebsocket_origins = ["https://phone.test"]\n'


def websocket_endpoint(world, name, family=4, secure=False, **changes):
    """An endpoint whose WebSocket is open; UpgradeRefused when it is not taken."""
    port = WSS_PORT if secure else WS_PORT
    host = f"{in_brackets(SERVER[family])}:{port}"

    def wrap(raw):
        if secure:
            raw = context_of(world, protocols=("http/1.1",)).wrap_socket(raw, server_hostname=DOMAIN)
        return WebSocket(raw, host, **changes)
    return world.stream_endpoint(name, family, transport="WSS" if secure else "WS", port=port, wrap=wrap)


def watch_by_websocket(world, family, secure):
    alice, bob = websocket_endpoint(world, "alice", family, secure), world.endpoint("bob", family)
    watch = watch_on_connection(world, alice, bob, ";transport=ws")
    world.expect("in messages of text", set(alice.socket.opcodes) == {TEXT}, str(alice.socket.opcodes))
    options = alice.build("OPTIONS", f"sip:{DOMAIN}")
    without = b"\r\n".join(line for line in options.to_bytes().split(b"\r\n")
                           if not line.lower().startswith(b"content-length"))
    alice.socket.raw.sendall(frame(without, BINARY))
    world.expect_status("a binary message without Content-Length", alice.receive(2), 200)
    end_watch(world, watch)


def pages(world, secure):
    """What two pages show of each other and of a phone: SIP.js and JsSIP."""
    if not are_libraries_here():
        raise Skipped("npm has not fetched the SIP libraries of web pages; run 'sudo tools/setup'")
    url = f"ws://{SERVER[4]}:{WS_PORT}" if not secure else f"wss://{SERVER[4]}:{WSS_PORT}"
    authority = world.engine.authority.certificate if secure else None
    carol = world.endpoint("carol", domain=OLD_DOMAIN)
    names = {name: f"{world.fresh(name)}@{OLD_DOMAIN}" for name in ("alice", "bob", "carol")}
    alice = world.keep(Page(world.pair, "sipjs", url, world.account("alice", OLD_DOMAIN),
                            [names["bob"], names["carol"]], authority))
    world.expect("SIP.js registers", alice.says("registered", 10))
    bob = world.keep(Page(world.pair, "jssip", url, world.account("bob", OLD_DOMAIN), [names["alice"]], authority))
    world.expect("JsSIP registers", bob.says("registered", 10))
    world.expect("who registered is open, for SIP.js", alice.says(f"sees {names['bob']} open active"))
    world.expect("and for JsSIP", bob.says(f"sees {names['alice']} open active"))
    world.expect("a phone that is off is closed", alice.says(f"sees {names['carol']} closed active"))
    mark, began = bob.mark(), time.monotonic()
    alice.publish("open", "in a meeting")
    seen = bob.says(f"sees {names['alice']} open active in a meeting", 3, mark)
    world.expect_within_a_second("JsSIP shows what SIP.js publishes", began, seen)
    mark, began = alice.mark(), time.monotonic()
    world.expect_status("carol publishes from a phone", carol.publish(pidf(carol.aor, note="at lunch")), 200)
    world.expect_within_a_second("SIP.js shows it", began,
                                 alice.says(f"sees {names['carol']} open active at lunch", 3, mark))
    mark, began = bob.mark(), time.monotonic()
    alice.publish("closed", "gone")
    world.expect_within_a_second("JsSIP shows a change", began,
                                 bob.says(f"sees {names['alice']} closed active gone", 3, mark))
    mark, began = alice.mark(), time.monotonic()
    bob.kill()
    world.expect_within_a_second("a page that is closed without a word is closed for others", began,
                                 alice.says(f"sees {names['bob']} closed active", 3, mark))
    world.expect("SIP.js ends well", alice.quit() == 0)


def silent_ones(world):
    before = world.engine.counters()
    alive = websocket_endpoint(world, "alice", Origin="https://phone.test")
    world.expect("who answers pings stays", not alive.closes(3.2) and alive.socket.pings >= 2, str(alive.socket.pings))
    dead = websocket_endpoint(world, "bob", answers_pings=False)
    watch = dead.watch(alive.aor)
    world.expect("another one watches", watch.notify())
    world.expect("who answers none is closed", wait(lambda: dead.closes(0.05), 5))
    world.expect_counter_moves("it", ["connections_no_pong"], before)
    world.expect("and watches no more", wait(lambda: dead.aor not in str(world.engine.ask("watchers")), 3))
    refused = ""
    try:
        websocket_endpoint(world, "carol", Origin="https://evil.test")
    except UpgradeRefused as error:
        refused = str(error)
    world.expect("a page of another origin is refused", " 403 " in refused, refused)
    world.expect_counter_moves("it", ["websocket_refused_origin"], before)
    plain = world.stream_endpoint("alice", port=WS_PORT)
    plain.send(plain.build("OPTIONS", f"sip:{DOMAIN}").to_bytes())
    world.expect("SIP without WebSocket is refused", plain.socket.recv(1000).startswith(b"HTTP/1.1 400 "))
    world.expect_counter_moves("it", ["websocket_refused_malformed"], before)
    lost = websocket_endpoint(world, "dave")
    watch = lost.watch(alive.aor)
    world.expect("a third one watches", watch.notify())
    lost.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    lost.close()
    world.expect("and is gone with its connection",
                 wait(lambda: lost.aor not in str(world.engine.ask("watchers")), 3))


def register_all():
    for secure in (False, True):
        name = "WebSocket over TLS" if secure else "WebSocket"
        for family in (4, 6):
            scenario(f"{name}: NOTIFY comes on the watcher's connection (IPv{family})",
                     workers=3, tls=True, websocket=True)(
                lambda world, family=family, secure=secure: watch_by_websocket(world, family, secure))
        scenario(f"{name}: pages by SIP.js and JsSIP see each other", workers=3, tls=True, websocket=True)(
            lambda world, secure=secure: pages(world, secure))
    scenario("WebSocket: who is silent, who comes from elsewhere", websocket=True, more=SHORT_PING)(silent_ones)


register_all()
