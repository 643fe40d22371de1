#!/usr/bin/python3
# Builds and tests in stages: everything as a release, then the pure suites under ASan+UBSan, then the rings
# under TSan, then the parsers on an emulated ARM processor. Counts single GoogleTest cases and TAP lines, not
# executables. Only tools/test calls it.
import argparse
import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Compiling is most of the time here: no optimisation, and of debugging information only lines for stack traces.
SANITIZED = ['-Dbuildtype=plain', '-Doptimization=0', '-Ddebug=false',
             '-Dcpp_args=-g1 -fno-omit-frame-pointer -fno-sanitize-recover=all']
OUTPUT_LINES_MAX = 120      # Of one failed test, at the end.


@dataclasses.dataclass
class Stage:
    name: str               # Its build directory is build/NAME.
    options: list           # Of meson setup.
    suites: list            # None: all.
    slowdown: int = 1       # Multiplies the time that each test is given.


STAGES = [
    Stage('release', ['-Dbuildtype=release'], None),
    Stage('asan', SANITIZED + ['-Db_sanitize=address,undefined'], ['unit', 'rfc', 'sim', 'fuzz'], 5),
    Stage('tsan', SANITIZED + ['-Db_sanitize=thread'], ['rings'], 10),
    Stage('aarch64', ['-Dbuildtype=release', '--cross-file=tests/emulated/aarch64.ini'], ['unit', 'rfc', 'fuzz'], 5),
]


@dataclasses.dataclass
class Problem:
    stage: str
    what: str               # The test and its failed cases.
    output: str
    rerun: str


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.problems = []
        self.skips = []
        self.times = []
        self.flows = {}         # RFC → how many call flows that cite it held, in the first stage that played them.

    def add_problem(self, problem, count=1):
        self.failed += count
        self.problems.append(problem)


def run(command, quiet=False):
    """Runs a command in the root, with no standard input; its output goes where ours goes, or is returned."""
    out = subprocess.PIPE if quiet else None
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out,
                          stderr=subprocess.STDOUT if quiet else None, text=True, errors='replace')


def say(text):
    print(text, flush=True)


def configure(stage, tally):
    build = f'build/{stage.name}'
    command = ['meson', 'setup', build] + stage.options
    if os.path.exists(os.path.join(ROOT, build, 'build.ninja')):
        command.append('--reconfigure')     # Finds headers that are new since; about a second.
    done = run(command, quiet=True)
    if done.returncode:
        tally.add_problem(Problem(stage.name, 'meson setup', done.stdout, shlex.join(command)))
    return done.returncode == 0


def introspect(stage, what):
    return json.loads(subprocess.check_output(['meson', 'introspect', f'build/{stage.name}', what], cwd=ROOT))


def suites_of(test):
    return {suite.split(':')[-1] for suite in test['suite']}


def targets_of(stage, suites):
    """What the tests of these suites need, relative to the build directory; None: all suites, and all the rest."""
    needed = {target for test in introspect(stage, '--tests') if suites is None or suites_of(test) & set(suites)
              for target in test['depends']}
    files = [target['filename'][0] for target in introspect(stage, '--targets') if target['id'] in needed]
    build = os.path.join(ROOT, 'build', stage.name)
    everything = ['all', 'headers', 'benches'] if suites is None else []
    return everything + sorted(os.path.relpath(file, build) for file in files)


def build(stage, suites, tally):
    command = ['ninja', '-C', f'build/{stage.name}']
    if not sys.stdout.isatty():
        command.append('--quiet')
    targets = targets_of(stage, suites)
    if not targets:
        return True
    done = run(command + targets)
    if done.returncode:
        tally.add_problem(Problem(stage.name, 'the build (its errors stand above)', '', shlex.join(command + targets)))
    return done.returncode == 0


def cases_of(stdout):
    """Counts of a GoogleTest or TAP output: (passed, failed names, skipped names). None when it is neither."""
    if '[==========]' in stdout:
        done = re.findall(r'\[ +(OK|FAILED|SKIPPED) +\] ([\w./]+)[^\n]*? \(\d+ ms\)', stdout)
        names = {result: [name for kind, name in done if kind == result] for result in ('OK', 'FAILED', 'SKIPPED')}
        total = re.search(r'^\[  PASSED  \] (\d+) test', stdout, re.MULTILINE)
        if total is None:       # It died, in the case that it had begun last.
            begun = re.findall(r'\[ RUN      \] ([\w./]+)', stdout)
            names['FAILED'] += [name for name in begun[-1:] if name not in sum(names.values(), [])]
        passed = int(total[1]) if total else len(names['OK'])
        return passed, names['FAILED'], names['SKIPPED']
    if re.search(r'^1\.\.\d+', stdout, re.MULTILINE):
        lines = re.findall(r'^(not ok|ok)\b *\d* *-? *(.*)$', stdout, re.MULTILINE)
        skipped = [name for _, name in lines if re.search(r'# *skip', name, re.IGNORECASE)]
        failed = [name for result, name in lines if result == 'not ok' and name not in skipped]
        return len(lines) - len(failed) - len(skipped), failed, skipped
    return None


def rerun_of(stage, entry, failed):
    command = [part for part in entry['command'] if not part.startswith('--gtest_output')]
    if len(command) < len(entry['command']):
        command = [os.path.relpath(command[0], ROOT)] + command[1:]
        if failed:
            command.append('--gtest_filter=' + ':'.join(failed))
        return shlex.join(command)
    name = entry['name'].split(' / ')[-1].split(':')[-1].strip()
    return f'meson test -C build/{stage.name} --verbose {shlex.quote(name)}'


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else 'it does not say why'


def count(stage, entry, tally):
    """One line of meson's testlog.json: a test executable's result."""
    stdout, stderr = entry.get('stdout') or '', entry.get('stderr') or ''
    cases = cases_of(stdout)
    if entry['result'] == 'SKIP' and cases is None:
        tally.skipped += 1
        tally.skips.append(f"{stage.name}: {entry['name']}: {last_line(stdout + stderr)}")
        return
    for rfc, flows in re.findall(r'^call flows of RFC (\d+): (\d+)$', stdout, re.MULTILINE):
        tally.flows.setdefault(rfc, int(flows))
    passed, failed, skipped = cases or (0, [], [])
    good = entry['result'] in ('OK', 'SKIP', 'EXPECTEDFAIL')
    tally.passed += passed if cases else (1 if good else 0)
    tally.skipped += len(skipped)
    tally.skips += [f"{stage.name}: {entry['name']}: {name}" for name in skipped]
    if not good or failed:
        what = f"{entry['name']}: {', '.join(failed[:8]) or entry['result'].lower()}"
        tally.add_problem(Problem(stage.name, what, stdout + stderr, rerun_of(stage, entry, failed)),
                          max(1, len(failed)))


def wrapper_of(stage):
    """GCC 12's TSan does not start where the kernel randomises more than 28 bits of addresses."""
    try:
        with open('/proc/sys/vm/mmap_rnd_bits') as file:
            if stage.name == 'tsan' and int(file.read()) > 28 and shutil.which('setarch'):
                return ['--wrapper', 'setarch -R']
    except OSError:
        pass
    return []


def test(stage, suites, tally):
    logs = os.path.join(ROOT, 'build', stage.name, 'meson-logs')
    for name in os.listdir(logs):
        if name.startswith('testlog'):
            os.unlink(os.path.join(logs, name))
    command = ['meson', 'test', '-C', f'build/{stage.name}', '--no-rebuild',
               '--timeout-multiplier', str(stage.slowdown)] + wrapper_of(stage)
    for suite in suites or []:
        command += ['--suite', suite]
    done = run(command)
    found = [name for name in os.listdir(logs) if name.startswith('testlog') and name.endswith('.json')]
    if not found:
        if done.returncode:
            tally.add_problem(Problem(stage.name, 'meson test', '', shlex.join(command)))
        return
    before = tally.failed
    with open(os.path.join(logs, found[0]), errors='replace') as file:
        for line in file:
            count(stage, json.loads(line), tally)
    if done.returncode and tally.failed == before:
        tally.add_problem(Problem(stage.name, 'meson test says so, none of its tests does', '', shlex.join(command)))


def run_stage(stage, only, tally):
    suites = stage.suites
    if only:
        if suites is not None and only not in suites:
            return
        suites = [only]
    steps = [('configured', lambda: configure(stage, tally)),
             ('built', lambda: build(stage, suites, tally)),
             ('tested', lambda: test(stage, suites, tally))]
    for name, step in steps:
        started = time.monotonic()
        good = step()
        seconds = time.monotonic() - started
        tally.times.append(f'{stage.name} {name} in {seconds:.0f} s')
        say(f'== {tally.times[-1]}')
        if good is False:
            break


def give_back(path):
    """Under sudo: the build directory belongs to who called, so that the next run needs no root."""
    if os.getuid() == 0 and os.environ.get('SUDO_UID') and os.path.isdir(path):
        owner = f"{os.environ['SUDO_UID']}:{os.environ.get('SUDO_GID', '')}"
        subprocess.run(['chown', '-R', '-h', owner, path], check=False)


def report(tally):
    for problem in tally.problems:
        lines = problem.output.rstrip().splitlines()
        say(f'\n-- failed ({problem.stage}): {problem.what}')
        if len(lines) > OUTPUT_LINES_MAX:
            say(f'   ... {len(lines) - OUTPUT_LINES_MAX} lines before these')
        for line in lines[-OUTPUT_LINES_MAX:]:
            say(f'   {line}')
        say(f'   again: {problem.rerun}')
    if tally.skips:
        say('\n-- skipped')
        for line in tally.skips:
            say(f'   {line}')
        if os.getuid() != 0:
            say('   Not run as root: what needs network namespaces is skipped. All of it: sudo tools/test')
    if tally.flows:
        counts = sorted(tally.flows.items(), key=lambda item: (-item[1], int(item[0])))
        say('\ncall flows that hold (tests/rfc/flows): ' + ', '.join(f'RFC {rfc}: {flows}' for rfc, flows in counts))
    say('\n' + '; '.join(tally.times))
    say(f'{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped')


def main():
    parser = argparse.ArgumentParser(prog='tools/test', description='Builds and runs every test of Vedette.',
                                     epilog='Suites: unit rfc sim loop e2e tidy headers rings fuzz linearity bench.')
    parser.add_argument('--quick', action='store_true', help='the release build only: no sanitizers, no emulation')
    parser.add_argument('--suite', metavar='NAME', help='only the tests of this suite')
    parser.add_argument('--no-install', action='store_true', help='do not run tools/setup first')
    arguments = parser.parse_args()
    tally = Tally()
    try:
        for stage in STAGES[:1] if arguments.quick else STAGES:
            run_stage(stage, arguments.suite, tally)
    finally:
        give_back(os.path.join(ROOT, 'build'))
    if tally.passed + tally.failed + tally.skipped == 0:
        tally.add_problem(Problem('all', 'no test ran', '', 'tools/test --help'))
    report(tally)
    return 1 if tally.failed else 0


if __name__ == '__main__':
    sys.exit(main())
