#!/usr/bin/python3
"""What a service keeps: killed, stopped, with other settings, with a disk that is full.

    test_durable.py [KILLS]    so many at random moments; 1000 in make torture"""
import glob
import json
import os
import random
import signal
import sys
import time

from keeper import Keeper, shim
from support import (NO_HTTP, Subscriber, company, ended, goodhart, main, path, replayed, text,
                     until)

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
stream = {}


def part(number, of=2):
    """A part of the stream, from 0, as a file."""
    name = path(f"part-{number}-{of}")
    if not os.path.exists(name):
        with open(stream["file"], encoding="utf-8") as file:
            all_lines = file.readlines()
        at = [len(all_lines) * i // of for i in range(of + 1)]
        with open(name, "w", encoding="utf-8") as file:
            file.writelines(all_lines[at[number]:at[number + 1]])
    return name


def findings(bodies):
    return sorted({json.loads(body)["data"]["finding"] for body in bodies})


def a_stream_and_what_a_replay_makes_of_it():
    stream["file"] = company(60, 6, 0.3, 6)
    stream.update(bodies=replayed(stream["file"]),
                  events=len(text(stream["file"]).splitlines()))
    assert len(stream["bodies"]) > 100


def killed_at_random_moments_nothing_is_lost_and_nothing_said_twice():
    keeper = Keeper("killed", store__snapshot_interval=1).start()
    rate = max(100, stream["events"] // KILLS)  # a second, for each of them
    sender = keeper.sender(stream["file"], "--batch", "64", "--rate", str(rate))
    lot, kills = random.Random(4), 0
    while sender.poll() is None and kills < KILLS:
        time.sleep(lot.uniform(0.01, 1.2))
        keeper.kill()
        kills += 1
        keeper.start(wait=False)
    status, output, errors = ended(sender, 90 + 2 * KILLS)
    assert status == 0, errors
    said = json.loads(output)
    assert said["acknowledged"] == said["events"] == stream["events"], said
    until(lambda: "run: alerts on" in text(keeper.process.err_path), 60)
    assert keeper.kept() == stream["bodies"]
    counters = keeper.stop()
    assert counters["events"] == counters["applied"] == stream["events"], counters
    print(f"# {kills} kills, {said['resent']} events sent again")
    assert kills >= KILLS / 3
    status, output, errors = keeper.verified()
    assert status == 0, output + errors
    stream["keeper"] = keeper


def a_finding_can_be_derived_again_byte_for_byte():
    keeper = stream["keeper"]
    for finding in findings(stream["bodies"])[::15]:
        status, output, errors = keeper.rederived(finding)
        said = json.loads(output)
        assert status == 0 and said["same"] == said["alerts"] > 0, errors
        assert said["from"] == 0 and said["other"] == 0
    status, _, errors = keeper.rederived("0" * 32)
    assert status == 2 and "no such finding" in errors, errors


def a_second_service_on_the_same_folder_is_refused():
    keeper = stream["keeper"].start()
    status, _, errors = goodhart("run", *keeper.sets({"store.folder"}), "--set",
                                 f"intake.pull=ipc://{path('other')}", *NO_HTTP)
    assert status == 1 and keeper.folder in errors, errors
    keeper.stop()


def after_a_stop_numbers_go_on():
    keeper = Keeper("stopped").start()
    keeper.send(part(0))
    before = keeper.stop()
    keeper.start()
    subscriber = Subscriber(keeper, "alert/")
    keeper.send(part(1))
    alerts = subscriber.collect(len(stream["bodies"]))
    assert [number for _, number, _ in alerts] == list(
        range(before["alerts"] + 1, len(stream["bodies"]) + 1))
    assert [body for _, _, body in alerts] == stream["bodies"][before["alerts"]:]
    assert keeper.kept() == stream["bodies"]
    assert keeper.kept(before["alerts"]) == stream["bodies"][before["alerts"]:]
    keeper.stop()
    assert "are replayed" not in text(keeper.process.err_path)  # the last snapshot had it all


def settings_that_change_hold_from_then_on_and_stay_known():
    keeper = Keeper("changed").start()
    keeper.send(part(0))
    keeper.stop()
    keeper.settings |= {"incident.warning_usd": 0, "alerts.source": "elsewhere",
                        "service.shards": 2}
    keeper.start()
    keeper.send(part(1))
    keeper.kill()
    for snapshot in glob.glob(f"{keeper.folder}/snapshot-*"):
        os.remove(snapshot)
    bodies = keeper.start().kept()  # from the first event, under both
    sources = [json.loads(body)["source"] for body in bodies]
    assert sources == sorted(sources, reverse=True)
    assert set(sources) == {"goodhart", "elsewhere"}
    severities = [{json.loads(body)["data"]["severity"] for body, where in zip(bodies, sources)
                   if where == source} for source in ("goodhart", "elsewhere")]
    assert "notice" in severities[0] and severities[1] == {"warning"}, severities
    for finding in findings(bodies)[::20]:
        status, output, errors = keeper.rederived(finding)
        assert status == 0 and json.loads(output)["other"] == 0, errors
    keeper.stop()
    assert len(glob.glob(f"{keeper.folder}/basis-*.yaml")) == 2
    keeper.settings |= {"evidence.epoch": 35}
    process = keeper.start(wait=False).process
    status, _, errors = ended(process)
    assert status == 2 and "evidence.epoch" in errors, errors


def what_a_team_has_of_its_own_is_kept_with_the_log():
    teams = [json.loads(body)["data"]["team"] for body in stream["bodies"]]
    team = max(set(teams), key=teams.count)
    with open(path("teams.yaml"), "w", encoding="utf-8") as file:
        file.write(f"overrides:\n- team: {team}\n  reason: all of it is dear there\n"
                   "  set: {incident.warning_usd: 0}\n")
    keeper = Keeper("teams")
    keeper.file = "--config", path("teams.yaml")
    keeper.start().send(part(0))
    before = keeper.kept()
    data = [json.loads(body)["data"] for body in before]
    notices = {row["team"] for row in data if row["severity"] == "notice"}
    assert notices and team not in notices, notices
    assert before != stream["bodies"][:len(before)]
    keeper.kill()
    for snapshot in glob.glob(f"{keeper.folder}/snapshot-*"):
        os.remove(snapshot)
    keeper.file = ()
    assert keeper.start().kept() == before  # under what held then, not under what holds now
    for finding in findings(before)[::20]:
        status, output, errors = keeper.rederived(finding)
        assert status == 0 and json.loads(output)["other"] == 0, errors
    keeper.stop()
    assert len(glob.glob(f"{keeper.folder}/basis-*.yaml")) == 2


def a_snapshot_that_is_damaged_costs_only_time():
    keeper = Keeper("damaged", store__snapshot_interval=1).start()
    keeper.send(part(0), "--rate", "20000")
    keeper.send(part(1), "--rate", "20000")
    keeper.kill()
    snapshots = sorted(glob.glob(f"{keeper.folder}/snapshot-*.zst"))
    assert len(snapshots) >= 2
    os.truncate(snapshots[-1], os.path.getsize(snapshots[-1]) // 2)
    assert keeper.start().kept() == stream["bodies"]
    errors = text(keeper.process.err_path)
    assert os.path.basename(snapshots[-1]) in errors and "are replayed" in errors, errors
    keeper.stop()


def a_log_that_is_damaged_is_named_and_not_used():
    keeper = Keeper("flipped").start()
    keeper.send(part(0))
    keeper.stop()
    for file in glob.glob(f"{keeper.folder}/snapshot-*"):
        os.remove(file)
    log = glob.glob(f"{keeper.folder}/log-*.db")[0]
    with open(log, "r+b") as file:
        file.seek(os.path.getsize(log) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    status, output, errors = keeper.verified()
    assert status == 1 and os.path.basename(log) in output, output + errors
    status, _, errors = ended(keeper.start(wait=False).process)
    assert status == 1 and "log-" in errors, errors


def a_full_disk_stops_acknowledgements_and_ends_by_itself():
    flag = path("full")
    keeper = Keeper("full-disk", {"LD_PRELOAD": shim(), "FAIL_IO_FOLDER": path("full-disk"),
                                  "FAIL_IO_FLAG": flag}, store__snapshot_interval=1).start()
    keeper.send(part(0, 3))
    for at, number in ((1, 28), (2, 5)):  # ENOSPC, EIO
        with open(flag, "w", encoding="utf-8") as file:
            file.write(str(number))
        sender = keeper.sender(part(at, 3))
        subscriber = Subscriber(keeper, "alert/", wait=False)
        time.sleep(2.5)
        assert sender.poll() is None, "it was told that all is on disk"
        assert subscriber.next() is not None, "heartbeats go on"
        os.remove(flag)
        status, output, errors = ended(sender, 60)
        assert status == 0, errors
        said = json.loads(output)
        assert said["acknowledged"] == said["events"] > 0, said
    errors = text(keeper.process.err_path)
    assert errors.count("nothing is taken") >= 2 and "disk is full" in errors, errors
    assert keeper.kept() == stream["bodies"]
    keeper.stop()
    status, output, errors = keeper.verified()
    assert status == 0, output + errors


def a_ledger_that_cannot_be_written_costs_no_alert():
    flag = path("no-ledger")
    keeper = Keeper("ledger-full", {
        "LD_PRELOAD": shim(), "FAIL_IO_FOLDER": path("ledger-full/ledger"),
        "FAIL_IO_FLAG": flag}).start()
    keeper.send(part(0, 3))
    with open(flag, "w", encoding="utf-8") as file:
        file.write("28")
    sender = keeper.sender(part(1, 3))
    until(lambda: "nothing is taken" in text(keeper.process.err_path))
    keeper.process.send_signal(signal.SIGTERM)  # while the log has more than the ledger
    status, _, errors = ended(keeper.process)
    assert status == 1 and "ledger" in errors, errors
    os.remove(flag)
    keeper.start()
    status, _, errors = ended(sender, 60)
    assert status == 0, errors
    keeper.send(part(2, 3))
    assert keeper.kept() == stream["bodies"]
    keeper.stop()
    status, output, errors = keeper.verified()
    assert status == 0, output + errors


def what_is_refused_is_told_by_number():
    keeper = Keeper("refused").start()
    good = '{"id":"g%d","ts":"2026-03-02T09:00:00Z","actor":"ann","input_tokens":1}'
    with open(path("mixed"), "w", encoding="utf-8") as file:
        file.write("\n".join([good % 1, '{"id":"b1","ts":1}', good % 2, good % 1, "{broken}",
                              good % 3]) + "\n")
    said, errors = keeper.send(path("mixed"))
    assert said["rejected"] == 2 and said["acknowledged"] == 6, said
    assert "event 2 is refused" in errors and "event 5 is refused" in errors, errors
    counters = keeper.stop()
    assert (counters["applied"], counters["duplicates"], counters["refused"]) == (3, 1, 2)
    assert counters["events"] == 6


def a_stream_goes_on_where_it_was():
    keeper = Keeper("resumed").start()
    keeper.send(part(0), "--stream", "12" * 16)
    said, _ = keeper.send(part(0), "--stream", "12" * 16)
    assert said["acknowledged"] == 0 and said["events"] == 0, said
    assert said["known_before"] == len(text(part(0)).splitlines())
    counters = keeper.stop()
    assert counters["duplicates"] == 0


main([
    a_stream_and_what_a_replay_makes_of_it,
    killed_at_random_moments_nothing_is_lost_and_nothing_said_twice,
    a_finding_can_be_derived_again_byte_for_byte,
    a_second_service_on_the_same_folder_is_refused,
    after_a_stop_numbers_go_on,
    settings_that_change_hold_from_then_on_and_stay_known,
    what_a_team_has_of_its_own_is_kept_with_the_log,
    a_snapshot_that_is_damaged_costs_only_time,
    a_log_that_is_damaged_is_named_and_not_used,
    a_full_disk_stops_acknowledgements_and_ends_by_itself,
    a_ledger_that_cannot_be_written_costs_no_alert,
    what_is_refused_is_told_by_number,
    a_stream_goes_on_where_it_was,
])
