# Laws about plain text: unfinished things, white space, what would not hold on another machine.
import re

from laws.tree import CPP, TEXT, law, line_of

# Split, so that this file keeps its own law.
UNFINISHED = re.compile(r'\b(?:TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b')
ELSEWHERE = re.compile(r'(?<![\w.])/(?:work|home|root)/')


def own_text(tree):
    """Files that people write here: not recorded messages and other data."""
    for path, text in tree.files.items():
        if path != 'LICENSE' and '/data/' not in path and '/corpus/' not in path and (
                path.endswith(TEXT) or text.startswith('#!') or path.startswith('.')):
            yield path, text


@law('nothing-unfinished', 'what is not done is an issue, not a comment',
     breaks=[{'engine/a.cc': '// TO' 'DO: later\n'}, {'tools/a': '#!/bin/sh\n# FIX' 'ME\n'}],
     keeps=[{'engine/a.cc': '// Todos os dias. TODOS.\n'}])
def nothing_unfinished(tree):
    for path, text in own_text(tree):
        for match in UNFINISHED.finditer(text):
            yield path, line_of(text, match.start()), f'{match[0]}: do it, or file an issue'


@law('white-space', 'a change shows what changed and nothing else',
     breaks=[{'engine/a.cc': 'int a; \n'}, {'engine/a.cc': '\tint a;\n'}, {'engine/a.cc': 'int a;'},
             {'engine/a.cc': 'int a;\r\n'}, {'engine/a.cc': 'int a;\n\n'}],
     keeps=[{'engine/a.cc': 'int a;\n'}, {'engine/a.cc': ''}])
def white_space(tree):
    for path, text in own_text(tree):
        for match in re.finditer(r'[ \t\r]+$', text, re.MULTILINE):
            yield path, line_of(text, match.start()), 'white space at the end of the line'
        for match in re.finditer(r'^ *\t', text, re.MULTILINE):
            yield path, line_of(text, match.start()), 'a tab'
        if text and (not text.endswith('\n') or text.endswith('\n\n')):
            yield path, text.count('\n') + 1, 'end with one line end'


@law('no-machine-paths', 'the repository works in any directory of any machine',
     breaks=[{'tests/a.cc': 'open("/ho' 'me/me/data");\n'}, {'README.md': 'cd /wo' 'rk/vedette\n'}],
     keeps=[{'tests/a.cc': 'open("../shared/data/work/x"); // /homework/\n'}])
def no_machine_paths(tree):
    for path, text in own_text(tree):
        for match in ELSEWHERE.finditer(text):
            yield path, line_of(text, match.start()), f'{match[0]}: a path of one machine; name it from the root'


@law('plain-characters', 'source is ASCII but for its comments and strings: no look-alikes',
     breaks=[{'engine/a.cc': 'int \u0430 = 3;\n'}],
     keeps=[{'engine/a.cc': '// RFC 3261 \u00a78.1\nauto s = "\u00e9";\n'}])
def plain_characters(tree):
    for path in tree.cpp():
        if tree.files[path].isascii():
            continue
        code = tree.code(path)
        for match in re.finditer(r'[^\x00-\x7f]+', code):
            yield path, line_of(code, match.start()), f'{match[0]!r} outside a comment or string'
