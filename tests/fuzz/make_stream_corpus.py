#!/usr/bin/python3
# Makes the corpora of websocket_upgrade, tls_stream and admin, whose inputs are bytes on a wire rather than text (their
# forms are told in those targets): recorded SIP messages as frames and as records, upgrades, handshakes, requests of
# operators. Usage: tests/fuzz/make_stream_corpus.py, and what changed in tests/fuzz/corpus is committed.
import json
import os
import ssl
import struct
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
MESSAGES = os.path.join(os.path.dirname(FOLDER), 'rfc')
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
UPGRADE = ['GET /sip HTTP/1.1', 'Host: ws.example.com', 'Upgrade: websocket', 'Connection: keep-alive, Upgrade',
           'Origin: https://a.test', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13',
           'Sec-WebSocket-Protocol: chat, sip']
# Recorded from clients, and of RFC 4475.
SIP = ['clients/jsUDP-001-ws-REGISTER.sip', 'clients/jsUDP-005-ws-SUBSCRIBE-presence.sip',
       'clients/bstcp-003-tcp-REGISTER-auth.sip', 'clients/bstcp-005-tcp-PUBLISH-presence.sip',
       'clients/bstcp-014-tcp-200-NOTIFY.sip', 'messages/binary-multipart-body.sip']


def message(name):
    with open(os.path.join(MESSAGES, name), 'rb') as file:
        return file.read()


def frame(payload, opcode=TEXT, final=True, masked=True, reserved=0):
    """RFC 6455 §5.2, by a mask of zeros."""
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    mask = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mask | len(payload)])
    elif len(payload) < 65536:
        head += struct.pack('!BH', mask | 126, len(payload))
    else:
        head += struct.pack('!BQ', mask | 127, len(payload))
    return head + (bytes(4) if masked else b'') + payload


def upgrade(*changes):
    """Each a line in place of the one of that name, or one more; without a colon: that name's line is left out."""
    lines = list(UPGRADE)
    for change in changes:
        name = change.split(':')[0]
        at = next((i for i, line in enumerate(lines) if line.startswith(name)), None)
        kept = [change] if ':' in change or change.startswith('GET') else []
        lines[len(lines) if at is None else at:len(lines) if at is None else at + 1] = kept
    return '\r\n'.join(lines + ['', '']).encode()


def websocket_upgrade():
    upgraded, impatient, no_room, answered, deaf, half_close, origins = (1 << bit for bit in range(7))
    register, subscribe = message(SIP[0]), message(SIP[1])
    pieces = [subscribe[:7], b'', subscribe[7:300], subscribe[300:]]
    fragments = frame(pieces[0], TEXT, False) + frame(b'there?', PING) + frame(pieces[1], CONTINUATION, False) + \
        frame(pieces[2], CONTINUATION, False) + frame(pieces[3], CONTINUATION)
    for i, name in enumerate(SIP):
        yield f'message-{i + 1}', 3 + i, upgraded | answered, frame(message(name), BINARY if i % 2 else TEXT)
    yield 'upgrade-and-message', 5, half_close, upgrade() + frame(register)
    yield 'upgrade-by-http-1.0', 0, 0, upgrade('GET /sip HTTP/1.0')
    yield 'upgrade-of-version-12', 0, 0, upgrade('Sec-WebSocket-Version: 12')
    yield 'upgrade-without-key', 7, 0, upgrade('Sec-WebSocket-Key')
    yield 'upgrade-without-sip', 0, 0, upgrade('Sec-WebSocket-Protocol: chat')
    yield 'upgrade-of-another-page', 0, origins, upgrade('Origin: https://b.test')
    yield 'upgrade-with-body', 0, 0, upgrade('Content-Length: 4') + b'body'
    yield 'upgrade-with-long-head', 9, 0, upgrade('X: ' + 'x' * 7000)
    yield 'upgrade-impatient', 1, impatient, upgrade() + frame(b'\r\n\r\n')
    yield 'no-upgrade', 0, 0, upgrade('Upgrade')
    yield 'no-http', 0, 0, register
    yield 'fragments', 11, upgraded | no_room, fragments + frame(register)
    yield 'ends-with-nothing', 13, upgraded, frame(register, TEXT, False) + frame(b'', CONTINUATION) + frame(subscribe)
    yield 'line-ends', 2, upgraded, frame(b'\r\n\r\n') + frame(b'') + frame(b'\r\n') + frame(b'\r\n\r\n', BINARY)
    yield 'deaf', 0, upgraded | deaf, frame(b'\r\n\r\n') * 200
    yield 'pings-and-pongs', 17, upgraded, (frame(b'x' * 125, PING) + frame(b'', PONG)) * 4
    yield 'too-long', 19, upgraded, frame(b'x' * 2049)
    yield 'too-long-in-fragments', 21, upgraded, (frame(b'x' * 700, TEXT, False) + frame(b'', CONTINUATION, False) +
                                                  frame(b'x' * 700, CONTINUATION, False) * 2)
    yield 'longer-than-anything', 0, upgraded, b'\x82\xff' + b'\xff' * 8 + bytes(4)
    yield 'not-masked', 0, upgraded, frame(register, masked=False)
    yield 'reserved-bits', 0, upgraded, frame(register, reserved=4)
    yield 'reserved-opcode', 0, upgraded, frame(b'', 3) + frame(b'', 11)
    yield 'text-that-is-none', 0, upgraded, frame(b'OPTIONS \xed\xa0\x80\xc0\x80')
    yield 'close', 23, upgraded | answered, frame(register) + frame(struct.pack('!H', 1000) + b'bye', CLOSE)
    yield 'close-of-one-byte', 0, upgraded, frame(b'\x03', CLOSE)
    yield 'ping-in-fragments', 0, upgraded, frame(b'', PING, False)


def client_hello(version, *, alpn=None, name='b.test', ciphers=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    if ciphers:
        context.set_ciphers(ciphers)
    outgoing = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def tls_stream():
    shakes_hands, tls12, web, no_room, answered, deaf, half_close = (1 << bit for bit in range(7))
    say, say_more, say_much, damage, cut_off, noise, new_keys, close = range(8)
    v12, v13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

    def said(text):
        return b''.join(bytes([say, len(text[at:at + 255])]) + text[at:at + 255] for at in range(0, len(text), 255))

    register, options = message(SIP[2]), b'OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n'
    yield 'hello-1.2', 3, 0, client_hello(v12)
    yield 'hello-1.3', 5, half_close, client_hello(v13)
    yield 'hello-for-sip', 0, 0, client_hello(v13, alpn=['sip/2'], name='a.test')
    yield 'hello-for-http', 0, web, client_hello(v13, alpn=['h2', 'http/1.1'])
    yield 'hello-for-neither', 0, web | deaf, client_hello(v12, alpn=['h2'])
    yield 'hello-without-cipher', 0, 0, client_hello(v12, ciphers='AES256-SHA')
    yield 'hello-twice', 7, 0, client_hello(v13) * 2
    yield 'hello-and-alert', 7, 0, client_hello(v12) + bytes.fromhex('15030300020230')
    yield 'hello-of-old', 0, 0, bytes.fromhex('802e0100020015000000100100800200800300800400800500800600400700c0'
                                              '0000000000000000000000000000000000')
    yield 'no-tls', 0, 0, b'GET / HTTP/1.0\r\n\r\n'
    yield 'sip-in-clear', 1, 0, options
    for i, name in enumerate(SIP):
        yield f'message-{i + 1}', 29 + i, shakes_hands | answered | (tls12 if i % 2 else 0), said(message(name))
    yield 'pings', 0, shakes_hands | answered, said(b'\r\n\r\n' * 3 + options + b'\r\n' + options)
    yield 'much-at-once', 9, shakes_hands | no_room, bytes([say_much, 4]) + said(options * 4).replace(bytes([say]), b'')
    yield 'without-length', 0, shakes_hands | answered, said(options.replace(b'Content-Length: 0\r\n', b'') + options)
    yield 'too-long', 0, shakes_hands | tls12, said(options.replace(b' 0', b' 9999') + b'x' * 600)
    yield 'damaged', 11, shakes_hands, said(options) + bytes([damage, 0, 20, 1])
    yield 'damaged-head', 11, shakes_hands | tls12, said(options) + bytes([damage, 0, 0, 2])
    yield 'cut-off', 13, shakes_hands | half_close, said(options) + bytes([cut_off, 9])
    yield 'noise', 13, shakes_hands | answered, said(options) + bytes([noise, 6, 20, 3, 3, 0, 1, 1])
    yield 'new-keys', 15, shakes_hands | answered, (bytes([new_keys, 1]) + said(register) + bytes([new_keys, 0]) +
                                                    said(options))
    yield 'closed', 17, shakes_hands | half_close, said(options + register[:90]) + bytes([close])
    frames = frame(message(SIP[0])) + frame(b'\r\n\r\n') + frame(b'there?', PING) + frame(options, BINARY)
    yield 'web', 19, shakes_hands | web | answered, said(frames) + bytes([close])
    yield 'web-1.2', 21, shakes_hands | web | tls12 | no_room, said(frames) + bytes([damage, 0, 9, 128])


def admin():
    presence = ("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:alice@example.com'><tuple id='t'><status>"
                "<basic>open</basic></status></tuple><note>\"here\"</note></presence>")
    rules = ("<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' xmlns:p='urn:ietf:params:xml:ns:pres-rules'>"
             "<rule id='a'><conditions><identity><one id='sip:bob@example.com'/></identity></conditions><actions>"
             "<p:sub-handling>allow</p:sub-handling></actions></rule></ruleset>")
    alice = 'alice@example.com'

    def line(command, **members):
        return json.dumps({'command': command, **members}).encode() + b'\n'

    for command in ('status', 'counters', 'shards', 'watchers'):
        yield command, 3, line(command)
    yield 'watchers-of-one', 0, line('watchers', aor='sip:Alice@EXAMPLE.com')
    yield 'presentity', 5, line('presentity', aor=alice)
    yield 'end', 7, line('end', aor=alice, reason='rejected') + line('end', aor=alice, reason='because')
    yield 'rules', 9, (line('rules', action='load', aor=alice, document=rules) +
                       line('rules', action='show', aor=alice) + line('rules', action='remove', aor=alice))
    yield 'rules-that-are-wrong', 0, line('rules', action='load', aor=alice, document=rules[:-4])
    yield 'presence', 11, line('presence', action='set', aor=alice, document=presence, **{'for': '60'}) + \
        line('presence', action='show', aor=alice)
    yield 'presence-without-end', 0, line('presence', action='set', aor=alice, document=presence, **{'for': '0'})
    yield 'users', 13, line('users', action='reload') + line('users', action='forget')
    yield 'many', 15, line('status') * 20 + line('nothing')
    yield 'no-object', 1, b'[]\n\n{"command":7}\n{"command":"status","more":"x"}\nstatus\n'
    yield 'no-text', 0, b'{"command":"\xff\xfe","aor":"\xc0\x80"}\n{"aor":"\\ud800\\u0000@a"}\n'
    yield 'no-aor', 0, line('presentity', aor='x' * 300 + '@example.com') + line('presentity', aor='@')
    yield 'deep', 0, b'[' * 2000 + b'\n'
    yield 'as-long-as-may-be', 0, b' ' * 4095 + b'\n' + line('status')
    yield 'too-long', 17, line('status') + b'x' * 5000 + b'\n' + line('status')
    yield 'without-end', 19, line('status') + line('status')[:-1]


def main():
    for make in (websocket_upgrade, tls_stream, admin):
        folder = os.path.join(FOLDER, 'corpus', make.__name__)
        os.makedirs(folder, exist_ok=True)
        for name, *choices, rest in make():
            with open(os.path.join(folder, name), 'wb') as file:
                file.write(bytes(choices) + rest)
    return 0


if __name__ == '__main__':
    sys.exit(main())
