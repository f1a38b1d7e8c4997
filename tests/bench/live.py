"""The service and its peers on one stream over ZeroMQ: who they are, what they need, and the
rows that bench_live and peer_midas print of them."""
import json
import os
import platform
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(TOP, "build/venv-river")
RIVER = ["river==0.22.0", "pyzmq==26.2.0"]
NODE = os.path.join(TOP, "build/node")
PEER = os.path.join(TOP, "tests/bench/peer_live.py")
SLOW = 20  # a detector of River gets this many times fewer events


def rows_of(command, **options):
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options)
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def machine():
    """What the rows were measured on."""
    model = "unknown"
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next((l.split(":", 1)[1].strip() for l in lines
                          if l.startswith("model name")), model)
    return {"processor": model, "cores": os.cpu_count(), "system": platform.system()}


def skip(name, why):
    print(f"{name} is left out: {why}", file=sys.stderr)


def river():
    """The Python of an environment that has River, or None. It shares nothing with the
    system's, whose libraries are built for another NumPy."""
    python = os.path.join(VENV, "bin/python")
    for command in ([], ["/usr/bin/python3", "-m", "venv", VENV],
                    [python, "-m", "pip", "install", "--quiet", "--no-input", *RIVER]):
        if command and (command[0] != python or os.path.exists(python)):
            subprocess.run(command, check=False)
        if os.path.exists(python) and subprocess.run(
                [python, "-c", "import river, zmq"], check=False,
                stderr=subprocess.DEVNULL).returncode == 0:
            return python
    return None


def node():
    """Whether Node has ZeroMQ, as in the integration tests."""
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    if not os.path.isdir(os.path.join(NODE, "node_modules/zeromq")):
        os.makedirs(NODE, exist_ok=True)
        shutil.copy("tests/integration/package.json", NODE)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts",
                        "--no-package-lock"], cwd=NODE, check=False,
                       stdout=subprocess.DEVNULL)
    return os.path.isdir(os.path.join(NODE, "node_modules/zeromq"))


def peer_rows(program, path, events):
    found = []

    def peer(name, count, *command):
        found.extend(rows_of([program, path, "--peer", name, str(count), *command],
                             env={**os.environ, "NODE_PACKAGES": NODE}))
    peer("Python, counts", events, "/usr/bin/python3", PEER, "count")
    if node():
        peer("Node, counts", events, "node", "tests/bench/peer_live.mjs")
    else:
        skip("Node", "no node with npm's zeromq")
    python = river()
    for name in ("adwin", "gaussian", "trees") if python else ():
        peer(f"River {name}", events // SLOW, python, PEER, name)
    if not python:
        skip("River", f"pip cannot install {' '.join(RIVER)}")
    return found


def edges(path, out):
    """Who called what: caller, or else actor, to agent, by the minute."""
    number, first = {}, None
    with open(path, encoding="utf-8") as lines, open(out, "w", encoding="ascii") as file:
        for line in lines:
            event = json.loads(line)
            if "agent" not in event:
                continue
            # "2026-02-02T00:01:…": minutes of one month are enough.
            ts = event["ts"]
            at = (int(ts[8:10]) * 24 + int(ts[11:13])) * 60 + int(ts[14:16])
            first = at if first is None else first
            ends = (number.setdefault(end, len(number)) for end in (
                event.get("caller", event["actor"]), event["agent"]))
            file.write("{},{},{}\n".format(*ends, max(at - first, 0) + 1))


def midas_rows(path):
    """The published MIDAS, where the environment says where its sources are."""
    where = os.environ.get("MIDAS")
    program, table = "build/bench/peer_midas", "build/bench/edges.csv"
    if not where:
        skip("MIDAS", "MIDAS=FOLDER names no checkout of github.com/Stream-AD/MIDAS")
        return []
    if not shutil.which("g++") or subprocess.run(
            ["g++", "-O2", "-std=c++11", "-I", os.path.join(where, "src"), "-o", program,
             "tests/bench/peer_midas.cpp"], check=False).returncode != 0:
        skip("MIDAS", f"g++ makes no program of {where}/src")
        return []
    edges(path, table)
    with open(table, encoding="ascii") as lines:
        return rows_of([program], stdin=lines)


def rows(program, path, arguments, events):
    """Of the service and of the limit, then of everybody else: the same log, the same run. No
    peers where `events` is 0."""
    found = rows_of([program, path, *arguments])
    return found + peer_rows(program, path, events) + midas_rows(path) if events else found
