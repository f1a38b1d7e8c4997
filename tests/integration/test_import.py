#!/usr/bin/python3
"""test_import.py - logs, exports and reports of other tools become the events that are written
down here, byte for byte; totals of transcripts are those of ccusage, a stranger that sums up
the same files; words of prompts never come out. `test_import.py --update` writes down what
comes now, and shows it."""
import collections
import gzip
import json
import lzma
import os
import pathlib
import shutil
import subprocess
import sys

from support import (GOODHART, PACKAGES, ROOT, done, goodhart, main, packages_install, path,
                     start, text)
from transcripts import SECRET, Transcripts

CASES = ROOT / "tests/integration/import"
# name of what is expected: the arguments
GOLDEN = {
    "litellm-array": ["litellm", "litellm-array.json"],
    "litellm-lines": ["litellm", "litellm-lines.ndjson", "--actor", "somebody"],
    "litellm-spend": ["litellm", "litellm-spend.csv"],
    "langfuse": ["langfuse", "langfuse.json"],
    "langfuse-csv": ["langfuse", "langfuse.csv"],
    "openai-usage": ["openai-usage", "openai-usage.json", "--people", "people.yaml"],
    "anthropic-usage": ["anthropic-usage", "anthropic-usage.json", "--people", "people.yaml"],
    "anthropic-claude-code": ["anthropic-claude-code", "anthropic-claude-code.json"],
    "cursor": ["cursor", "cursor.json", "--people", "people.yaml", "--team", "platform"],
    "cursor-csv": ["cursor", "cursor.csv", "--team", "platform"],
    "otlp": ["otlp", "otlp.jsonl"],
    "csv": ["csv", "gateway.csv", "--map", "gateway-map.json"],
    "claude-code": ["claude-code", "claude", "--actor", "ada"],
}
COUNTS = ["input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens"]


def told(arguments):
    """What a run in the folder of the cases says, by both ways."""
    ran = subprocess.run([GOODHART, "import", *arguments], cwd=CASES, capture_output=True,
                         timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode() + ran.stderr.decode()


def expected(name):
    return CASES / "expected" / f"{name}.txt"


def every_source_gives_what_was_written_down():
    os.utime(CASES / "people.yaml", (1786000000, 1786000000))  # its profiles tell the time
    for name, arguments in GOLDEN.items():
        assert told(arguments) == text(expected(name)), name


def words_never_come_out():
    for name in GOLDEN:
        assert SECRET not in text(expected(name)), name
    folder = Transcripts(7).write(path("words"), copies=True)
    status, output, errors = goodhart("import", "claude-code", "--actor", "ada", folder)
    assert status == 0 and SECRET not in output + errors


def every_event_is_taken():
    """By `check`, which goes the way of an event in the service."""
    for name in GOLDEN:
        events = "".join(line + "\n" for line in text(expected(name)).splitlines()
                         if line.startswith("{"))
        pathlib.Path(path("events.ndjson")).write_text(events)
        status, _, errors = goodhart("check", path("events.ndjson"))
        assert status == 0 and " 0 refused" in errors, (name, errors)


def totals(folder):
    """Tokens by day and model of what is imported."""
    sums, events = collections.Counter(), []
    for line in done("import", "claude-code", "--actor", "ada", folder).splitlines():
        event = json.loads(line)
        if event.get("kind") == "tick" or "model" not in event:
            continue
        events.append(event)
        for key in COUNTS:
            sums[event["ts"][:10], event["model"], key] += event.get(key, 0)
    return +sums, events


def totals_of_ccusage(folder):
    environment = os.environ | {"TZ": "UTC", "CLAUDE_CONFIG_DIR": folder, "LOG_LEVEL": "0"}
    ran = subprocess.run(["node", str(PACKAGES / "node_modules/ccusage/dist/index.js"), "daily",
                          "--json", "--offline"], env=environment, capture_output=True,
                         timeout=120, check=True)
    names = dict(zip(["inputTokens", "outputTokens", "cacheCreationTokens",
                      "cacheReadTokens"], COUNTS))
    return +collections.Counter({
        (day["date"], model["modelName"], ours): model[theirs]
        for day in json.loads(ran.stdout)["daily"] for model in day["modelBreakdowns"]
        for theirs, ours in names.items()})


def totals_of_transcripts_are_those_of_ccusage():
    packages_install()
    for seed in range(5):
        made = Transcripts(seed)
        plain = made.write(path(f"plain{seed}"), copies=False)
        sums, events = totals(plain)
        assert len(sums) > 20 and sums == totals_of_ccusage(plain), seed
        # It does not know copies in subagents' files, so there it is held against itself.
        copied = made.write(path(f"copied{seed}"), copies=True)
        again, _ = totals(copied)
        assert again == sums, seed
        assert sum(totals_of_ccusage(copied).values()) > sum(sums.values()), seed
        ids = [event["id"] for event in events]
        assert len(set(ids)) == len(ids)


def transcripts_are_found_where_they_usually_are():
    folder = Transcripts(1).write(path("home/.claude"), copies=False)
    wanted = done("import", "claude-code", "--actor", "ada", folder)
    for more in ({"HOME": path("home"), "CLAUDE_CONFIG_DIR": ""},
                 {"HOME": "/nonexistent", "CLAUDE_CONFIG_DIR": f"/nonexistent,{folder}"}):
        ran = subprocess.run([GOODHART, "import", "claude-code", "--actor", "ada"],
                             env=os.environ | more, capture_output=True, timeout=60, check=True)
        assert ran.stdout.decode() == wanted
    ran = subprocess.run([GOODHART, "import", "claude-code"], timeout=60, check=False,
                         env=os.environ | {"HOME": "/nonexistent", "CLAUDE_CONFIG_DIR": ""},
                         capture_output=True)
    assert ran.returncode == 2 and b"no transcripts in" in ran.stderr


def packed_files_and_pipes_give_the_same():
    plain = (CASES / "litellm-lines.ndjson").read_bytes()
    pathlib.Path(path("lines.gz")).write_bytes(gzip.compress(plain))
    pathlib.Path(path("lines.xz")).write_bytes(lzma.compress(plain))
    wanted = [line for line in told(GOLDEN["litellm-lines"]).splitlines() if line[0] == "{"]
    for file, stdin in ((path("lines.gz"), None), (path("lines.xz"), None), ("-", plain)):
        ran = subprocess.run([GOODHART, "import", "litellm", file], input=stdin, timeout=60,
                             capture_output=True, check=True)
        assert ran.stdout.decode().splitlines() == wanted, file


def calls(count):
    """Calls of LiteLLM, the newest first, which become long events."""
    for number in reversed(range(count)):
        yield json.dumps({
            "id": f"c-{number}", "trace_id": f"{number % 7}" * 250, "status": "success",
            "prompt_tokens": number, "completion_tokens": 1, "startTime": 1786000000 + number,
            "model": "gpt-5", "messages": SECRET * 20,
            "metadata": {"user_api_key_user_id": f"u{number % 9}"}})


def much_is_sorted_in_little_memory():
    """80 MB of events from a file that is not in order come out in order of time."""
    count = 130000
    with open(path("much.ndjson"), "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in calls(count))
    running = start([GOODHART, "import", "litellm", path("much.ndjson")])
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0, text(running.err_path)
    assert os.path.getsize(running.out_path) > 70e6
    assert used.ru_maxrss < 90000, used.ru_maxrss  # in kB
    with open(running.out_path, encoding="utf-8") as file:
        for number, line in enumerate(file):
            assert number == count or f'"id":"response:c-{number}"' in line, number
    assert number == count


def complaints_are_bounded_and_counted():
    pathlib.Path(path("bad.ndjson")).write_text("{\"a\":1\n" * 5000)
    status, output, errors = goodhart("import", "litellm", path("bad.ndjson"))
    assert status == 1 and output == "" and "5000 lines or files refused" in errors
    assert len(errors.splitlines()) < 110 and "nothing could be read" in errors


def wrong_usage_is_told():
    for arguments, wanted in (
            (["nothing", "x"], "formats are claude-code, otlp, litellm"),
            (["litellm"], "name its files"), (["azure-trace"], "name its files"),
            (["csv", str(CASES / "gateway.csv")], "--map FILE"),
            (["litellm", "x", "--actors", "3"], "is for traces"),
            (["azure-trace", "x", "--map", "y"], "--map, --people"),
            (["litellm", "x", "--actor", ""], "--actor: 1 to"),
            (["csv", "x", "--map", str(CASES / "gateway.csv")], "gateway.csv:1:")):
        status, output, errors = goodhart("import", *arguments)
        assert status == 2 and output == "" and wanted in errors, (arguments, errors)
    status, output, errors = goodhart("import", "litellm", "/nonexistent/file")
    assert status == 1 and output == "" and "cannot be opened" in errors


def a_limit_holds():
    events = done("import", "otlp", str(CASES / "otlp.jsonl"), "--limit", "1").splitlines()
    assert len(events) == 2 and '"kind":"tick"' in events[1]


def update():
    shutil.rmtree(CASES / "expected", ignore_errors=True)
    (CASES / "expected").mkdir()
    os.utime(CASES / "people.yaml", (1786000000, 1786000000))
    for name, arguments in GOLDEN.items():
        expected(name).write_text(told(arguments))
    subprocess.run(["git", "--no-pager", "diff", "--stat", "--", str(CASES)], check=False)


if sys.argv[1:] == ["--update"]:
    update()
else:
    main([
        every_source_gives_what_was_written_down,
        words_never_come_out,
        every_event_is_taken,
        totals_of_transcripts_are_those_of_ccusage,
        transcripts_are_found_where_they_usually_are,
        packed_files_and_pipes_give_the_same,
        much_is_sorted_in_little_memory,
        complaints_are_bounded_and_counted,
        wrong_usage_is_told,
        a_limit_holds,
    ])
