#!/usr/bin/env python3
"""A run that is looked at while its input comes through a pipe: nothing here waits for the clock."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

FANOUTD = sys.argv[1]
failures = []


def check(what, ok, found=None):
    if not ok:
        failures.append(what)
        print(f"FAILED: {what}" + (f": {found!r}" if found is not None else ""))


class Run:
    """fanoutd over standard input, with its monitor."""

    def __init__(self, *arguments, verb=("agg", "-d", ","), address="127.0.0.1:0", header="k,v\n"):
        self.process = subprocess.Popen(
            [FANOUTD, *verb, "--monitor", address, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.process.stdin.write(header.encode())
        self.process.stdin.flush()
        line = self.process.stderr.readline().decode()
        check("it says where it listens", line.startswith("fanoutd: monitor: "), line)
        self.where = line.split("monitor: ", 1)[1].strip()
        if self.where.startswith("unix:"):
            self.family, self.address = socket.AF_UNIX, self.where[5:]
        else:
            host, port = self.where[len("http://"):].rstrip("/").rsplit(":", 1)
            self.family, self.address = socket.AF_INET, (host, int(port))

    def connect(self):
        one = socket.socket(self.family, socket.SOCK_STREAM)
        one.settimeout(30)
        one.connect(self.address)
        return one

    def raw(self, data, ends=False):
        """What comes back, to the end of the connection; `ends`: nothing follows the data."""
        with self.connect() as one:
            try:
                one.sendall(data)
                if ends:
                    one.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return read_all(one)

    def ask(self, path, method="GET", headers=()):
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
        answer = self.raw(("\r\n".join(lines) + "\r\n\r\n").encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        parts = head.split(b"\r\n")[0].split(b" ")
        return int(parts[1]) if len(parts) > 1 else 0, head.decode("latin-1"), body

    def get(self, path, **arguments):
        if arguments:
            path += "?" + urllib.parse.urlencode(arguments)
        return self.ask(path)

    def json(self, path, **arguments):
        status, _, body = self.get(path, **arguments)
        check(f"{path} answers", status in (200, 503), status)
        return json.loads(body)

    def write(self, text):
        self.process.stdin.write(text if isinstance(text, bytes) else text.encode())
        self.process.stdin.flush()

    def wait_for(self, condition):
        """The first event for which the condition holds."""
        with self.connect() as one:
            one.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            for line in one.makefile("rb"):
                if line.startswith(b"data: "):
                    event = json.loads(line[6:])
                    if condition(event):
                        return event
        check("an event that is waited for", False)
        return None

    def end(self, code=0):
        self.process.stdin.close()
        self.process.stdin = None
        out, err = self.process.communicate(timeout=50)
        check("exit code", self.process.returncode == code, (self.process.returncode, err))
        return out.decode(), err.decode()


def read_all(one):
    data = b""
    try:
        while piece := one.recv(65536):
            data += piece
    except OSError:
        pass
    return data


def pages():
    run = Run("-g", "k", "count", "sum(v)")
    run.write("a,1\nb,2\na,3\n")
    event = run.wait_for(lambda event: event["stats"]["rows"] == 3)
    check("it runs", event["state"] == "running", event["state"])
    status, head, body = run.get("/")
    check("the page", status == 200 and b"<!doctype html>" in body, head)
    check("its policy", "script-src 'sha256-" in head and "unsafe" not in head, head)
    check("messages", ["monitor: http" in line["text"] and line["time"] > 0 for line in run.json("/log")] == [True])
    check("health", run.json("/health") == {"status": "ok", "state": "running", "reasons": []})
    table = run.json("/stats")["tables"][0]
    check("the columns", [column["kind"] for column in table["columns"]] ==
          ["key", "aggregate", "aggregate"], table)
    status, head, body = run.ask("/stats", "HEAD")
    check("a head alone", status == 200 and body == b"", (status, body))
    for what, path, method, headers, wanted in [
            ("no such page", "/nope", "GET", (), 404),
            ("no such method", "/", "DELETE", (), 405),
            ("not for POST", "/stats", "POST", ("X-Fanoutd: ctl", "Content-Length: 0"), 405),
            ("a foreign form", "/stats", "POST", ("Content-Length: 0",), 403),
            ("something sent", "/stats", "POST", ("X-Fanoutd: ctl", "Content-Length: 9"), 413),
            ("pieces sent", "/", "POST", ("X-Fanoutd: ctl", "Transfer-Encoding: chunked"), 413),
            ("no number", "/results?limit=x", "GET", (), 400),
            ("no such table", "/results?table=t", "GET", (), 400),
            ("no condition", "/results?where=k+%2B", "GET", (), 400),
            ("no such column", "/results?where=x+%3E+1", "GET", (), 400),
            ("many headers", "/", "GET", [f"X-{i}: y" for i in range(100)], 431)]:
        status, head, _ = run.ask(path, method, headers)
        check(what, status == wanted, head)
    for what, host in [("a name that leads here", "evil.example"), ("the same with a port", "a.b:80")]:
        answer = run.raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        check(what, answer.startswith(b"HTTP/1.1 421"), answer[:80])
    for host in ["127.0.0.1", "localhost:9464", "[::1]:80", "127.0.0.1:1"]:
        answer = run.raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        check(f"the host {host}", answer.startswith(b"HTTP/1.1 200"), answer[:80])
    out, _ = run.end()
    check("the results", out == "k,count,sum_v\na,2,4\nb,1,2\n", out)


def hostile():
    run = Run("count")
    giant = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 1000000 + b"\r\n\r\n"
    for what, data in [("a giant header", giant),
                       ("a giant path", b"GET /" + b"x" * 1000000 + b" HTTP/1.1\r\n\r\n"),
                       ("junk", bytes(range(256)) * 100 + b"\r\n\r\n"),
                       ("another protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                       ]:
        answer = run.raw(data, ends=True)
        check(what, not answer.startswith(b"HTTP/1.1 200"), answer[:80])
    for data in [b"", bytes.fromhex("16030100a5010000a10303") + bytes(200)]:
        with run.connect() as one:
            one.sendall(data)
    idle = []
    for _ in range(1000):
        idle.append(run.connect())
    check("a thousand idle ones", run.get("/health")[0] == 200)
    stats = run.json("/stats")["monitor"]
    check("they made room", stats["refused"] >= 800 and stats["connections"] <= 128, stats)
    for one in idle:
        one.close()
    followers = [run.connect() for _ in range(32)]
    for one in followers:
        one.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        check("one more follows", one.recv(16).startswith(b"HTTP/1.1 200"))
    check("one too many follows", run.get("/events")[0] == 503)
    for one in followers:
        one.close()
    run.end()


def local():
    run = Run("count", address="unix:m.sock")
    check("for its owner alone", os.stat("m.sock").st_mode & 0o777 == 0o600)
    check("a socket of the file system", run.json("/health")["status"] == "ok")
    second = subprocess.run([FANOUTD, "agg", "--monitor", "unix:m.sock", "count"], input=b"x\n1\n",
                            capture_output=True, timeout=50)
    check("somebody listens there", second.returncode == 75 or second.returncode == 1, second)
    check("and says so", b"cannot listen on unix:m.sock: Address already in use" in second.stderr,
          second.stderr)
    run.end()
    check("it is removed", not os.path.exists("m.sock"))
    left = socket.socket(socket.AF_UNIX)
    left.bind("m.sock")
    left.close()
    Run("count", address="unix:m.sock").end()
    with open("plain", "w", encoding="utf-8"):
        pass
    second = subprocess.run([FANOUTD, "agg", "--monitor", "unix:plain", "count"], input=b"x\n1\n",
                            capture_output=True, timeout=50)
    check("a file stays", second.returncode != 0 and os.path.exists("plain"), second)


HOSTILE = ['<script>alert(1)</script>', 'a"b', "back\\slash", "x" * 3000, "\u202eright to left",
           "}", "line\nfeed"]


def metrics():
    run = Run("-g", "k", "count", "sum(v)", "quantile(v,q=0.5,0.99)", "histogram(v)", "max_total=max(v)",
              "-o", "out.csv")
    for key in HOSTILE:
        run.write('"' + key.replace('"', '""') + '",1\n')
    run.write(b"\xff\xfe,2\n\xfe\xff,3\n,4\n")
    run.wait_for(lambda event: event["stats"]["rows"] == len(HOSTILE) + 3)
    status, _, body = run.get("/metrics")
    check("metrics", status == 200 and b"fanout_rows_total{fate=\"processed\"} 10\n" in body, body)
    promtool(body)
    with run.connect() as one:
        one.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        events = one.makefile("rb")
        run.process.stdin.close()
        state = None
        for line in events:
            if line.startswith(b"data: "):
                state = json.loads(line[6:])
                if state["state"] != "running":
                    break
        check("it ends", state["state"] == "ended", state)
        # It waits for who follows, but not for ever: what else is asked for comes at once.
        status, _, body = run.get("/metrics")
        found = run.json("/results", where="sum_v > 2", limit=5)
        check("the last metrics", status == 200)
        text = body.decode()
        for part in ['fanout_result_count_total{k="<script>alert(1)</script>"} 1\n',
                     'fanout_result_count_total{k="a\\"b"} 1\n',
                     'fanout_result_count_total{k="back\\\\slash"} 1\n',
                     'fanout_result_count_total{k="line\\nfeed"} 1\n',
                     'fanout_result_count_total{k="\ufffd\ufffd",twin="2"} 1\n',
                     'fanout_result_sum_v_total{k=""} 4\n',
                     'fanout_result_quantile_v{k="}",quantile="0.99"} 1\n',
                     'fanout_result_histograms_v_bucket{k="}",le="10"} 1\n',
                     'fanout_result_max_total_value{k="}"} 1\n',
                     "fanout_groups_left_out 0\n"]:
            check("a sample", part in text, part)
        window = found["tables"][0]["windows"][0]
        check("rows by a condition", window["found"] == 2 and len(window["rows"]) == 2, window)
        check("all groups", window["groups"] == 10, window)
    run.process.stdin = None
    run.process.communicate(timeout=50)
    promtool(body)


def asking():
    """The verbs that ask, against a run with two tables."""
    run = Run("-g", "k", "-g", "total=1", "count", "sum(v)", "-o", "-", address="unix:m.sock")
    run.write("a,1\nb,20\n" + "x" * 300 + ",3\n")
    run.wait_for(lambda event: event["stats"]["rows"] == 3)

    def ask(*arguments):
        done = subprocess.run([FANOUTD, *arguments], capture_output=True, check=False, timeout=50)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    code, out, err = ask("ctl", "unix:m.sock", "health")
    check("ctl health", code == 0 and json.loads(out)["status"] == "ok", (code, out, err))
    code, out, err = ask("ctl", "unix:m.sock", "stats")
    check("ctl stats", code == 0 and json.loads(out)["stats"]["rows"] == 3, (code, out, err))
    code, out, err = ask("ctl", "unix:m.sock", "results", "--table", "no such")
    check("ctl says what is wrong", (code, out) == (1, "") and "no table is called 'no such'; there are: k, total" in err,
          (code, out, err))
    code, out, err = ask("ctl", "unix:m.sock", "results", "--table", "k", "--where", "sum_v > 'a&b")
    check("ctl passes on what is asked", code == 1 and "sum_v > 'a&b" in err, (code, out, err))
    code, out, err = ask("ctl", "unix:none.sock", "stats")
    check("nobody is there", code != 0 and err.startswith("fanoutd: the monitor: "), (code, err))
    code, out, err = ask("top", "unix:m.sock")
    lines = out.split("\n")
    check("top", code == 0 and lines[0].startswith("fanoutd running for 0:") and lines[2] == "nothing lost", out)
    check("top fits", len(lines) <= 25 and all(len(line) <= 80 for line in lines), out)
    check("top has no colour", "\033" not in out, out)
    status, _, body = run.get("/top", columns=20, rows=3)
    check("a small screen", status == 200 and len(body.splitlines()) == 3, body)
    check("is cut", all(len(line) <= 20 for line in body.decode().splitlines()), body)
    run.end()


STREAM = """[source]
type = csv
path = in.csv
follow = true
discover = 20ms
rotate-wait = 0s
[pipeline]
group-by = k
[window]
time = t
size = 10s
every = 5s
[aggregate n]
type = count
[output]
path = stream.csv
append = true
[checkpoint]
path = p.state
every = 20ms
"""


def reasons(run, *wanted):
    """Wait until these are what is wrong, in this order: parts of them."""
    run.wait_for(lambda event: len(event["health"]["reasons"]) == len(wanted)
                 and all(part in reason for part, reason in zip(wanted, event["health"]["reasons"])))


def stream():
    """A run without an end: what becomes of its inputs, its checkpoints and its output."""
    with open("p.ini", "w", encoding="utf-8") as file:
        file.write(STREAM)
    os.symlink("then.state", "p.state")
    run = Run("p.ini", verb=("run", "--stats"), header="")
    reasons(run, "the input in.csv is not there")
    check("503", run.get("/health")[0] == 503)
    with open("in.csv", "w", encoding="utf-8") as file:
        file.write("t,k\n" + "".join(f"{i},{i % 3}\n" for i in range(100)) + "50,late\n")
    event = run.wait_for(lambda event: event["stats"]["rows"] == 101)
    stats = event["stats"]
    check("late", stats["rows_late"] == 1 and stats["rows_late_by_idle"] == 0, stats)
    check("windows", (stats["windows"]["open"], stats["windows"]["closed"], stats["windows"]["watermark"])
          == (2, 19, 99), stats["windows"])
    # 90 .. 94 and 95 .. 99 by three keys, in one partition or in several.
    check("groups", stats["open_groups"] >= 6 and stats["state_bytes"] > 0, stats)
    check("a position", event["positions"] == [{"name": "in.csv", "state": "open", "trouble": None,
          "bytes": os.path.getsize("in.csv"), "size": os.path.getsize("in.csv")}], event["positions"])
    check("200", run.get("/health")[0] == 200)
    os.rename("in.csv", "in.old")
    reasons(run, "the input in.csv is not there")
    os.mkdir("in.csv")
    reasons(run, "the input in.csv cannot be read: it is no regular file")
    os.rmdir("in.csv")
    with open("in.csv", "w", encoding="utf-8") as file:
        file.write("t,k\n100,0\n")
    reasons(run)
    event = run.wait_for(lambda event: event["stats"]["rows"] == 102)
    check("files", event["stats"]["files"] == {"taken_up": 2, "rotated": 1, "changed": 0, "lost": 0},
          event["stats"]["files"])
    # A disk that is full, for a while.
    os.symlink("/dev/full", "full")
    os.rename("full", "p.state")
    reasons(run, "no checkpoint can be written: ")
    before = run.json("/stats")["stats"]["checkpoints"]
    check("they failed", before["failed"] > 0 and before["age_seconds"] >= 0, before)
    os.symlink("now.state", "there")
    os.rename("there", "p.state")
    reasons(run)
    after = run.wait_for(lambda event: event["stats"]["checkpoints"]["written"] > before["written"] + 1)
    after = after["stats"]["checkpoints"]
    check("written", after["failure"] is None and after["bytes"] > 0, after)
    check("the pause", 0 < after["pause_seconds"] <= after["longest_pause_seconds"], after)
    check("beside results", run.json("/results", limit=1)["stats"]["rows"] == 102)
    status, _, body = run.get("/metrics")
    promtool(body)
    run.process.stdin.close()
    run.process.terminate()
    err = run.process.stderr.read().decode()
    check("its end", run.process.wait(timeout=50) == 0, err)
    check("the one before is kept", not os.path.islink("p.state.1") and os.path.getsize("p.state.1") > 0)
    check("once that it goes on", err.count("; the run goes on, and the checkpoint is tried again") == 1
          and err.count("checkpoints are written again") == 1, err)
    check("in --stats", json.loads(err.splitlines()[-1])["output"]["bytes"] == os.path.getsize("stream.csv"),
          err)
    # Nothing is lost where an output is full, and it is said.
    run = Run("--fresh", "-s", "output.path=/dev/full", "-s", "source.path=in.old", "p.ini", verb=("run",), header="")
    reasons(run, "an output cannot be written: /dev/full: No space left on device")
    check("it blocks", run.json("/stats")["stats"]["output"]["blocked_seconds"] > 0)
    run.process.stdin.close()
    run.process.kill()
    run.process.wait(timeout=50)


NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf'({NAME})(?:\{{(.*)\}})? (\S+)')
LABEL = re.compile(rf'({NAME})="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')


def lint(text):
    """What promtool would see, where it is not there: each family begins once, with its help and its
    type, before all of its samples; counters end in _total, and nothing else does; a sample comes once."""
    families, seen, family = {}, set(), None
    for line in text.decode().rstrip("\n").split("\n"):
        if line.startswith("# HELP "):
            family, words = line[7:].split(" ", 1)
            check("its help", words.strip() != "" and family not in families, line)
            families[family] = None
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            check("its type", name == family and families[family] is None, line)
            families[family] = kind
            check("the end of its name", (kind == "counter") == name.endswith("_total"), line)
        else:
            found = SAMPLE.fullmatch(line)
            check("a sample", found is not None, line)
            name, labels, value = found.groups()
            ends = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}
            check("of its family", any(name == family + end for end in ends.get(families[family], ("",))), line)
            check("its labels", LABEL.sub("", labels or "") == "", line)
            check("its value", float(value) == float(value) or value == "NaN", line)
            check("only once", (name, labels) not in seen, line)
            seen.add((name, labels))


def promtool(text):
    lint(text)
    if shutil.which("promtool") is None:
        return
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True,
                             check=False, timeout=50)
    check("promtool finds nothing", checked.returncode == 0 and not checked.stderr,
          checked.stderr.decode())


for test in (pages, hostile, local, metrics, asking, stream):
    began = time.monotonic()
    test()
    print(f"{test.__name__}: {time.monotonic() - began:.1f} s")
sys.exit(1 if failures else 0)
