# tools/bench connections: memory of an idle connection, by TCP, by TLS and by WebSocket over either, as the system sees
# it, and the processor time that it took to take it. All of one kind are held at once, by bench/connections_bench. And
# TLS handshakes a second with one thread and with two, in turns, to callers that only say hello.
import json
import resource

from benches import run

DESCRIPTORS_SPARE = 128
HELLO_ROUNDS = 3
BYTES_MAX = {'tcp': 4_096, 'tls': 32_768, 'ws': 8_192, 'wss': 32_768}        # Of the process, each.


def add_command(commands):
    parser = commands.add_parser('connections', help='memory of an idle connection by TCP, TLS, WebSocket',
                                 description='Opens so many connections at once, each of which says one ping.')
    parser.add_argument('--connections', type=int, default=most(20_000), metavar='N',
                        help='default: 20000, or as many as a process may have descriptors; %(default)s here')
    parser.add_argument('--threads', type=int, default=1, metavar='N',
                        help='that the idle connections are spread over; default: %(default)s')
    parser.add_argument('--hellos', type=int, default=10_000, metavar='N',
                        help='handshakes of each round; default: %(default)s')
    parser.add_argument('--check', action='store_true', help='fail when a target is missed')
    parser.set_defaults(run=main)


def most(wanted):
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed - DESCRIPTORS_SPARE)


def main(arguments):
    if not 100 <= arguments.connections <= 1_000_000:
        raise run.Failed('--connections must be 100 to 1000000')
    program = run.build('bench/connections_bench')
    measured = []
    for transport in BYTES_MAX:
        with run.Progress(f'{arguments.connections} connections by {transport}'):
            measured.append(json.loads(run.command([program, transport, str(arguments.connections),
                                                    str(arguments.threads)])))
    print(f"{'':8}{'connections':>13}{'bytes each':>13}{'kernel each':>13}{'us of processor':>18}")
    for one in measured:
        print(f"{one['transport']:8}{one['connections']:>13,}{one['bytes']:>13,}{one['kernel_bytes']:>13,}"
              f"{one['cpu_us']:>18,}")
    figures = {'connections': arguments.connections, 'threads': arguments.threads, 'limited_by': 'memory',
               'cpu': run.cpu_name()}
    for one in measured:
        figures |= {f"{one['transport']}_{key}": one[key] for key in ('bytes', 'kernel_bytes', 'cpu_us')}
    figures |= hellos(program, arguments.hellos)
    print(f"\n{run.keep_figures('connections.json', figures)}")
    missed = any(one['bytes'] > BYTES_MAX[one['transport']] for one in measured)
    return 1 if arguments.check and missed else 0


def hellos(program, count):
    """The best of three rounds for each number of threads: others at work on the machine make it fewer."""
    best = {}
    with run.Progress(f'{HELLO_ROUNDS} rounds of {count} TLS handshakes, by one thread and by two'):
        for _ in range(HELLO_ROUNDS):
            for threads in (1, 2):
                one = json.loads(run.command([program, 'hellos', str(count), str(threads)]))
                best[threads] = max(best.get(threads, one), one, key=lambda of: of['per_second'])
    print(f"\n{'threads':8}{'handshakes/s':>13}{'us of processor':>18}")
    for threads, one in best.items():
        print(f"{threads:<8}{one['per_second']:>13,}{one['cpu_us']:>18,}")
    print(f"two answer {best[2]['per_second'] / best[1]['per_second']:.2f} times as many as one, beside their callers")
    return {f'hellos_{threads}_{key}': one[key] for threads, one in best.items() for key in ('per_second', 'cpu_us')}
