"""Connections stay open while the configuration is read again: rows that have begun go on."""
import os, signal, socket, subprocess, sys, time

ini = """[source]
type = csv
header = false
columns = t, v
path = unix://%s
[window]
time = t
size = 10s
[aggregate n]
type = count
[aggregate s]
type = sum
column = v
%s[output]
path = sockets.csv
append = true
[checkpoint]
path = sockets.state
"""


def until(what):
    end = time.monotonic() + 40
    while not what():
        assert time.monotonic() < end and process.poll() is None, open("sockets.err").read()
        time.sleep(0.005)


def connect(name):
    end = time.monotonic() + 40
    while True:
        one = socket.socket(socket.AF_UNIX)
        try:
            one.connect(name)
            return one
        except OSError:
            one.close()
            assert time.monotonic() < end
            time.sleep(0.005)


def configure(paths, more=""):
    with open("sockets.ini", "w") as file:
        file.write(ini % (paths, more))


def reload(n):
    process.send_signal(signal.SIGHUP)
    until(lambda: open("sockets.err").read().count("read again") == n)


here = os.getcwd()
configure(here + "/one")
process = subprocess.Popen([sys.argv[1], "run", "sockets.ini"], stderr=open("sockets.err", "w"))
first = connect("one")
first.sendall(b"1,1\n2,2\n11,4\n12,")
until(lambda: os.path.exists("sockets.csv") and ":10Z,2,3" in open("sockets.csv").read())
configure(here + "/one, unix://" + here + "/two", "[aggregate m]\ntype = max\ncolumn = v\n")
reload(1)
first.sendall(b"8\n")
second = connect("two")
second.sendall(b"13,16\n21,1\n")
configure(here + "/two", "[aggregate m]\ntype = max\ncolumn = v\n")
reload(2)
assert not os.path.exists("one")
first.sendall(b"14,32\n22,1\n")
until(lambda: ":20Z," in open("sockets.csv").read().split("\n", 2)[2])
process.send_signal(signal.SIGTERM)
assert process.wait(40) == 0
last = open("sockets.csv").read().splitlines()[-1]
assert last == "1970-01-01T00:00:10Z,1970-01-01T00:00:20Z,4,60,32", last
assert "one: nobody listens there any more" in open("sockets.err").read()
