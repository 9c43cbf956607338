"""What the benchmarks share: a mock server, measured runs, rows of a Markdown table."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

build, programs = (os.path.abspath(d) for d in sys.argv[1:3])
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Mock:
    def __init__(self, *options):
        self.process = subprocess.Popen([f"{build}/mock-llm", *options], stdout=subprocess.PIPE, text=True)
        self.base = f"http://127.0.0.1:{self.process.stdout.readline().strip()}/v1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def write_pairs(path, users, pairs, text_bytes):
    with open(path, "w", encoding="utf-8") as file:
        for user in range(users):
            for pair in range(pairs):
                text = f"{user} {pair} " + "word " * (text_bytes // 5)
                print(json.dumps({"user_id": f"u{user}", "context": [{"role": "user", "content": text}],
                                  "chosen": "yes, do that", "rejected": "no"}), file=file)


def environment(base, **more):
    return dict(os.environ, SM_BASE_URL=base, SM_MODEL="mock", PATH=f"{programs}:{os.environ['PATH']}", **more)


def run(*words, base):
    """Wall seconds, CPU seconds, peak memory in bytes, and the last line of the output."""
    with tempfile.TemporaryFile() as out:
        begun = time.monotonic()
        process = subprocess.Popen([f"{programs}/{words[0]}", *words[1:]], stdout=out, env=environment(base))
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        if status != 0:
            sys.exit(f"bench: {words[0]} ended with status {status}")
        out.seek(-min(4096, out.tell()), os.SEEK_END)
        last = json.loads(out.read().splitlines()[-1])
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, last


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def head(*cells):
    row(*cells)
    row(*("---" for _ in cells))
