# tools/bench memory: bytes of a live subscription at mix C, everything counted, as the system sees it; made by real
# SUBSCRIBEs, 25 of each user, who also registered and published.
import os

from benches import plot, run, storm

BYTES_MAX = 160                  # Of a live subscription, all included.


def add_command(commands):
    parser = commands.add_parser('memory', help='bytes of a live subscription, as the system sees them',
                                 description='Mix C, by real SUBSCRIBEs: resident memory with the engine, less that '
                                             'without.')
    parser.add_argument('--users', type=int, default=40_000, metavar='N',
                        help='each with 25 subscriptions; a tenth of them are measured, too (default: %(default)s)')
    parser.add_argument('--check', action='store_true', help='fail when a target is missed')
    parser.set_defaults(run=main)


def main(arguments):
    if arguments.users < 1000:
        raise run.Failed('--users must be at least 1000')
    program = storm.build()
    with run.Progress(f'{arguments.users} users arrive, and a tenth of them'):
        few = measure(program, arguments.users // 10)
        many = measure(program, arguments.users)
    figures = figures_of(few, many)
    print(table(few, many, figures))
    picture = run.keep('memory.svg', draw(figures))
    print(f"\n{picture}\n{run.keep_figures('memory.json', figures)}")
    return 1 if arguments.check and figures['bytes_per_subscription'] > BYTES_MAX else 0


def measure(program, users):
    return storm.storm(program, ['--mix', 'C', '--users', users, '--seconds', 0.5])


def figures_of(few, many):
    """The difference of two sizes leaves out what does not grow: buffers, rings, the program."""
    grown = many['subscriptions'] - few['subscriptions']
    return {
        'subscriptions': many['subscriptions'],
        'bytes_per_subscription': round(many['engine_rss_bytes'] / many['subscriptions'], 1),
        'bytes_per_subscription_more': round((many['engine_rss_bytes'] - few['engine_rss_bytes']) / grown, 1),
        'rss_bytes': many['engine_rss_bytes'],
        'rss_bytes_at_a_tenth': few['engine_rss_bytes'],
        'reserved_bytes': many['engine_reserved_bytes'],
        'record_bytes': many['engine_record_bytes'],
        'generator_bytes': many['generator_bytes'],
        'limited_by': 'memory',
        'cpu': run.cpu_name(),
    }


def table(few, many, figures):
    mebibyte = 1 << 20
    machine = os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE')
    lines = ['Mix C: each user registered, published, and watches 25 others; all subscriptions were told their state.',
             '',
             f"{'':44}{few['subscriptions']:>14,}{many['subscriptions']:>14,} subscriptions"]
    for label, key in (('resident, of the engine, MiB', 'engine_rss_bytes'),
                       ('records, as reserved, MiB', 'engine_record_bytes'),
                       ('all that was reserved at start, MiB', 'engine_reserved_bytes'),
                       ("the generator's own, MiB", 'generator_bytes')):
        lines.append(f'{label:44}{few[key] / mebibyte:>14,.1f}{many[key] / mebibyte:>14,.1f}')
    lines += [f"{'bytes a subscription, all in all':44}{few['engine_rss_bytes'] / few['subscriptions']:>14.0f}"
              f"{figures['bytes_per_subscription']:>14.0f} at most {BYTES_MAX}: "
              f"{'held' if figures['bytes_per_subscription'] <= BYTES_MAX else 'missed'}",
              f"{'bytes of each one more':44}{'':14}{figures['bytes_per_subscription_more']:>14.0f}", '',
              f"The {machine / (1 << 30):.0f} GiB of this machine are room for "
              f"{machine / figures['bytes_per_subscription_more'] / 1e6:.0f} M."]
    return '\n'.join(lines)


def draw(figures):
    rows = [('subscription, all in all', 'with its share of users, documents and buffers', 'bytes_per_subscription'),
            ('each one more', 'without what does not grow', 'bytes_per_subscription_more')]
    dots = [plot.Dot(label, remark, figures[key], f'{figures[key]:.0f} B, at most {BYTES_MAX}', 'own', BYTES_MAX)
            for label, remark, key in rows]
    return plot.dots('What a live subscription takes', f"mix C, {figures['subscriptions']:,} subscriptions",
                     [plot.Group('Resident bytes', dots)], unit_text=lambda value: f'{value:g} B')
