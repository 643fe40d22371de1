# Runs of tools/sipstorm for the benches: the engine in the generator's process, through its own poll loop, worker and
# shard. What a run did not hold is a failure, not a figure.
import glob
import json
import os
import subprocess

from benches import run

HELD, BROKEN = 0, 1             # sipstorm's exit status.
HUGE_KB = 600 << 11             # More than one worker and the generator's rings need.


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


def pages():
    """What the buffers lie in, in words. The engine takes huge pages when there are enough."""
    free = 0
    for path in glob.glob('/sys/kernel/mm/hugepages/hugepages-*kB/free_hugepages'):
        with open(path) as file:
            free += int(file.read()) * int(path.split('-')[1].split('kB')[0])
    if free >= HUGE_KB:
        return 'Packet buffers lie in huge pages.'
    return (f'Packet buffers lie in pages of 4 kB: with huge pages (sysctl -w vm.nr_hugepages={HUGE_KB // 2048}) it is '
            '6 to 20 % faster.')


def worked_seconds(figures, phase, who):
    """Processor time of the 'server' or the 'generator', without what it spent on looking whether there was work."""
    return min(figures[f'{phase}_{who}_cpu_s'], figures.get(f'{phase}_{who}_busy_s', float('inf')))


def limited_by(figures, phase='steady'):
    """What a run could not have gone faster for: in words. Both poll: who had work all the time is it, not who used all
    of a CPU."""
    server, generator = (worked_seconds(figures, phase, who) / figures[f'{phase}_seconds']
                         for who in ('server', 'generator'))
    if figures.get('dataplane_tx_queue_full') or figures.get('dataplane_no_buffer'):
        return 'the port: frames were dropped'
    if max(server, generator) < 0.85 and os.cpu_count() > 1:
        return f'the machine: {server:.0%} of a CPU for the engine, {generator:.0%} for the generator'
    if generator > server:
        return f'the generator ({generator:.0%}, the engine {server:.0%})'
    return f'CPU of the engine ({server:.0%}, the generator {generator:.0%})'
