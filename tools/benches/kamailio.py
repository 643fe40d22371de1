# tools/bench kamailio: Debian's Kamailio and we, each driven by the same generator over the same wire: a veth between
# two network namespaces, the generator on a kernel socket in one, the server in the other. Kamailio runs its presence
# at its best: in memory alone, tlsf, transactions kept as briefly as its configuration allows. Needs root.
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

from benches import plot, run, storm

FAN_OUTS = (1, 10, 100, 1000)
PORT = 5060
READY_SECONDS = 10
STORM_PORT = 5070

# Two workers: on one more processor they would wait for each other's locks. NOTIFYs are sent by whoever takes the
# PUBLISH: its notifier processes work by way of a database alone.
KAMAILIO = '''#!KAMAILIO
debug=0
log_stderror=yes
children=2
listen=udp:{address}:{port}
disable_tcp=yes
auto_aliases=no
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "presence.so"
loadmodule "presence_xml.so"
modparam("tm", "wt_timer", 200)
modparam("presence", "db_url", "")
modparam("presence", "subs_db_mode", 0)
modparam("presence", "publ_cache", 2)
modparam("presence", "notifier_processes", 0)
modparam("presence", "subs_htable_size", 14)
modparam("presence", "pres_htable_size", 14)
modparam("presence", "clean_period", 0)
modparam("presence", "db_update_period", 0)
modparam("presence", "server_address", "sip:{address}:{port}")
modparam("presence_xml", "db_url", "")
modparam("presence_xml", "force_active", 1)
request_route {{
  if (!t_newtran()) {{ sl_reply_error(); exit; }}
  if (is_method("PUBLISH")) {{ handle_publish(); t_release(); exit; }}
  if (is_method("SUBSCRIBE")) {{ handle_subscribe(); t_release(); exit; }}
  t_reply("405", "Method Not Allowed");
}}
'''
KAMAILIO_OPTIONS = ['-m', '2048', '-M', '64', '-x', 'tlsf', '-X', 'tlsf', '-DD', '-E']

VEDETTE = '''
[[domain]]
name = "example.com"
authenticate = false
[[port]]
name = "wire"
device = "net_af_packet0,iface={wire}"
tap_name = "{tap}"
addresses = ["{address}/24"]
[pace]
presence = "0s"
[admin]
socket = "{socket}"
'''


def add_command(commands):
    parser = commands.add_parser('kamailio', help="we and Debian's Kamailio over the same wire, by CPU-second",
                                 description='NOTIFYs acknowledged for each CPU-second of the server. As root.')
    parser.add_argument('--seconds', type=float, default=5, metavar='S', help='of each run (default: 5)')
    parser.add_argument('--fan-outs', type=int, nargs='+', default=FAN_OUTS, metavar='F',
                        help='watchers of each presentity (default: 1 10 100 1000)')
    parser.set_defaults(run=main)


def load_of(fan_out):
    """Presentities with so many watchers each, and how many of them change at a time."""
    presentities = 200 if fan_out == 1 else max(10, 500 // fan_out)
    contacts = min(fan_out, 10)
    return ['--users', presentities * fan_out // contacts, '--contacts', contacts, '--presentities', presentities,
            '--in-flight', max(2, 128 // fan_out), '--flood', '--no-register', '--window', 64, '--drain', 8]


def namespaces():
    sys.path.insert(0, os.path.join(run.ROOT, 'tests', 'support'))
    import netns_pair
    return netns_pair


def give_wire_to_kernel(netns, pair):
    """Kamailio's sockets are the kernel's: undo what leaves the wire to DPDK."""
    pair.sysctl(pair.server, f'net.ipv4.conf.{netns.WIRE}.arp_ignore', 0)
    netns.run('ip', '-n', pair.server, 'link', 'set', netns.WIRE, 'arp', 'on')
    netns.run('ip', '-n', pair.server, 'address', 'add', f'{netns.SERVER[4]}/24', 'dev', netns.WIRE)


def processes_of(root):
    """A process and all below it."""
    children = {}
    for entry in pathlib.Path('/proc').glob('[0-9]*/stat'):
        with contextlib.suppress(OSError, ValueError):
            fields = entry.read_text().rsplit(')', 1)[1].split()
            children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def command_of(server, netns, pair):
    folder = pathlib.Path(pair.folder)
    configuration = folder / f'{server}.conf'
    if server == 'kamailio':
        configuration.write_text(KAMAILIO.format(address=netns.SERVER[4], port=PORT))
        return [shutil.which('kamailio') or '/usr/sbin/kamailio', '-f', str(configuration), '-Y', str(folder), '-P',
                str(folder / 'pid'), *KAMAILIO_OPTIONS]
    configuration.write_text(VEDETTE.format(wire=netns.WIRE, tap=netns.SERVER_TAP, address=netns.SERVER[4],
                                            socket=folder / 'admin.sock'))
    configuration.chmod(0o600)
    return [run.build('vedette'), '--config', str(configuration)]


def drive(server, program, fan_out, seconds):
    """One server, freshly started, and one fan-out; sipstorm's figures, and what did not hold."""
    netns = namespaces()
    with netns.NamespacePair() as pair:
        if server == 'kamailio':
            give_wire_to_kernel(netns, pair)
        log = open(pathlib.Path(pair.folder) / 'log', 'w+')
        process = pair.popen(pair.server, command_of(server, netns, pair), stdin=subprocess.DEVNULL, stdout=log,
                             stderr=log)
        await_server(process, log, netns, pair)
        broken = []
        pids = ','.join(map(str, processes_of(process.pid)))
        generator = ['ip', 'netns', 'exec', pair.client, program]
        figures = storm.storm(generator, load_of(fan_out) + [
            '--udp', f'{netns.SERVER[4]}:{PORT}', '--from', f'{netns.CLIENT[4]}:{STORM_PORT}', '--server-pids', pids,
            '--seconds', seconds, '--warm-up', 0.5], broken)
        return figures, broken


def await_server(process, log, netns, pair):
    """Until it answers OPTIONS, whatever it says."""
    end = time.monotonic() + READY_SECONDS
    with pair.open_client_socket() as probe:
        probe.bind((netns.CLIENT[4], 0))
        probe.settimeout(0.3)
        host, port = probe.getsockname()
        text = (f'OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKprobe\r\n'
                f'Max-Forwards: 70\r\nFrom: <sip:probe@example.com>;tag=1\r\nTo: <sip:example.com>\r\n'
                f'Call-ID: probe\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n')
        while time.monotonic() < end and process.poll() is None:
            with contextlib.suppress(OSError):
                probe.sendto(text.encode(), (netns.SERVER[4], PORT))
                probe.recv(4096)
                return
            time.sleep(0.1)
    log.seek(0)
    raise run.Failed(f'the server did not come up:\n{log.read()[-3000:]}')


def main(arguments):
    if os.geteuid() != 0:
        raise run.Missing('network namespaces need root: sudo tools/bench kamailio')
    if shutil.which('kamailio') is None and not os.path.exists('/usr/sbin/kamailio'):
        raise run.Missing('Kamailio is not installed: sudo tools/setup')
    program = storm.build()
    run.build('vedette')
    measured, broken = {}, {}
    total = 3 * len(arguments.fan_outs)
    with run.Progress(f'measuring: {total} runs') as progress:
        for fan_out in arguments.fan_outs:
            for server in ('kamailio', 'vedette'):
                measured[server, fan_out], broken[server, fan_out] = drive(server, program, fan_out, arguments.seconds)
                progress.step(len(measured), total)
            measured['in_process', fan_out] = storm.storm(program, load_of(fan_out) + ['--seconds', arguments.seconds])
            progress.step(len(measured), total)
    figures = figures_of(measured, arguments.fan_outs)
    print(table(figures, broken, arguments.fan_outs))
    picture = run.keep('kamailio.svg', draw(figures, arguments.fan_outs))
    print(f"\n{picture}\n{run.keep_figures('kamailio.json', figures)}")
    return 0


def figures_of(measured, fan_outs):
    figures = {}
    for fan_out in fan_outs:
        per_cpu_s = {server: measured[server, fan_out].get('steady_notifies_per_cpu_s', 0)
                     for server in ('kamailio', 'vedette', 'in_process')}
        figures[f'kamailio_notify_per_cpu_s_{fan_out}'] = round(per_cpu_s['kamailio'], 1)
        figures[f'vedette_notify_per_cpu_s_{fan_out}'] = round(per_cpu_s['vedette'], 1)
        figures[f'vedette_in_process_notify_per_cpu_s_{fan_out}'] = round(per_cpu_s['in_process'], 1)
        peer = per_cpu_s['kamailio'] or 1
        figures[f'ratio_{fan_out}'] = round(per_cpu_s['vedette'] / peer, 2)
        figures[f'in_process_ratio_{fan_out}'] = round(per_cpu_s['in_process'] / peer, 2)
        for server in ('kamailio', 'vedette'):
            figures[f'{server}_p99_us_{fan_out}'] = measured[server, fan_out].get(
                'steady_publish_to_last_notify_p99_us', 0)
    figures['limited_by'] = 'CPU of each server; over the wire the kernel and the veth are a part of it'
    figures['cpu'] = run.cpu_name()
    return figures


def table(figures, broken, fan_outs):
    lines = ['NOTIFYs sent and acknowledged for each CPU-second of the server; the same generator for all.', '',
             f"{'fan-out':>8}{'Kamailio':>12}{'Vedette':>12}{'ratio':>8}{'in process':>14}{'ratio':>8}"
             f"{'p99 ms':>12}{'p99 ms':>10}",
             f"{'':8}{'UDP, veth':>12}{'UDP, veth':>12}{'':8}{'rings':>14}{'':8}{'Kamailio':>12}{'Vedette':>10}"]
    for fan_out in fan_outs:
        lines.append(f"{fan_out:>8}{figures[f'kamailio_notify_per_cpu_s_{fan_out}']:>12,.0f}"
                     f"{figures[f'vedette_notify_per_cpu_s_{fan_out}']:>12,.0f}{figures[f'ratio_{fan_out}']:>8.1f}"
                     f"{figures[f'vedette_in_process_notify_per_cpu_s_{fan_out}']:>14,.0f}"
                     f"{figures[f'in_process_ratio_{fan_out}']:>8.1f}"
                     f"{figures[f'kamailio_p99_us_{fan_out}'] / 1000:>12,.1f}"
                     f"{figures[f'vedette_p99_us_{fan_out}'] / 1000:>10,.1f}")
    lines.append('')
    for (server, fan_out), words in broken.items():
        lines += [f'{server}, fan-out {fan_out}: did not hold: {word}' for word in words]
    return '\n'.join(lines)


def draw(figures, fan_outs):
    groups = []
    for fan_out in fan_outs:
        dots = []
        for key, label, kind in (('kamailio', 'Kamailio', 'peer'), ('vedette', 'Vedette, same wire', 'own'),
                                 ('vedette_in_process', 'Vedette, in process', 'own')):
            value = figures[f'{key}_notify_per_cpu_s_{fan_out}']
            if value > 0:
                dots.append(plot.Dot(label, '', 1e9 / value, f'{value:,.0f} a CPU-second', kind))
        groups.append(plot.Group(f'Fan-out {fan_out}', dots))
    return plot.dots('Processor time of a NOTIFY, beside Kamailio', f'{run.cpu_name()}; sent and acknowledged', groups)
