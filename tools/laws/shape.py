# Laws about size and form: the length of files, functions and lines, what types are called, and the
# comment that a file begins with.
import re

from laws.exceptions import FILE_LENGTH, FUNCTION_LENGTH
from laws.tree import law, line_of, search

FILE_LINES_MAX = 500            # More needs a reason in exceptions.py.
FILE_LINES_NEVER = 800
LINE_COLUMNS_MAX = 120
FUNCTION_LINES_MAX = 70         # A screen.
TOP_COMMENT = ((200, 1), (400, 2))      # Files up to so many lines: comment lines wanted. Longer ones: 3.


@law('file-length', 'a file is one idea',
     breaks=[{'engine/a.cc': 'x\n' * 501}, {'tests/long_with_reason.cc': 'x\n' * 801}],
     keeps=[{'engine/a.cc': 'x\n' * 500, 'tests/data/a.txt': 'x\n' * 5000}])
def file_length(tree):
    for path in tree.cpp() + tree.scripts():
        lines = tree.files[path].count('\n')
        if lines > FILE_LINES_NEVER:
            yield path, FILE_LINES_NEVER, f'{lines} lines: split it; no file has more than {FILE_LINES_NEVER}'
        elif lines > FILE_LINES_MAX and path not in FILE_LENGTH:
            yield path, FILE_LINES_MAX, f'{lines} lines: split it, or give a reason in tools/laws/exceptions.py'


def functions(code):
    """(name, first line, last line) of each function body in C++ code without comments; approximate."""
    found, scopes = [], []      # A scope: (kind, name, line); kind: 'outer' (namespace, type), 'function', 'inner'.
    head_start = 0
    for match in re.finditer(r'[{};]|^[ \t]*#[^\n]*(?:\\\n[^\n]*)*', code, re.MULTILINE):
        token = match[0]
        head = code[head_start:match.start()]
        inside = scopes and scopes[-1][0] != 'outer'
        if token == '{':
            stripped = head.strip()
            if inside:
                scopes.append(('inner', '', 0))
            elif re.match(r'(?:inline\s+)?(?:namespace|extern)\b', stripped) or (
                    re.search(r'\b(?:class|struct|union|enum)\b', stripped) and
                    not re.search(r'\)\s*\S*\s*$', stripped)):
                scopes.append(('outer', '', 0))
            elif '(' in stripped and not stripped.endswith(('=', ',', '(')):
                name = re.search(r'([\w:~]+|operator[^\s(]+)\s*\(', stripped)
                first = line_of(code, head_start + len(head) - len(head.lstrip()))
                scopes.append(('function', name[1] if name else '?', first))
            elif not stripped and found:        # The body after a constructor's last member initialiser: a_{x} {
                name, first, _ = found[-1]
                scopes.append(('function', name, first))
            else:
                scopes.append(('inner', '', 0))
        elif token == '}' and scopes:
            kind, name, first = scopes.pop()
            if kind == 'function':
                found.append((name, first, line_of(code, match.start())))
        head_start = match.end()
    return found


LONG_BODY = 'int f() {\n' + '  g();\n' * 69 + '}\n'


@law('function-length', 'a function fits on a screen',
     breaks=[{'engine/a.cc': 'namespace a {\nclass B {\n  ' + LONG_BODY + '};\n}\n'},
             {'engine/a.cc': 'A::A(int x) : x_{x}, y_{3} {\n' + '  g();\n' * 70 + '}\n'},
             {'tests/a.cc': 'TEST(A, B) {\n' + '  g({1, 2});\n' * 70 + '}\n'}],
     keeps=[{'engine/a.cc': 'namespace {\nconst char* k[] = {\n' + '"{",\n' * 100 + '};\n}\n' +
             'int f() {\n' + '  if (x) { y(); }\n' * 60 + '}\n' * 1 + 'enum class E {\n' + 'kA,\n' * 90 + '};\n'},
            {'engine/a.h': 'struct A {\n' + '  int f() { return 3; }\n' * 100 + '};\n'}])
def function_length(tree):
    for path in tree.cpp():
        for name, first, last in functions(tree.code(path)):
            lines = last - first + 1
            if lines > FUNCTION_LINES_MAX and (path, name) not in FUNCTION_LENGTH:
                yield path, first, f'{name} has {lines} lines: split it at a thought'


@law('line-length', 'two files fit beside each other',
     breaks=[{'engine/a.cc': 'x' * 121 + '\n'}, {'tools/a.py': 'x' * 121 + '\n'}],
     keeps=[{'engine/a.cc': 'x' * 110 + '\n' + 'R"(' + '\n'}, {'tests/data/a.txt': 'x' * 300 + '\n'}])
def line_length(tree):
    for path in tree.cpp() + tree.scripts():
        for number, line in enumerate(tree.files[path].split('\n'), 1):
            if len(line) > LINE_COLUMNS_MAX:
                yield path, number, f'{len(line)} columns; {LINE_COLUMNS_MAX} is the limit'


NAMES = r'(?:Manager|Helpers?|Utils?|Impl|Data|Info)'


@law('type-names', "names are the RFCs' own and say what a thing is",
     breaks=[{'engine/a.h': 'class ShardManager {\n'}, {'engine/a.h': 'struct WatcherData {\n'},
             {'engine/uri_utils.h': ''}, {'engine/a.h': 'using FooImpl = int;\n'}],
     keeps=[{'engine/a.h': 'struct Database; struct DataplaneConfig {};\n'}])
def type_names(tree):
    for path in tree.cpp():
        yield from search(tree, path, r'\b(?:class|struct|union|enum class|enum|using)\s+\w*' + NAMES + r'\b(?!\s*\()',
                          '`{}`: a name that says nothing; what is it?')
        if re.search(r'(?:^|[/_])(?:manager|helpers?|utils?|impl|common|misc)\.', path):
            yield path, 1, 'a file name that says nothing; what lives here?'


def top_comment_lines(text):
    lines = text.split('\n')
    if lines and lines[0].startswith('#!'):
        lines = lines[1:]
    count = 0
    for line in lines:
        if not line.startswith(('//', '#')) or line.startswith(('#include', '#pragma')):
            break
        count += bool(line.strip('/# '))
    return count


@law('top-comment', 'a newcomer learns from the first lines what lives here, what does not, and which thread runs it',
     breaks=[{'engine/a.h': '#pragma once\n'}, {'engine/a.h': '// A.\n#pragma once\n' + 'int a;\n' * 250},
             {'engine/a.h': '// A.\n// B.\n#pragma once\n' + 'int a;\n' * 450},
             {'engine/lone.cc': '#include <array>\n'}, {'tools/x.py': '#!/usr/bin/python3\nimport os\n'}],
     keeps=[{'engine/a.h': '// A.\n// B.\n#pragma once\n'},
            {'engine/b.h': '// A.\n// B.\n', 'engine/b.cc': '#include "engine/b.h"\n'},
            {'tools/x.py': '#!/usr/bin/python3\n# A\n# B\nimport os\n'}])
def top_comment(tree):
    for path in tree.cpp() + tree.scripts():
        if path.endswith('.cc') and path[:-3] + '.h' in tree.files:
            continue                    # Its header says it.
        text = tree.files[path]
        wanted = next((lines for length, lines in TOP_COMMENT if text.count('\n') <= length), 3)
        have = top_comment_lines(text)
        if have < min(wanted, 3 if path.endswith('.h') else 2):
            yield path, 1, f'begin with {wanted} comment lines or more that say what lives here ({have} there)'
