# tools/bench flood: 50 SUBSCRIBEs a second of users who authenticate, alone and beside floods as fast as the port takes
# them, all by one worker: how many are served, and how soon. Kamailio's figures are of the machine that the project
# began on, on one core, and not of this run.
from benches import plot, run, storm

KINDS = {
    'single_source': 'no credentials, one source',
    'spread': 'no credentials, 65,536 sources',
    'wrong_digest': 'wrong digests, 65,536 sources',
    'malformed': 'malformed, 65,536 sources',
}
RANDOM_DATAGRAMS = 10_000_000            # From random sources, after which the memory is looked at.
GROWN_BYTES_MAX = 1_000_000
SUCCESS_MIN = {'single_source': 1.0}     # Else:
SPREAD_SUCCESS_MIN = 0.99
P99_MS_MAX = 10
# 100 users who poll once a minute, in a time that runs thirty times as fast.
LEGITIMATE = ['--mix', 'polls', '--users', 100, '--speed', 30, '--digest', '--idle', 'spin']


def add_command(commands):
    parser = commands.add_parser('flood', help='who authenticates, beside floods of who does not',
                                 description='One legitimate client at 50 SUBSCRIBEs a second and a flood as fast as '
                                             'the port takes it hit the same worker.')
    parser.add_argument('--seconds', type=float, default=20, metavar='S', help='of each (default: %(default)s)')
    parser.add_argument('--datagrams', type=int, default=RANDOM_DATAGRAMS, metavar='N',
                        help='from random sources, after which the memory is looked at (default: %(default)s)')
    parser.add_argument('--check', action='store_true', help='fail when a target is missed')
    parser.set_defaults(run=main)


def main(arguments):
    if arguments.seconds <= 0:
        raise run.Failed('--seconds must be above 0')
    program = storm.build()
    measured = {}
    for kind in ('clean', *KINDS):
        with run.Progress(f'{arguments.seconds:g} s of {KINDS.get(kind, "no flood")}'):
            measured[kind] = measure(program, kind, arguments.seconds)
    with run.Progress(f'{arguments.datagrams:,} datagrams from random sources'):
        grown = grown_of(program, arguments.datagrams, measured['spread']['rate'])
    figures = figures_of(measured) | grown
    print(table(measured))
    picture = run.keep('flood.svg', draw(measured))
    print(f"\n{picture}\n{run.keep_figures('flood.json', figures)}")
    print(f"\n{grown['random_datagrams']:,} datagrams from random sources made the process grow by "
          f"{grown['random_grown_bytes']:,} bytes")
    missed = missed_of(measured, grown)
    for words in missed:
        print(f'missed: {words}')
    return 1 if arguments.check and missed else 0


def figures_of(measured):
    figures = {f'{kind}_{name}': value for kind, of in measured.items() for name, value in of.items()}
    return figures | {'limited_by': 'CPU of the engine, and the rate of the generator', 'cpu': run.cpu_name()}


def measure(program, kind, seconds):
    attack = ['--attack', kind] if kind != 'clean' else []
    return judged(kind, storm.storm(program, [*LEGITIMATE, '--seconds', seconds, *attack], []))


def judged(kind, figures):
    """Of one run of sipstorm."""
    asked = figures['steady_poll_sent'] - figures['steady_poll_challenged']
    # What was under way at the end has had its time, with the flood going on.
    accepted = figures['steady_poll_accepted'] + figures.get('drain_poll_accepted', 0)
    out = {'success': round(accepted / asked, 5),
           'p50_ms': round(figures['steady_poll_latency_p50_us'] / 1000, 3),
           'p99_ms': round(figures['steady_poll_latency_p99_us'] / 1000, 3)}
    if kind != 'clean':
        out['rate'] = round(figures['attack_sent'] / (figures['steady_seconds'] + figures['drain_seconds']))
        out['answered_share'] = round(figures['attack_answered'] / figures['attack_sent'], 5)
    return out


def grown_of(program, datagrams, rate):
    """Memory after so many datagrams from random sources, which come at about this rate."""
    seconds = max(1, 1.25 * datagrams / rate)
    figures = storm.storm(program, [*LEGITIMATE, '--seconds', seconds, '--attack', 'random'], [])
    return {'random_datagrams': figures['attack_sent'], 'random_grown_bytes': figures['attack_grown_bytes']}


def missed_of(measured, grown):
    missed = []
    if grown['random_grown_bytes'] > GROWN_BYTES_MAX:
        missed.append(f"the process grew by {grown['random_grown_bytes']:,} bytes, not at most {GROWN_BYTES_MAX:,}")
    for kind in KINDS:
        of, least = measured[kind], SUCCESS_MIN.get(kind, SPREAD_SUCCESS_MIN)
        if of['success'] < least:
            missed.append(f"{kind}: {of['success']:.2%} are served, not {least:.0%}")
        if of['p99_ms'] > P99_MS_MAX:
            missed.append(f"{kind}: p99 is {of['p99_ms']:.1f} ms, not {P99_MS_MAX} ms")
    return missed


def table(measured):
    lines = [f"{'':34}{'flood, /s':>12}{'served':>10}{'p50 ms':>10}{'p99 ms':>10}{'answered':>10}"]
    for kind, of in measured.items():
        rate = f"{of['rate']:,}" if 'rate' in of else '-'
        answered = f"{of['answered_share']:.2%}" if 'rate' in of else '-'
        lines.append(f"{KINDS.get(kind, 'no flood'):34}{rate:>12}{of['success']:>10.2%}{of['p50_ms']:>10.2f}"
                     f"{of['p99_ms']:>10.2f}{answered:>10}")
    return '\n'.join(lines)


def draw(measured):
    dots = [plot.Dot(KINDS.get(kind, 'no flood'), f"{of['rate']:,} a second" if 'rate' in of else '',
                     of['p99_ms'] * 1e6, f"{of['p99_ms']:.2f} ms, {of['success']:.2%} served", 'own', P99_MS_MAX * 1e6)
            for kind, of in measured.items()]
    return plot.dots('50 SUBSCRIBEs a second beside a flood', 'p99 of the answers, one worker',
                     [plot.Group('What the flood is', dots)], milliseconds_text)


def milliseconds_text(ns):
    return f'{ns / 1e6:g} ms'
