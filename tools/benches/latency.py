# tools/bench latency: from a PUBLISH to the last NOTIFY that it causes, at half of what the engine could do, with
# fan-outs of 1 and 100; and the same while another presentity fans out to very many without a pause. Open-loop: times
# count from when a PUBLISH was due.
import dataclasses
import os

from benches import plot, run, storm

CROWD_DEVICES = 250              # Of one user, at most, in the crowd.


@dataclasses.dataclass
class Case:
    name: str                    # In latency.json: f1_p50_us and so on.
    label: str
    fan_out: int
    beside_crowd: bool
    p99_max_us: float


CASES = [Case('f1', 'fan-out 1', 1, False, 20), Case('f100', 'fan-out 100', 100, False, 100),
         Case('f1_beside_million', 'fan-out 1, beside the crowd', 1, True, 20),
         Case('f100_beside_million', 'fan-out 100, beside the crowd', 100, True, 100)]


def add_command(commands):
    parser = commands.add_parser('latency', help='PUBLISH to last NOTIFY at half load, alone and beside a million',
                                 description='The engine in process, its worker spinning; Poisson arrivals.')
    parser.add_argument('--seconds', type=float, default=5, metavar='S', help='of each run (default: 5)')
    parser.add_argument('--crowd', type=int, default=1_000_000, metavar='N',
                        help='watchers beside (default: a million)')
    parser.add_argument('--check', action='store_true', help='fail when a target is missed')
    parser.set_defaults(run=main)


def population(case, crowd):
    """Users, and who watches whom: a thousand watched by one each, or a hundred by a hundred."""
    users = max(1000, -(-crowd // CROWD_DEVICES)) if case.beside_crowd else 1000
    users = -(-users // 100) * 100
    shape = ['--contacts', 1] if case.fan_out == 1 else ['--contacts', 10, '--presentities', users * 10 // case.fan_out]
    more = ['--crowd', crowd] if case.beside_crowd else []
    return ['--users', users, *shape, *more, '--no-register', '--idle', 'spin']


def main(arguments):
    if arguments.seconds <= 0 or arguments.crowd < 1:
        raise run.Failed('--seconds and --crowd must be above 0')
    program = storm.build()
    rates, measured = {}, {}
    with run.Progress('measuring: 6 runs') as progress:
        for case in CASES[:2]:
            flood = storm.storm(program, population(case, 0) + [
                '--flood', '--in-flight', 16, '--warm-up', 0.3, '--seconds', min(arguments.seconds, 2)])
            rates[case.fan_out] = flood['steady_publish_per_s'] / 2
            progress.step(len(rates), 6)
        for case in CASES:
            measured[case.name] = storm.storm(program, population(case, arguments.crowd) + [
                '--publish-rate', rates[case.fan_out], '--warm-up', 0.5, '--seconds', arguments.seconds])
            progress.step(2 + len(measured), 6)
    figures = figures_of(measured, rates, arguments.crowd)
    print(table(figures))
    picture = run.keep('latency.svg', draw(figures))
    print(f"\n{picture}\n{run.keep_figures('latency.json', figures)}")
    return 1 if arguments.check and figures['targets_held'] < figures['targets'] else 0


def figures_of(measured, rates, crowd):
    figures = {}
    for case in CASES:
        for share in ('p50', 'p99', 'p999', 'max'):
            figures[f'{case.name}_{share}_us'] = measured[case.name][f'steady_publish_to_last_notify_{share}_us']
        figures[f'{case.name}_publish_per_s'] = round(rates[case.fan_out], 1)
        figures[f'{case.name}_changes'] = measured[case.name]['steady_fan_outs']
    figures['crowd'] = crowd
    figures['targets'] = len(CASES)
    figures['targets_held'] = sum(figures[f'{case.name}_p99_us'] <= case.p99_max_us for case in CASES)
    figures['limited_by'] = limit_words()
    figures['cpu'] = run.cpu_name()
    return figures


def limit_words():
    """A CPU that others want, too, is away for milliseconds; no engine is quicker than that."""
    load, cpus = os.getloadavg()[0], os.cpu_count()
    if cpus < 2:
        return 'one CPU for engine and generator'
    return f'the machine: {load:.1f} want its {cpus} CPUs' if load > cpus + 0.5 else 'CPU of the engine'


def table(figures):
    lines = ['PUBLISH to the last NOTIFY it causes, microseconds, at half of the greatest rate; open-loop.', '',
             f"{'':32}{'PUBLISH/s':>11}{'p50':>10}{'p99':>10}{'p99.9':>10}{'max':>11}   p99 must be"]
    for case in CASES:
        of = {key: figures[f'{case.name}_{key}'] for key in ('publish_per_s', 'p50_us', 'p99_us', 'p999_us', 'max_us')}
        held = 'held' if of['p99_us'] <= case.p99_max_us else 'missed'
        lines.append(f"{case.label:32}{of['publish_per_s']:>11,.0f}{of['p50_us']:>10,.1f}{of['p99_us']:>10,.1f}"
                     f"{of['p999_us']:>10,.1f}{of['max_us']:>11,.1f}   at most {case.p99_max_us:g} us: {held}")
    return '\n'.join(lines + ['', f"What limited it: {figures['limited_by']}."])


def draw(figures):
    dots = []
    for case in CASES:
        value = figures[f'{case.name}_p99_us'] * 1000
        dots.append(plot.Dot(case.label, f"median {figures[f'{case.name}_p50_us']:,.1f} \u00b5s", value,
                             f'p99 {value / 1000:,.1f} \u00b5s, at most {case.p99_max_us:g}', 'own',
                             case.p99_max_us * 1000))
    return plot.dots('From a PUBLISH to its last NOTIFY',
                     f"{run.cpu_name()}; half load, open-loop; beside: a crowd of {figures['crowd']:,}",
                     [plot.Group('99th percentile', dots)])
