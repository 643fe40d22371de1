# Laws about what pure code and poll code must not do, beyond what their includes already say: calls and
# types that would make a shard depend on more than its inputs, or a poll thread wait.
from laws.tree import is_pure, law, search

# A free function's name, not a member's (pool.free(...)) nor part of another name.
CALL = r'(?<![\w.>:])(?:std::|::)?(?:{})\s*\('

PURE = [
    (CALL.format('clock_gettime|gettimeofday|localtime|gmtime') + r'|\btime\s*\(\s*(?:nullptr|NULL|0|&)',
     'reads a clock: `now` is handed in'),
    (CALL.format('rand|srand|rand_r|drand48|getrandom|getentropy'), 'random words are handed in'),
    (r'\bstd::(?:random_device|mt19937\w*|default_random_engine)\b', 'random words are handed in'),
    (r'\bstd::(?:thread|jthread|mutex|shared_mutex|condition_variable|lock_guard|unique_lock|call_once)\b',
     'no threads and no locks: one thread owns this'),
    (r'\bstd::atomic\b|\b__atomic_\w+|\b__sync_\w+|\bthread_local\b', 'no atomics: one thread owns this'),
    (r'\bstd::(?:cout|cerr|clog|cin)\b', 'no I/O: write into the Outbox, or count'),
    (r'(?<![\w>])::(?:open|close|read|write|connect|bind|listen|accept|send|recv|poll|ioctl)\s*\(',
     'no I/O: write into the Outbox, or count'),
    (CALL.format('socket|sendto|recvfrom|getenv|system|syscall'), 'no I/O: write into the Outbox, or count'),
    (CALL.format('malloc|calloc|realloc|free|strdup|aligned_alloc|posix_memalign'),
     'memory comes from pools and from the memory_resource that is handed in'),
    (r'\bstd::function\b', 'a std::function allocates and hides who calls: use an enum, a template or the Outbox'),
    (r'\bstd::(?:shared_ptr|make_shared|weak_ptr)\b', 'one owner each: a handle {index, generation} across turns'),
    (r'\btry\s*\{|\bcatch\s*\(|\bthrow\b', 'no exceptions: an enum, a pointer or a Reason'),
]
PRINTING = (CALL.format('printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|fwrite|exit|abort|_exit|quick_exit'),
            'pure code neither prints nor ends the process: CHECK, or a Reason')
PRINTS = {'engine/base/check.cc'}       # The last words of a dying process.


@law('pure-code', 'a shard is a deterministic function of its inputs, so the whole protocol runs in a simulator',
     breaks=[{'engine/shard.cc': 'int f() { return rand(); }\n'},
             {'engine/shard.cc': 'auto t = time(nullptr);\n'},
             {'engine/shard.cc': 'clock_gettime(CLOCK_MONOTONIC, &t);\n'},
             {'engine/shard.cc': 'std::mutex lock;\n'},
             {'engine/shard.cc': 'std::atomic<int> n;\n'},
             {'parsers/uri.cc': 'void* p = malloc(3);\n'},
             {'parsers/uri.cc': 'void* p = std::malloc(3);\n'},
             {'parsers/uri.cc': 'throw 3;\n'},
             {'parsers/uri.cc': 'try { f(); } catch (...) {}\n'},
             {'engine/a.h': 'std::function<void()> f;\n'},
             {'engine/a.h': 'std::shared_ptr<int> f;\n'},
             {'engine/a.cc': 'printf("%d", 3);\n'},
             {'engine/a.cc': 'std::abort();\n'},
             {'engine/a.cc': 'int s = ::socket(1, 2, 3);\n'}],
     keeps=[{'engine/shard.cc': '// rand(), time(nullptr), throw\nauto s = "malloc(3)";\n'},
            {'engine/shard.cc': 'pool_.free(handle); queue->send(x); bool retry = entry{}; void write(Writer& w);\n'},
            {'engine/core.cc': 'Core::Core(int seed) : random(seed), time(now) {}\n'},
            {'engine/base/check.cc': 'std::fprintf(stderr, "x"); std::abort();\n'},
            {'engine/control/a.cc': 'throw std::runtime_error("x");\n'},
            {'dataplane/a.cc': 'clock_gettime(CLOCK_MONOTONIC, &t);\n'}])
def pure_code(tree):
    for path in filter(is_pure, tree.files):
        for pattern, advice in PURE + ([] if path in PRINTS else [PRINTING]):
            yield from search(tree, path, pattern, '`{}`: ' + advice)


@law('parsers-do-not-allocate', 'a parser gives views into the bytes that it was given',
     breaks=[{'parsers/uri.h': 'std::string host;\n'}, {'parsers/uri.cc': 'auto* p = new int;\n'},
             {'parsers/uri.cc': 'std::vector<int> v;\n'}],
     keeps=[{'parsers/uri.h': 'std::string_view host; std::array<int, 3> new_ports;\n'},
            {'engine/a.h': 'std::string host;\n'}])
def parsers_do_not_allocate(tree):
    containers = r'\bstd::(?:pmr::)?(?:string|vector|map|set|unordered_map|unordered_set|list|deque|unique_ptr)\b'
    for path in tree.cpp('parsers/'):
        yield from search(tree, path, containers, '`{}` allocates: a view, a std::array or a std::span')
        yield from search(tree, path, r'\bnew\b(?!_)', '`{}`: a parser allocates nothing')


# The files of dataplane/ that talk to other threads; everything else there has one owner.
ATOMICS = ('dataplane/handoff.', 'dataplane/mailbox.', 'dataplane/quiesce.', 'dataplane/ring.', 'dataplane/stats.')
SHARED = r'\bstd::atomic\w*\b|\b__atomic_\w+|\bstd::\w*mutex\b|\brte_atomic\w+|\bvolatile\b'


@law('atomics-have-names', 'what threads share is in a few files that can be read together',
     breaks=[{'dataplane/rx.cc': 'std::atomic<int> n;\n'}, {'dataplane/rx.h': '__atomic_load_n(&x, 2);\n'},
             {'dataplane/rx.h': 'std::mutex m;\n'}],
     keeps=[{'dataplane/mailbox.h': 'std::atomic<int> n;\n'}])
def atomics_have_names(tree):
    for path in tree.cpp('dataplane/'):
        if not path.startswith(ATOMICS):
            yield from search(tree, path, SHARED, '`{}` belongs into handoff, mailbox, quiesce, ring or stats')


# What runs on a poll thread after the seal, from the wire to the wire.
POLL = ('dataplane/poll_loop.', 'dataplane/rx.', 'dataplane/tx.', 'dataplane/headers.', 'dataplane/fragments.',
        'dataplane/handoff.')


@law('poll-code', 'after start-up a poll thread makes no system call, takes no lock, logs nothing and never throws',
     breaks=[{'dataplane/poll_loop.cc': 'printf("hello");\n'}, {'dataplane/rx.cc': 'throw 3;\n'},
             {'dataplane/tx.cc': 'auto* p = new int;\n'}, {'dataplane/tx.cc': 'usleep(3);\n'}],
     keeps=[{'dataplane/port.cc': 'throw std::runtime_error("x");\n'}, {'dataplane/tx.cc': 'tx.send(3);\n'}])
def poll_code(tree):
    calls = CALL.format('printf|fprintf|puts|fputs|usleep|nanosleep|sleep|malloc|calloc|realloc|free|exit|abort|'
                        'clock_gettime|sendto|recvfrom|rte_malloc|rte_zmalloc|rte_free|rte_log|rte_exit')
    late = r'\btry\s*\{|\bcatch\s*\(|\bthrow\b|\bnew\b(?!_)|\bstd::(?:string|vector|map|function)\b'
    for path in tree.cpp(*POLL):
        yield from search(tree, path, calls, '`{}` on a poll thread: count it, or send a record to the control thread')
        yield from search(tree, path, late, '`{}` on a poll thread: everything is there before the seal')
        yield from search(tree, path, r'\bRTE_LOG\b|\bspdlog::', '`{}`: a poll thread logs nothing')
