# Laws about include lines: which part of the repository may know which other, what the pure parts may take
# of the standard library, and how an include is written.
import os

from laws.tree import is_control, law

STANDARD = set('''
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream
functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore
set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view strstream
syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray
variant vector version'''.split())

# What pure code never includes, though it is standard: I/O, clocks, threads, randomness, the machine.
IMPURE = set('''
atomic barrier cfenv chrono clocale condition_variable csetjmp csignal ctime filesystem fstream future iomanip
iostream istream latch locale mutex ostream random regex semaphore shared_mutex sstream stop_token syncstream
thread'''.split())
CSTDIO_MAY = {'engine/base/check.cc'}           # The last words of a dying process.
INTRINSICS = {'immintrin.h', 'nmmintrin.h', 'arm_neon.h'}      # parsers/kernel* and parsers/simd.h only.

# What each area may include of the repository, by the beginning of the path.
MAY = {
    'parsers/': ('parsers/',),
    'engine/': ('engine/', 'parsers/'),
    'dataplane/': ('dataplane/', 'engine/', 'parsers/'),
    'engine/control/': ('engine/', 'parsers/', 'dataplane/'),
    'engine/main.cc': ('engine/', 'parsers/', 'dataplane/'),
    'tools/': ('tools/', 'engine/', 'parsers/', 'dataplane/'),
    'bench/': ('bench/', 'engine/', 'parsers/', 'dataplane/', 'tests/support/'),
    'tests/': ('tests/', 'engine/', 'parsers/', 'dataplane/', 'tools/'),
}
TOP = tuple(sorted({area.split('/')[0] + '/' for area in MAY}))


def area_of(path):
    return max((area for area in MAY if path.startswith(area)), key=len, default=None)


@law('include-direction', 'parsers know nobody, the engine knows parsers, the dataplane knows both, control knows all',
     breaks=[{'parsers/uri.cc': '#include "parsers/uri.h"\n#include "engine/flow.h"\n'},
             {'engine/shard.cc': '#include "dataplane/port.h"\n'},
             {'engine/shard.cc': '#include "engine/control/config.h"\n'},
             {'dataplane/rx.cc': '#include "engine/control/config.h"\n'},
             {'engine/flow.cc': '#include <rte_mbuf.h>\n'},
             {'parsers/uri.cc': '#include <openssl/md5.h>\n'},
             {'engine/flow.cc': '#include <sys/socket.h>\n'},
             {'parsers/uri.cc': '#include <immintrin.h>\n'},
             {'dataplane/rx.cc': '#include "tests/support/wire.h"\n'},
             {'engine/control/tls.cc': '#include "bench/load.h"\n'}],
     keeps=[{'parsers/uri.cc': '#include "parsers/uri.h"\n#include <string_view>\n'},
            {'parsers/kernel_avx2.cc': '#include <immintrin.h>\n', 'parsers/simd.h': '#include <arm_neon.h>\n'},
            {'engine/control/tls.cc': '#include <openssl/ssl.h>\n#include "dataplane/mailbox.h"\n'},
            {'dataplane/rx.cc': '#include <rte_mbuf.h>\n#include "engine/shard.h"\n'},
            {'tests/unit/x.cc': '#include "tests/support/wire.h"\n#include "engine/control/config.h"\n'}])
def include_direction(tree):
    for path in tree.cpp():
        area = area_of(path)
        if area is None:
            continue
        pure = area == 'parsers/' or area == 'engine/'
        for line, quote, name in tree.includes(path):
            if quote == '<' and pure and name not in STANDARD:
                if not (name in INTRINSICS and path.startswith(('parsers/kernel', 'parsers/simd'))):
                    yield path, line, f'<{name}> is not for pure code: only the standard library is'
            if quote == '"' and name.startswith(TOP):
                if not name.startswith(MAY[area]) or (is_control(name) and area in ('engine/', 'dataplane/')):
                    yield path, line, f'{area} may not include "{name}"'


@law('pure-includes', 'pure code has no I/O, no clock, no thread, no lock and no randomness',
     breaks=[{'engine/shard.cc': '#include <chrono>\n'}, {'parsers/uri.h': '#include <iostream>\n'},
             {'engine/flow.cc': '#include <cstdio>\n'}],
     keeps=[{'engine/control/a.cc': '#include <chrono>\n'}, {'engine/base/check.cc': '#include <cstdio>\n'},
            {'dataplane/a.cc': '#include <atomic>\n'}])
def pure_includes(tree):
    for path in tree.cpp('parsers/', 'engine/'):
        if is_control(path):
            continue
        for line, _, name in tree.includes(path):
            if name in IMPURE or (name == 'cstdio' and path not in CSTDIO_MAY):
                yield path, line, f'<{name}> has no place in pure code; what it gives is handed in'


@law('include-from-root', 'one way to write an include, so that it can be searched for',
     breaks=[{'parsers/uri.cc': '#include "uri.h"\n'}, {'parsers/uri.cc': '#include "../engine/flow.h"\n'},
             {'parsers/uri.cc': '#include <parsers/uri.h>\n'}, {'engine/a.cc': '#include "string"\n'}],
     keeps=[{'parsers/uri.cc': '#include "parsers/uri.h"\n', 'parsers/uri.h': ''}])
def include_from_root(tree):
    for path in tree.cpp():
        for line, quote, name in tree.includes(path):
            if quote == '"' and not name.startswith(TOP):
                yield path, line, f'write "{name}" from the root of the repository, or in < >'
            if quote == '<' and name.startswith(TOP):
                yield path, line, f'write "{name}" in quotes'


@law('own-header-first', "a header that leans on its source's other includes is found at once",
     breaks=[{'parsers/uri.cc': '#include <array>\n#include "parsers/uri.h"\n', 'parsers/uri.h': ''},
             {'parsers/uri.cc': '#include <array>\n', 'parsers/uri.h': ''}],
     keeps=[{'parsers/uri.cc': '#include "parsers/uri.h"\n#include <array>\n', 'parsers/uri.h': ''},
            {'parsers/tables.cc': '#include <array>\n'}])
def own_header_first(tree):
    for path in tree.cpp():
        own = os.path.splitext(path)[0] + '.h'
        if path.endswith('.cc') and own in tree.files:
            includes = tree.includes(path)
            if not includes or includes[0][2] != own:
                yield path, includes[0][0] if includes else 1, f'include "{own}" first'


@law('pragma-once', 'each header may be included twice',
     breaks=[{'parsers/uri.h': '#ifndef A\n#define A\n#endif\n'}],
     keeps=[{'parsers/uri.h': '// Words.\n#pragma once\n'}])
def pragma_once(tree):
    for path in tree.cpp():
        if path.endswith('.h') and '#pragma once' not in tree.code(path).split('\n'):
            yield path, 1, 'begin with #pragma once, below the top comment'
