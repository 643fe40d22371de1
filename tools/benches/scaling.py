# tools/bench scaling: what a NOTIFY costs a worker when there is another one beside it, and what it costs to hand a
# message to the worker that owns it; from both, what more cores would do.
from benches import plot, run, storm

CORES = (1, 2, 4, 16, 64)
# By processor time of the workers: it is the same whether they have a core each or take turns.
FLOOD = ['--users', 1000, '--contacts', 10, '--presentities', 100, '--flood', '--no-register', '--in-flight', 16,
         '--warm-up', 0.3]
CASES = [('one', 'one worker', ['--workers', 1]), ('two', 'two workers, each its own queue', ['--workers', 2]),
         ('two_spread', 'two workers, spread by address', ['--workers', 2, '--spread'])]


def add_command(commands):
    parser = commands.add_parser('scaling', help='a NOTIFY at one and two workers, a hand-off, and what follows',
                                 description='Processor time of the workers for each NOTIFY sent and acknowledged.')
    parser.add_argument('--seconds', type=float, default=3, metavar='S', help='of each run (default: 3)')
    parser.add_argument('--rounds', type=int, default=3, metavar='N',
                        help='runs of each, the cheapest counts (default: 3)')
    parser.set_defaults(run=main)


def cost_ns(figures):
    return figures['steady_server_cpu_s'] / figures['steady_notifies_answered'] * 1e9


def main(arguments):
    if arguments.seconds <= 0 or arguments.rounds < 1:
        raise run.Failed('--seconds and --rounds must be above 0')
    program = storm.build()
    measured = {}
    with run.Progress(f'measuring: {len(CASES) * arguments.rounds} runs') as progress:
        done = 0
        for name, _, more in CASES:
            runs = []
            for _ in range(arguments.rounds):
                runs.append(storm.storm(program, FLOOD + ['--seconds', arguments.seconds] + more))
                done += 1
                progress.step(done, len(CASES) * arguments.rounds)
            measured[name] = min(runs, key=cost_ns)
    figures = figures_of(measured)
    print(table(figures))
    picture = run.keep('scaling.svg', draw(figures))
    print(f"\n{picture}\n{run.keep_figures('scaling.json', figures)}")
    return 0


def figures_of(measured):
    """Two model constants: a NOTIFY on its own worker, and a message that crosses once (given, taken, cold)."""
    figures = {f'{name}_ns_per_notify': round(cost_ns(measured[name]), 1) for name, _, _ in CASES}
    spread = measured['two_spread']
    # All phases hand messages off alike: a share of what comes in.
    crossing = spread['dataplane_handed_off'] / max(spread['dataplane_rx_to_shard'], 1)
    messages = 1 + spread['steady_publish_accepted'] / spread['steady_notifies_answered']   # In, a NOTIFY: its 200.
    figures['handed_off_share'] = round(crossing, 3)
    more = figures['two_spread_ns_per_notify'] - figures['two_ns_per_notify']
    figures['handoff_ns'] = round(max(more, 0) / (crossing * messages), 1) if crossing > 0 else 0
    for cores in CORES:
        figures[f'model_{cores}_cores_owned_per_s'] = round(rate_of(figures, cores, 0), 1)
        figures[f'model_{cores}_cores_spread_per_s'] = round(rate_of(figures, cores, (cores - 1) / cores), 1)
    figures['ratio_two_to_one'] = round(figures['two_ns_per_notify'] / figures['one_ns_per_notify'], 3)
    figures['limited_by'] = 'CPU of the engine'
    figures['cpu'] = run.cpu_name()
    return figures


def rate_of(figures, cores, crossing):
    """NOTIFYs a second: nothing is shared, so cores add up; what crosses costs its hand-off."""
    own = figures['one_ns_per_notify' if cores == 1 else 'two_ns_per_notify']
    return cores * 1e9 / (own + crossing * figures['handoff_ns'])


def table(figures):
    lines = ['Processor time of the workers for a NOTIFY sent and acknowledged, fan-out 100.', '']
    for name, label, _ in CASES:
        lines.append(f"{label:36}{figures[f'{name}_ns_per_notify']:>10,.0f} ns")
    lines += [f"{'two workers to one':36}{figures['ratio_two_to_one']:>10.2f}    (1: nothing is shared)",
              f"{'share that was handed off, spread':36}{figures['handed_off_share']:>10.2f}",
              f"{'a hand-off':36}{figures['handoff_ns']:>10,.0f} ns", '',
              f"{'model: NOTIFYs a second':28}" + ''.join(f'{cores:>12} cores' for cores in CORES)]
    for key, label in (('owned', 'queues by owner (flow rules)'), ('spread', 'spread by address (RSS)')):
        lines.append(f'{label:28}' + ''.join(f"{figures[f'model_{cores}_cores_{key}_per_s']:>18,.0f}"
                                             for cores in CORES))
    return '\n'.join(lines)


def draw(figures):
    dots = [plot.Dot(label, '', figures[f'{name}_ns_per_notify'], f"{figures[f'{name}_ns_per_notify']:,.0f} ns", 'own')
            for name, label, _ in CASES]
    if figures['handoff_ns'] > 0:
        dots.append(plot.Dot('a hand-off', 'to the worker that owns it', figures['handoff_ns'],
                             f"{figures['handoff_ns']:,.0f} ns", 'bound'))
    return plot.dots('What a NOTIFY costs beside another worker', f'{run.cpu_name()}; processor time of the workers',
                     [plot.Group('Sent and acknowledged, fan-out 100', dots)])
