"""The small runs that tests/torture/run lets fail, and what must hold of each."""
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import time

here = os.path.dirname(os.path.abspath(__file__))
top = os.path.dirname(os.path.dirname(here))
BUILD = os.path.abspath(os.environ.get("B", os.path.join(top, "build")))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(top, "bin")))
SHIM = os.path.join(BUILD, "fail.so")
LIMIT_S = 30
SLOW_S = 150  # a limit is of a minute; and what SQLite cannot lock it tries again for a while
# 0 done, 1 partly, 3 the environment cannot be used, 4 the endpoint cannot
STATUSES = {0, 1, 3, 4}


class Case:
    """A command line. `store`: it writes to one; `files`: what it is to write, besides its output;
    `text`: its output is not of JSON."""

    def __init__(self, name, words, store=False, files=(), text=False, filled=False, env=None, faults=()):
        self.name, self.words, self.store, self.files, self.text = name, words, store, files, text
        self.filled, self.env, self.faults = filled, env or {}, faults
        self.calls = 0
        self.wanted = None


ASK = ["-q", "-j", "4"]
ALL = [
    Case("sm-split", ["-q", "--test", "2", "{w}/prefs.jsonl"]),
    Case("sm-import", ["-q", "rows", "{w}/prefs.jsonl"]),
    Case("sm-bootstrap", [*ASK, "--candidates", "2", "{w}/split.jsonl"], store=True),
    Case("sm-persona", [*ASK, "{w}/bootstrapped.jsonl"], store=True),
    Case("sm-demosearch", [*ASK, "--candidates", "2", "{w}/persona.jsonl"], store=True),
    Case("sm-judge", [*ASK, "--order", "both", "{w}/users.jsonl"], store=True),
    Case("sm-rank", [*ASK, "-m", "{w}/users.jsonl", "{w}/candidates.jsonl"], store=True),
    Case("sm-llm", [*ASK, "{w}/requests.jsonl"], store=True),
    Case("sm-llm", [*ASK, "--batch", "batch.jsonl", "{w}/requests.jsonl"], store=True, files=["batch.jsonl"]),
    Case("sm-eval", ["-q", "{w}/verdicts.jsonl"]),
    Case("sm-eval", ["-q", "--table", "{w}/verdicts.jsonl"], text=True),
    Case("sm-report", ["-q", "--html", "page.html", "{w}/verdicts.jsonl"], files=["page.html"], text=True),
    Case("sm-plan", ["-q", "{w}/verdicts.jsonl"]),
    Case("sm-prompt", ["-q", "judge", "{w}/users.jsonl"], text=True),
    Case("sm-export", ["-q", "program", "saved", "{w}/users.jsonl"], files=["saved"], text=True),
    Case("sm-export", ["-q", "inspect", "{w}/users.jsonl"]),
    Case("sm-cache", ["-q", "export"], store=True, filled=True),
    Case("sm-cache", ["-q", "list"], store=True, filled=True),
    Case("sm-cache", ["-q", "import", "{w}/answers.jsonl"], store=True, text=True),
    Case("sm-cache", ["-q", "prune", "--older", "0"], store=True, filled=True, text=True),
]
LIMITED = ["--fault", "429:every=3:value=1", "--fault", "500:every=5:value=ms=20", "--fault", "429:every=7:value=date+1"]
CLOCKS = [
    Case("sm-judge", [*ASK, "--rpm", "60", "--order", "both", "{w}/users.jsonl"], store=True),
    Case("sm-judge", [*ASK, "--tpm", "100000", "{w}/users.jsonl"], store=True, faults=LIMITED),
]


class Mock:
    """A mock LLM, whose log counts what was paid for."""

    running = []

    def __init__(self, folder, options=()):
        self.log = os.path.join(folder, "mock.log")
        open(self.log, "w").close()
        words = [os.path.join(BUILD, "mock-llm"), "--log", self.log, "--lifetime", "7200", "--decide", "longer", *options]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().decode().strip()}/v1"
        Mock.running.append(self)

    def calls(self):
        with open(self.log, "rb") as log:
            return log.read().count(b"\n")

    @classmethod
    def stop_all(cls):
        for mock in cls.running:
            mock.process.kill()
            mock.process.wait()


class Ended:
    def __init__(self, status, out, err, late):
        self.status, self.out, self.err, self.late = status, out, err, late


def settled(text):
    """What two runs have in common."""
    lines = [line for line in text.split(b"\n") if b'"type":"run"' not in line]
    return re.sub(rb'"(ms|created)":[0-9.]+', b'"\\1":0', b"\n".join(lines))


class Run:
    work = None

    def __init__(self, case, folder, mock, jobs):
        self.case, self.folder, self.mock, self.jobs = case, folder, mock, jobs
        if case.faults:
            self.mock = Mock(folder, case.faults)
        self.store = os.path.join(folder, "cache.db")
        self.before = self.mock.calls()
        if case.filled:
            for end in ("", "-wal"):
                if os.path.exists(f"{Run.work}/filled.db{end}"):
                    with open(f"{Run.work}/filled.db{end}", "rb") as a, open(self.store + end, "wb") as b:
                        b.write(a.read())

    def go(self, env, limit):
        words = [os.path.join(BIN, self.case.name)] + [w.replace("{w}", Run.work) for w in self.case.words]
        given = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": self.folder, "SM_CACHE": self.store, "TMPDIR": self.folder,
                 "SM_BASE_URL": self.mock.url, "SM_MODEL": "mock", "LC_ALL": "C.UTF-8", **env}
        if env:
            given["LD_PRELOAD"] = SHIM

        def restrict():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        late = False
        with open(os.path.join(self.folder, "out"), "wb") as out:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, cwd=self.folder,
                                       env=given, preexec_fn=restrict if limit is not None else None)
        try:
            err = process.communicate(timeout=SLOW_S if "FAIL_CLOCK" in env or "lock" in env.get("FAIL", "") else LIMIT_S)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            err, late = process.communicate()[1], True
        with open(os.path.join(self.folder, "out"), "rb") as out:
            return Ended(process.returncode, out.read(), err, late)

    def paid(self):
        return self.mock.calls() - self.before

    def written(self):
        """Names and contents of the files, in folders too."""
        found = {}
        for name in self.case.files:
            path = os.path.join(self.folder, name)
            paths = [path] if not os.path.isdir(path) else [os.path.join(path, f) for f in sorted(os.listdir(path))]
            for p in paths:
                if os.path.exists(p):
                    with open(p, "rb") as file:
                        text = file.read()
                    if name == "batch.jsonl":  # whose lines are in any order
                        text = b"\n".join(sorted(text.split(b"\n")))
                    found[os.path.relpath(p, self.folder)] = text
        return found

    def count(self):
        """A run in which nothing fails, the measure of all others. Returns its calls by kind."""
        path = os.path.join(self.folder, "counts")
        ended = self.go({"FAIL_COUNTS": path}, None)
        if ended.status not in (0, 5):
            raise SystemExit(f"{self.case.name} {self.case.words}: {ended.status} {ended.err!r}")
        self.case.wanted = (ended.status, settled(ended.out), self.written())
        self.case.calls = self.paid()
        with open(path) as counts:
            return {line.split()[0]: int(line.split()[1]) for line in counts}

    def largest(self):
        """The size of the largest file that it wrote."""
        paths = [os.path.join(d, f) for d, _, files in os.walk(self.folder) for f in files]
        return max(os.path.getsize(p) for p in paths)

    def same(self, ended):
        return self.case.wanted == (ended.status, settled(ended.out), self.written())

    def look_store(self):
        if not os.path.exists(self.store) or not os.path.getsize(self.store):
            return []
        try:
            db = sqlite3.connect(self.store)
            said = db.execute("pragma integrity_check").fetchone()[0]
            db.close()
        except sqlite3.Error as error:
            said = str(error)
        return [] if said == "ok" else [f"the store: {said}"]

    def look_files(self):
        problems = []
        _, _, whole = self.case.wanted
        for name, text in self.written().items():
            if name not in whole:
                problems.append(f"{name} is left behind")
            elif text != whole[name]:
                problems.append(f"{name} is not whole")
        return problems

    def left_behind(self):
        return [f"{f} is left behind" for f in os.listdir(self.folder) if ".part" in f]

    def look(self, ended, part):
        problems = self.look_store()
        if ended.late:
            problems.append(f"it hangs: {ended.err[-200:]!r}")
        elif ended.status == self.case.wanted[0] and not self.same(ended):
            problems.append("it ends as if all were well, but its output is not the same")
        elif ended.status != self.case.wanted[0] and ended.status not in STATUSES:
            problems.append(f"status {ended.status}: {ended.err[-200:]!r}")
        elif ended.status != self.case.wanted[0]:
            lines = ended.err.decode("utf-8", "replace").splitlines()
            if not lines or not all(re.match(f"{self.case.name}: |out of memory$", line) for line in lines):
                problems.append(f"status {ended.status}, and says {ended.err[-300:]!r}")
        if not self.case.text and part != "disk" and not (part == "write" and ended.status):
            problems += [f"bad line {line[:80]!r}" for line in ended.out.split(b"\n") if line and not is_json(line)]
        if self.case.files != ["batch.jsonl"]:  # which keeps whole lines
            problems += self.look_files()
        if part != "alloc":  # out of memory, a program ends at once
            problems += self.left_behind()
        return problems

    def look_clock(self, ended):
        problems = self.look_store()
        if ended.late:
            problems.append(f"it hangs: {ended.err[-200:]!r}")
        elif ended.status not in STATUSES:
            problems.append(f"status {ended.status}: {ended.err[-200:]!r}")
        negative = re.search(rb'"(?:ms|seconds|[a-z_]*_s|[a-z_]*_ms)":-', ended.out)
        if negative:
            problems.append(f"a negative time: {negative.group(0)!r}")
        return problems


def is_json(line):
    try:
        return isinstance(json.loads(line), (dict, list))
    except ValueError:
        return False


def prepare(work):
    """The inputs, by the programs themselves."""
    Run.work = work
    mock = Mock(work)
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": work, "SM_CACHE": f"{work}/filled.db", "SM_BASE_URL": mock.url,
           "SM_MODEL": "mock"}
    script = f"""set -e; cd {work}
        head -n 20 {top}/examples/prefs.jsonl >prefs.jsonl
        sm-split -q --test 2 prefs.jsonl >split.jsonl
        sm-bootstrap -q --candidates 2 split.jsonl >bootstrapped.jsonl
        sm-persona -q bootstrapped.jsonl >persona.jsonl
        sm-demosearch -q --candidates 2 persona.jsonl >users.jsonl
        sm-judge -q users.jsonl >verdicts.jsonl
        sm-cache export >answers.jsonl"""
    subprocess.run(["bash", "-c", script], env=env, check=True)
    with open(f"{work}/prefs.jsonl") as file:
        pairs = [json.loads(line) for line in file]
    with open(f"{work}/candidates.jsonl", "w") as out:
        for pair in pairs[:2]:
            replies = [pair["chosen"], pair["rejected"], pairs[5]["chosen"]]
            print(json.dumps({"user_id": pair["user_id"], "context": pair["context"], "candidates": replies}), file=out)
    with open(f"{work}/requests.jsonl", "w") as out:
        for i in range(12):
            print(json.dumps([{"role": "user", "content": f"question {i}"}]), file=out)
