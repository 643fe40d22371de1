# What the laws look at: the repository's files as text, the same as code (comments and strings blanked), and
# the register of laws. A law is a function from a Tree to findings; it brings the examples that test it.
import dataclasses
import os
import re
import subprocess

CPP = ('.h', '.cc')
TEXT = CPP + ('.py', '.sh', '.md', '.toml', '.build', '.txt', '.xml', '.yml', '.json')
LAWS = []


@dataclasses.dataclass(order=True, frozen=True)
class Finding:
    path: str
    line: int
    law: str
    advice: str

    def __str__(self):
        return f'{self.path}:{self.line}: {self.law}: {self.advice}'


@dataclasses.dataclass
class Law:
    name: str
    reason: str
    find: callable          # Tree → (path, line, advice) of each breach.
    breaks: list            # Small trees {path: text} that break it, one breach or more each.
    keeps: list             # Small trees that keep it.


def law(name, reason, breaks, keeps):
    def register(find):
        LAWS.append(Law(name, reason, find, breaks, keeps))
        return find
    return register


COMMENT = r'//[^\n]*|/\*.*?\*/'
LITERAL = (r'R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'      # Raw string.
           r'|"(?:\\.|[^"\\\n])*"'
           r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'")    # Not the ' of 65'536.
BOTH = re.compile(f'(?P<comment>{COMMENT})|(?P<literal>{LITERAL})', re.DOTALL)


def blanked(text):
    return re.sub(r'[^\n]', ' ', text)


def without_comments(text):
    return BOTH.sub(lambda m: blanked(m[0]) if m['comment'] else m[0], text)


def without_literals(text):
    """Comments are gone, strings are empty; lines and columns stay."""
    return BOTH.sub(lambda m: blanked(m[0]) if m['comment'] else m[0][0] + blanked(m[0][1:-1]) + m[0][-1], text)


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


class Tree:
    def __init__(self, files, executables=()):
        self.files = files              # Path from the root → text.
        self.executables = set(executables)
        self.code_ = {}

    @staticmethod
    def of_repository(root):
        names = subprocess.run(['git', '-C', root, '-c', f'safe.directory={root}', 'ls-files', '-z', '--cached',
                                '--others', '--exclude-standard'], capture_output=True, text=True, check=True).stdout
        files, executables = {}, []
        for path in sorted(set(filter(None, names.split('\0')))):
            full = os.path.join(root, path)
            if os.path.islink(full) or not os.path.isfile(full):
                continue
            with open(full, 'rb') as file:
                content = file.read()
            if b'\0' in content:
                content = b''               # Not text: it only counts as being there.
            files[path] = content.decode('utf-8', errors='replace')
            if os.access(full, os.X_OK):
                executables.append(path)
        return Tree(files, executables)

    def texts(self, *endings):
        return [(path, text) for path, text in self.files.items() if path.endswith(endings)]

    def cpp(self, *folders):
        """C++ files below these folders (all of them without any)."""
        return [path for path in self.files if path.endswith(CPP) and (not folders or path.startswith(folders))]

    def scripts(self):
        return [path for path, text in self.files.items()
                if path.endswith(('.py', '.sh')) or (text.startswith('#!') and '.' not in os.path.basename(path))]

    def code(self, path):
        if path not in self.code_:
            self.code_[path] = without_literals(self.files[path])
        return self.code_[path]

    def includes(self, path):
        """(line, '<' or '"', name) of each include."""
        text = without_comments(self.files[path])
        return [(line_of(text, m.start(1)), m[1], m[2]) for m in INCLUDE.finditer(text)]


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


def search(tree, path, pattern, advice):
    """Findings wherever the pattern stands in a file's code."""
    code = tree.code(path)
    for match in re.finditer(pattern, code):
        yield path, line_of(code, match.start()), advice.replace('{}', match[0].strip())


def is_control(path):
    """The parts of engine/ that may do I/O."""
    return path.startswith('engine/control/') or path == 'engine/main.cc'


def is_pure(path):
    return path.endswith(CPP) and (path.startswith('parsers/') or
                                   path.startswith('engine/') and not is_control(path))
