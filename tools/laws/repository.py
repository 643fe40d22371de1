# Laws about the repository as a whole: what lies at the top, that the README tells the truth about tools
# and packages, that scripts run, and that no exception outlives its reason.
import os
import re

from laws.exceptions import FILE_LENGTH, FUNCTION_LENGTH
from laws.shape import FILE_LINES_MAX, FUNCTION_LINES_MAX, functions
from laws.tree import law

TOP = {'meson.build', 'README.md', 'LICENSE', 'engine', 'parsers', 'dataplane', 'tools', 'bench', 'tests'}


@law('top-level', 'the first look at the repository shows its parts and nothing else',
     breaks=[{'notes.md': ''}, {'src/a.cc': ''}],
     keeps=[{'README.md': '', '.ci/run': '', 'engine/a.cc': '', 'meson.build': ''}])
def top_level(tree):
    for path in tree.files:
        top = path.split('/')[0]
        if top not in TOP and not top.startswith('.'):
            yield path, 1, f'{top} is not of the top level; it belongs below one of its folders'


@law('tools-exist', 'the README names only what is there and runs',
     breaks=[{'README.md': 'Run `sudo tools/nothing`.\n'}],
     keeps=[{'README.md': 'The folder tools/ has more.\n'}])
def tools_exist(tree):
    text = tree.files.get('README.md', '')
    for number, line in enumerate(text.split('\n'), 1):
        for match in re.finditer(r'(?<![\w/.-])\.?/?(tools/[a-z][\w-]*)(?![\w/.-])', line):
            name = match[1]
            if any(path.startswith(name + '/') for path in tree.files):
                continue
            if name not in tree.executables and name + '.cc' not in tree.files:
                yield 'README.md', number, f'{name} is not an executable file'


def setup_packages(tree):
    table = re.search(r"<<'TABLE'\n(.*?)\nTABLE\n", tree.files.get('tools/setup', ''), re.DOTALL)
    return [line.split()[0] for line in table[1].split('\n')] if table else []


def readme_packages(tree):
    """The block in the README below the line that speaks of tools/setup's packages."""
    block = re.search(r'<!-- packages -->\n+```\n(.*?)```', tree.files.get('README.md', ''), re.DOTALL)
    return block[1].split() if block else None


SETUP = "cat <<'TABLE'\nmeson   the build\ng++  the compiler\nTABLE\n"


@law('dependencies-agree', 'one list of packages: tools/setup has it, the README repeats it',
     breaks=[{'tools/setup': SETUP, 'README.md': '<!-- packages -->\n```\nmeson\n```\n'},
             {'tools/setup': SETUP, 'README.md': '<!-- packages -->\n```\nmeson g++ zlib\n```\n'}],
     keeps=[{'tools/setup': SETUP, 'README.md': '<!-- packages -->\n```\nmeson g++\n```\n'}])
def dependencies_agree(tree):
    listed, readme = setup_packages(tree), readme_packages(tree)
    if readme is None:
        if listed and 'README.md' in tree.files:
            yield 'README.md', 1, 'no list of packages (a block after <!-- packages -->)'
        return
    for name in sorted(set(listed) ^ set(readme)):
        where = 'tools/setup' if name in listed else 'README.md'
        yield where, 1, f'only {where} names the package {name}'


@law('exceptions-needed', 'an exception that is no longer needed is a rule that nobody keeps',
     breaks=[{'tools/laws/exceptions.py': '', 'long_gone': ''}],
     keeps=[{'engine/a.cc': ''}])
def exceptions_needed(tree):
    if 'tools/laws/exceptions.py' not in tree.files:
        return
    files, bodies = (FILE_LENGTH, FUNCTION_LENGTH) if 'long_gone' not in tree.files else ({'gone.cc': ''}, {})
    for path in files:
        if path not in tree.files or tree.files[path].count('\n') <= FILE_LINES_MAX:
            yield 'tools/laws/exceptions.py', 1, f'{path} needs no exception any more'
    for path, name in bodies:
        lengths = [last - first + 1 for found, first, last in functions(tree.code(path)) if found == name] \
            if path in tree.files else []
        if not any(length > FUNCTION_LINES_MAX for length in lengths):
            yield 'tools/laws/exceptions.py', 1, f'{name} of {path} needs no exception any more'


@law('scripts-run', 'a script names the interpreter that Debian has, and can be called',
     breaks=[{'tools/x': '#!/usr/bin/env python3\n'}, {'tools/y': '#!/usr/bin/python3\n'}],
     keeps=[{'tools/y.txt': 'x'}])
def scripts_run(tree):
    for path, text in tree.files.items():
        if not text.startswith('#!'):
            continue
        if re.match(r'#!.*env python', text):
            yield path, 1, 'write #!/usr/bin/python3: another python on the PATH may lack what Debian packages'
        if path not in tree.executables and os.path.basename(path) != 'conftest.py':
            yield path, 1, 'chmod +x'
