# tools/bench notify: how many NOTIFYs one worker sends and has acknowledged, by how many subscriptions there are; and
# PUBLISHes, SUBSCRIBEs with and without digest, and sending alone. The generator is on the other core.
import dataclasses
import os

from benches import plot, run, storm

FAN_OUT = 100


@dataclasses.dataclass
class Case:
    key: str                     # In notify.json.
    label: str
    remark: str
    arguments: list
    figure: str                  # Of sipstorm's figures, a second.
    cpu: str                     # The phase that it is of.
    at_least: float
    scale: float = 1.0


def acknowledged(key, label, subscriptions, at_least, seconds):
    """Presentities with a hundred watchers each; a user watches ten."""
    subscriptions = max(subscriptions, 1000)
    return Case(key, label, f'fan-out {FAN_OUT}',
                ['--users', subscriptions // 10, '--contacts', 10, '--presentities', subscriptions // FAN_OUT,
                 '--flood', '--no-register', '--in-flight', 8, '--warm-up', 0.3, '--seconds', seconds],
                'steady_notifies_per_s', 'steady', at_least)


def cases_of(seconds, ten_million, smaller=1):
    cases = [acknowledged('acked_per_s_10k', 'NOTIFY, acknowledged, 10 k', 10_000 // smaller, 3.0e6, seconds),
             acknowledged('acked_per_s_1m', 'NOTIFY, acknowledged, 1 M', 1_000_000 // smaller, 2.5e6, seconds)]
    if ten_million:
        cases.append(acknowledged('acked_per_s_10m', 'NOTIFY, acknowledged, 10 M', 10_000_000 // smaller, 2.0e6,
                                  seconds))
    users = 20_000 // smaller
    return cases + [
        Case('publish_f1_per_s', 'PUBLISH, fan-out 1', 'parsed, composed, told, acknowledged',
             ['--users', 10_000 // smaller, '--contacts', 1, '--flood', '--no-register', '--in-flight', 256,
              '--warm-up', 0.3, '--seconds', seconds], 'steady_publish_per_s', 'steady', 250e3),
        Case('subscribe_per_s', 'SUBSCRIBE', 'with its 200, its NOTIFY and that one\'s 200',
             ['--users', users, '--contacts', 10, '--no-register', '--seconds', 0.1, '--window', 512],
             'subscribe_subscribe_per_s', 'subscribe', 500e3),
        Case('subscribe_digest_per_s', 'SUBSCRIBE, digest', 'SHA-256, nonces used again ten times',
             ['--users', users, '--contacts', 10, '--no-register', '--seconds', 0.1, '--window', 512,
              '--digest'],
             'subscribe_subscribe_per_s', 'subscribe', 350e3),
        # What is timed is from one PUBLISH to the last of ten thousand NOTIFYs, of which none is answered before.
        Case('tx_only_per_s_10k', 'NOTIFY, sent alone, 10 k', 'answers held back until all were told',
             ['--users', 1000, '--contacts', 0, '--crowd', 10_000, '--withhold', '--no-register',
              '--publish-rate', 0.001, '--seconds', max(seconds, 2)],
             'steady_crowd_to_last_notify_p50_us', 'steady', 0, 10_000 * 1e6),
    ]


def add_command(commands):
    parser = commands.add_parser('notify', help='acknowledged NOTIFYs, PUBLISHes and SUBSCRIBEs a second, one worker',
                                 description='Drives the engine in process, by its own poll loop, with sipstorm.')
    parser.add_argument('--rounds', type=int, default=3, metavar='N', help='runs of each, the best counts (default: 3)')
    parser.add_argument('--seconds', type=float, default=3, metavar='S', help='of each run (default: 3)')
    parser.add_argument('--ten-million', action='store_true', help='also with 10 M subscriptions: 8 GiB, minutes')
    parser.add_argument('--quick', action='store_true', help='a hundredth of the size: to see that it runs')
    parser.add_argument('--check', action='store_true', help='fail when a target is missed')
    parser.set_defaults(run=main)


def value_of(case, figures):
    if not figures.get(case.figure):
        raise run.Failed(f'{case.label}: nothing came to its end; give it more --seconds')
    value = figures[case.figure]
    return value if case.scale == 1.0 else case.scale / value


def main(arguments):
    if arguments.rounds < 1 or arguments.seconds <= 0:
        raise run.Failed('--rounds and --seconds must be above 0')
    program = storm.build()
    cases = cases_of(arguments.seconds, arguments.ten_million, 100 if arguments.quick else 1)
    measured = {}
    total = len(cases) * arguments.rounds
    with run.Progress(f'measuring: {total} runs') as progress:
        done = 0
        for case in cases:
            runs = []
            for _ in range(arguments.rounds):
                runs.append(storm.storm(program, case.arguments))
                done += 1
                progress.step(done, total)
            measured[case.key] = max(runs, key=lambda figures, of=case: value_of(of, figures))
    print(table(cases, measured))
    picture = run.keep('notify.svg', draw(cases, measured))
    print(f"\n{picture}\n{run.keep_figures('notify.json', figures_of(cases, measured, arguments))}")
    missed = [case for case in cases if value_of(case, measured[case.key]) < case.at_least]
    return 1 if arguments.check and missed else 0


def per_cpu_second(case, figures):
    """The same, by processor time of the worker in turns with work: what a noisy machine takes away is not in it, nor
    what a slow generator does."""
    cpu = storm.worked_seconds(figures, case.cpu, 'server')
    if cpu <= 0 or case.scale != 1.0:
        return 0
    return value_of(case, figures) * figures[f'{case.cpu}_seconds'] / cpu


def generator_ns(case, figures):
    """What one costs the generator: where that is not far below what it costs the engine, the figures are of both."""
    if case.scale != 1.0:
        return 0
    seconds = storm.worked_seconds(figures, case.cpu, 'generator') / figures[f'{case.cpu}_seconds']
    return seconds / value_of(case, figures) * 1e9


def table(cases, measured):
    lines = [f'One worker on one core, the generator on another; {os.cpu_count()} cores. The best run of each counts.',
             storm.pages(), '',
             f"{'':30}{'a second':>12}{'a CPU-second':>14}{'ns':>8}{'generator':>11}{'must be':>12}   "
             'what limited it']
    for case in cases:
        figures = measured[case.key]
        value, by_cpu = value_of(case, figures), per_cpu_second(case, figures)
        bound = f'{case.at_least:,.0f}' if case.at_least else ''
        verdict = '' if not case.at_least else ('held; ' if value >= case.at_least else 'missed; ')
        own = f'{generator_ns(case, figures):.0f} ns' if case.scale == 1.0 else ''
        lines.append(f'{case.label:30}{value:>12,.0f}{by_cpu:>14,.0f}{1e9 / (by_cpu or value):>8.0f}{own:>11}'
                     f'{bound:>12}   {verdict}{storm.limited_by(figures, case.cpu)}')
    return '\n'.join(lines)


def figures_of(cases, measured, arguments):
    """One flat object."""
    figures = {}
    for case in cases:
        figures[case.key] = round(value_of(case, measured[case.key]), 1)
        if per_cpu_second(case, measured[case.key]):
            figures[case.key.replace('_per_s', '_per_cpu_s')] = round(per_cpu_second(case, measured[case.key]), 1)
        if case.scale == 1.0:
            figures[f'{case.key}_generator_ns'] = round(generator_ns(case, measured[case.key]), 1)
        figures[f'{case.key}_limited_by'] = storm.limited_by(measured[case.key], case.cpu)
    targets = [case for case in cases if case.at_least]
    figures['targets'] = len(targets)
    figures['targets_held'] = sum(value_of(case, measured[case.key]) >= case.at_least for case in targets)
    figures['notify_bytes'] = measured['acked_per_s_10k']['steady_notify_bytes']
    figures['rounds'] = arguments.rounds
    figures['cpu'] = run.cpu_name()
    return figures


def draw(cases, measured):
    dots = []
    for case in cases:
        value = value_of(case, measured[case.key])
        text = f'{value:,.0f}/s'
        if case.at_least:
            text += f', at least {case.at_least:,.0f}'
        limit = 1e9 / case.at_least if case.at_least else None
        dots.append(plot.Dot(case.label, case.remark, 1e9 / value, text, 'own', limit))
    return plot.dots('What telling a watcher costs', f'{run.cpu_name()}, one worker; time of one, best of the runs',
                     [plot.Group('Through the poll loop, with every check, limit, counter and timer', dots)])
