# What every bench needs: a release build of its target, processes whose failure is told, progress, a place for results.
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, 'build', 'release')
# A test says where the programs are that it has built, and where to put what counts for nothing.
BUILT = os.environ.get('VEDETTE_BUILD')
RESULTS = os.environ.get('VEDETTE_BENCH_RESULTS', os.path.join(ROOT, 'build', 'bench'))


class Failed(Exception):
    """The bench cannot go on; the text says why."""


class Missing(Failed):
    """Something that it needs is not there."""


def command(arguments):
    """Runs a command in the root; its standard output, or Failed with all that it said."""
    done = subprocess.run(arguments, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors='replace')
    if done.returncode:
        raise Failed(f"{' '.join(arguments)} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}".rstrip())
    return done.stdout


def build(target):
    """Builds one target as a release, unless there is a build already; the path of the program."""
    if BUILT:
        return os.path.join(BUILT, target)
    with Progress(f'building {target}'):
        if not os.path.exists(os.path.join(BUILD, 'build.ninja')):
            command(['meson', 'setup', BUILD, '-Dbuildtype=release'])
        command(['ninja', '-C', BUILD, target])
    return os.path.join(BUILD, target)


class Progress:
    """One line on standard error that grows; on a terminal it is overwritten, and gone at the end."""

    def __init__(self, what):
        self.what = what
        self.started = time.monotonic()
        self.live = sys.stderr.isatty()

    def __enter__(self):
        self.show('')
        return self

    def __exit__(self, kind, problem, trace):
        seconds = time.monotonic() - self.started
        if self.live:
            sys.stderr.write('\r\x1b[K')
        elif kind is None and seconds > 2:
            sys.stderr.write(f'{self.what}: {seconds:.0f} s\n')
        sys.stderr.flush()

    def step(self, done, of):
        left = (time.monotonic() - self.started) / done * (of - done)
        self.show(f', {done} of {of}, {left:.0f} s left' if done < of else ', done')

    def show(self, text):
        if self.live:
            sys.stderr.write(f'\r\x1b[K{self.what}{text}')
        elif not text:
            sys.stderr.write(f'{self.what} ...\n')
        sys.stderr.flush()


def cpu_name():
    try:
        with open('/proc/cpuinfo') as file:
            for line in file:
                if line.startswith('model name'):
                    return line.split(':', 1)[1].strip()
    except OSError:
        pass
    return 'this machine'


def keep(name, text):
    """Writes build/bench/NAME; its path as people would type it."""
    os.makedirs(RESULTS, exist_ok=True)
    path = os.path.join(RESULTS, name)
    with open(path, 'w') as file:
        file.write(text)
    return os.path.relpath(path, ROOT)


def keep_figures(name, figures):
    return keep(name, json.dumps(figures, indent=2) + '\n')
