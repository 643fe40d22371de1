# tools/bench parser: bench/parser_bench, run in rounds, each a process with its benchmarks in random order, so that
# whatever else the machine does meets all of them. What counts is the minimum: noise only adds.
import dataclasses
import json
import os
import statistics

from benches import plot, run

REPETITIONS = 5                  # Of each benchmark in one round.
SECONDS_EACH = '0.02'


@dataclasses.dataclass
class Row:
    name: str                    # The benchmark's, and with _ns or _us the key in parser.json.
    label: str
    kind: str                    # Of plot.KINDS.
    unit: str = 'ns'
    remark: str = ''             # What a reader of the plot would ask.


MESSAGES = [
    Row('memcpy', 'memcpy of the bytes', 'bound', remark='the bound'),
    Row('notify_response', 'NOTIFY response', 'own', remark='the 200 OK alone, what the poll loop needs'),
    Row('index', 'index', 'own', remark='start line and header fields'),
    Row('typed', 'index and typed values', 'own', remark='all that the engine asks for of each'),
    Row('typed_all', 'the same of all methods', 'own', remark='what it asks for of some, read of all'),
    Row('sofia', 'sofia-sip', 'peer', remark='full parse'),
    Row('sofia_some', 'sofia-sip, told of fewer fields', 'peer', remark='those that the engine asks for'),
    Row('osip_arena', 'libosip2, allocating in an arena', 'peer', remark='full parse'),
    Row('osip', 'libosip2', 'peer', remark='full parse'),
    Row('libre', 'libre', 'peer', remark='decode and typed values'),
]
BODIES = [
    Row('pidf', 'PIDF to fragments', 'own', 'us', remark='namespaces and escapes normalised'),
    Row('libxml2', 'libxml2', 'peer', 'us', remark='tree made and freed'),
]
ROWS = MESSAGES + BODIES


@dataclasses.dataclass
class Target:
    text: str
    value: float
    limit: float
    unit: str                    # Behind both.
    at_most: bool
    goal: float = None

    def held(self):
        return self.value <= self.limit if self.at_most else self.value >= self.limit


@dataclasses.dataclass
class Measured:
    """All repetitions of one benchmark, in nanoseconds an item."""
    times: list = dataclasses.field(default_factory=list)
    bytes_per_second: list = dataclasses.field(default_factory=list)
    cycles_per_byte: list = dataclasses.field(default_factory=list)

    def min(self):
        return min(self.times)

    def median(self):
        return statistics.median(self.times)


def add_command(commands):
    parser = commands.add_parser('parser', help='our parsers beside libosip2, sofia-sip, libre and libxml2',
                                 description='Times the parsers on the nine messages of bench/messages.')
    parser.add_argument('--rounds', type=int, default=12, metavar='N',
                        help=f'processes, each with {REPETITIONS} repetitions of everything (default: %(default)s)')
    parser.add_argument('--check', action='store_true', help='fail when a target is missed')
    parser.set_defaults(run=main)


def main(arguments):
    if arguments.rounds < 1:
        raise run.Failed('--rounds must be at least 1')
    program = run.build('bench/parser_bench')
    measured, context = measure(program, arguments.rounds)
    targets = targets_of({name: of.min() for name, of in measured.items()})
    print(table(measured, context, arguments.rounds))
    print(verdicts(targets))
    picture = run.keep('parser.svg', draw(measured, context, targets, arguments.rounds))
    figures = run.keep_figures('parser.json', figures_of(measured, context, targets, arguments.rounds))
    print(f'\n{picture}\n{figures}')
    return 1 if arguments.check and not all(target.held() for target in targets) else 0


def measure(program, rounds):
    measured = {}
    with run.Progress(f'measuring: {rounds} rounds') as progress:
        for done in range(1, rounds + 1):
            output = run.command([program, '--benchmark_format=json', '--benchmark_enable_random_interleaving=true',
                                  f'--benchmark_repetitions={REPETITIONS}', f'--benchmark_min_time={SECONDS_EACH}'])
            result = json.loads(output)
            collect(result, measured)
            progress.step(done, rounds)
    missing = [row.name for row in ROWS if row.name not in measured]
    if missing:
        raise run.Failed(f"parser_bench did not measure {', '.join(missing)}")
    return measured, result['context']


def collect(result, measured):
    for entry in result['benchmarks']:
        if entry.get('run_type') != 'iteration':
            continue
        of = measured.setdefault(entry['run_name'], Measured())
        of.times.append(entry['each'] * 1e9)
        of.bytes_per_second.append(entry['bytes_per_second'])
        if 'tsc_cycles_per_byte' in entry:
            of.cycles_per_byte.append(entry['tsc_cycles_per_byte'])


def targets_of(ns):
    """What must hold (issue 3), of the minima."""
    return [
        Target('index, as a multiple of memcpy', ns['index'] / ns['memcpy'], 8, ' x', True),
        Target('typed, how much faster than sofia-sip', ns['sofia'] / ns['typed'], 12, ' x', False, goal=15),
        Target('typed, how much faster than libosip2', ns['osip'] / ns['typed'], 30, ' x', False),
        Target('typed, how much faster than libre', ns['libre'] / ns['typed'], 45, ' x', False),
        Target('NOTIFY response', ns['notify_response'], 90, ' ns', True),
        Target('PIDF to fragments', ns['pidf'] / 1000, 2.0, ' us', True),
        Target('PIDF, how much faster than libxml2', ns['libxml2'] / ns['pidf'], 5, ' x', False),
    ]


def limits_of(ns):
    """Where the dots of the plot must be: the strictest of the targets of each row, in nanoseconds."""
    return {
        'index': 8 * ns['memcpy'],
        'typed': min(ns['sofia'] / 12, ns['osip'] / 30, ns['libre'] / 45),
        'notify_response': 90,
        'pidf': min(2000, ns['libxml2'] / 5),
    }


def time_text(ns):
    if ns < 1000:
        return f'{ns:.1f} ns' if ns < 100 else f'{ns:.0f} ns'
    return f'{ns / 1000:.2f} us' if ns < 10000 else f'{ns / 1000:.1f} us'


def table(measured, context, rounds):
    ns = {name: of.min() for name, of in measured.items()}
    messages, total = int(context['messages']), int(context['bytes'])
    lines = [f'{messages} messages, {total / messages:.0f} bytes on average; one core; the NOTIFY response has '
             f"{context['notify_response_bytes']} bytes, the PIDF body {context['body_bytes']}.",
             f'Minimum of {rounds * REPETITIONS} repetitions, median beside it. Cycles: of the time stamp counter.', '',
             f"{'':34}{'minimum':>10}{'median':>10}{'MB/s':>9}{'cycles/B':>10}{'of memcpy':>11}{'of ours':>9}"]
    for row in ROWS:
        if row is BODIES[0]:
            lines.append('')
        of = measured[row.name]
        cycles = f'{min(of.cycles_per_byte):.2f}' if of.cycles_per_byte else ''
        is_body = row in BODIES
        of_memcpy = '' if is_body or row.name == 'notify_response' else f"{ns[row.name] / ns['memcpy']:.1f}"
        of_ours = f"{ns[row.name] / ns['pidf' if is_body else 'typed']:.1f}" if row.kind == 'peer' else ''
        lines.append(f'{row.label:34}{time_text(ns[row.name]):>10}{time_text(of.median()):>10}'
                     f'{max(of.bytes_per_second) / 1e6:>9.0f}{cycles:>10}{of_memcpy:>11}{of_ours:>9}')
    return '\n'.join(lines)


def verdicts(targets):
    lines = ['', f"{'what must hold':44}{'measured':>12}{'target':>20}"]
    for target in targets:
        bound = 'at most' if target.at_most else 'at least'
        goal = f' (goal {target.goal:g})' if target.goal else ''
        lines.append(f'{target.text:44}{number(target.value) + target.unit:>12}'
                     f"{f'{bound} {target.limit:g}{target.unit}':>20}  {'held' if target.held() else 'missed'}{goal}")
    return '\n'.join(lines)


def number(value):
    return f'{value:.0f}' if value >= 100 else f'{value:.1f}'


def figures_of(measured, context, targets, rounds):
    """One flat object: minima, medians, cycles, ratios, and whether all targets are held."""
    figures = {}
    for row in ROWS:
        of, divisor = measured[row.name], 1000 if row.unit == 'us' else 1
        figures[f'{row.name}_{row.unit}'] = round(of.min() / divisor, 3)
        figures[f'{row.name}_median_{row.unit}'] = round(of.median() / divisor, 3)
        if of.cycles_per_byte:
            figures[f'{row.name}_tsc_cycles_per_byte'] = round(min(of.cycles_per_byte), 4)
    ns = {name: of.min() for name, of in measured.items()}
    figures['index_to_memcpy'] = round(ns['index'] / ns['memcpy'], 2)
    for peer in ('sofia', 'sofia_some', 'osip', 'osip_arena', 'libre'):
        figures[f'{peer}_to_typed'] = round(ns[peer] / ns['typed'], 2)
        figures[f'{peer}_to_typed_all'] = round(ns[peer] / ns['typed_all'], 2)
    figures['libxml2_to_pidf'] = round(ns['libxml2'] / ns['pidf'], 2)
    figures['targets'] = len(targets)
    figures['targets_held'] = sum(target.held() for target in targets)
    figures['messages'] = int(context['messages'])
    figures['bytes_per_message'] = round(int(context['bytes']) / int(context['messages']), 1)
    figures['repetitions'] = rounds * REPETITIONS
    figures['cpu'] = run.cpu_name()
    return figures


def draw(measured, context, targets, rounds):
    ns = {name: of.min() for name, of in measured.items()}
    limits = limits_of(ns)
    average = int(context['bytes']) / int(context['messages'])

    def dots(rows, ours):
        for row in rows:
            limit = limits.get(row.name)
            text = time_text(ns[row.name])
            if row.kind == 'peer':
                text += f', {ns[row.name] / ns[ours]:.1f} \u00d7 ours'
            elif limit:
                text += f', at most {time_text(limit)}'
            text = text.replace('us', '\u00b5s')
            yield plot.Dot(row.label, row.remark, ns[row.name], text, row.kind, limit)

    held = sum(target.held() for target in targets)
    return plot.dots('What reading a SIP message costs',
                     f'{run.cpu_name()}, one core; minimum of {rounds * REPETITIONS} interleaved repetitions; '
                     f'{held} of {len(targets)} targets held',
                     [plot.Group(f"{context['messages']} messages, {average:.0f} bytes on average: time of one",
                                 list(dots(MESSAGES, 'typed'))),
                      plot.Group(f"Presence document of {context['body_bytes']} bytes", list(dots(BODIES, 'pidf')))])
