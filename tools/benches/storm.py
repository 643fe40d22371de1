# Runs of tools/sipstorm for the benches: the engine in the generator's process, through its own poll loop, worker and
# shard. What a run did not hold is a failure, not a figure.
import json
import os
import subprocess

from benches import run

HELD, BROKEN = 0, 1             # sipstorm's exit status.


def build():
    return run.build('tools/sipstorm')


def storm(program, arguments, broken=None):
    """The figures of one run; `program` may be a list, with words before it. What did not hold is added to `broken`, or
    fails when that is None."""
    # That the machine gave a CPU to others for half a second is no loss; it shows in the figures.
    command = [program] if isinstance(program, str) else list(program)
    command += ['--quiet', '--late-share', '1', '--json', '-'] + [str(argument) for argument in arguments]
    done = subprocess.run(command, cwd=run.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode not in (HELD, BROKEN) or (done.returncode == BROKEN and broken is None):
        raise run.Failed(f"sipstorm {' '.join(map(str, arguments))} failed:\n{done.stderr[-4000:]}".rstrip())
    if done.returncode == BROKEN:
        broken.extend(line.removeprefix('did not hold: ') for line in done.stderr.splitlines())
    return json.loads(done.stdout)


def best(program, arguments, rounds, key, progress=None):
    """Of several runs the figures of the one with the most of `key`: noise only takes away."""
    runs = []
    for _ in range(rounds):
        runs.append(storm(program, arguments))
        if progress:
            progress()
    return max(runs, key=lambda figures: figures[key])


def limited_by(figures, phase='steady'):
    """What a run could not have gone faster for: in words."""
    server = figures[f'{phase}_server_cpu_s'] / figures[f'{phase}_seconds']
    generator = figures[f'{phase}_generator_cpu_s'] / figures[f'{phase}_seconds']
    if figures.get('dataplane_tx_queue_full') or figures.get('dataplane_no_buffer'):
        return 'the port: frames were dropped'
    if server + generator < 1.6 and os.cpu_count() > 1 and max(server, generator) < 0.9:
        return f'the machine: {server:.0%} of a CPU for the engine, {generator:.0%} for the generator'
    if generator > server:
        return 'the generator'
    return 'CPU of the engine'
