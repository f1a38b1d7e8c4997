#!/usr/bin/python3
"""Events into the service: frames of every shape, bad events, ends under load."""
import json
import os
import signal
import stat
import time

import zmq

from support import (ANYWHERE, BASE_MS, GOODHART, NO_HTTP, PATIENCE, Service, Subscriber,
                     context, ended, goodhart, lines, main, path, start, text, until, usage,
                     write)


def every_shape_of_frame_is_taken():
    service = Service()
    pretty = json.dumps(json.loads(usage(9)), indent=2)
    service.push(usage(0), f"[{usage(1)}, {usage(2)}]", f"{usage(3)}\n{usage(4)}\n",
                 [usage(5), usage(6), f"[{usage(7)},{usage(8)}]"], pretty)
    counters = service.stop()
    assert counters["applied"] == counters["events"] == 10, counters
    assert counters["frames"] == 7, counters  # every part is a frame of its own
    assert counters["actors"] == 7, counters


# Reason and an event that is wrong in that one way.
BAD = [
    ("too_long", usage(100, x="y" * 70000)),
    ("encoding", usage(101).replace("user3", "us\udcff").encode("utf-8", "surrogateescape")),
    ("syntax", usage(102)[:-1] + ",}"),
    ("syntax", "not json at all"),
    ("nested", usage(103, actor={"name": "x"})),
    ("duplicate_key", usage(104)[:-1] + ', "id": "again"}'),
    ("version", usage(105, v=2)),
    ("kind", usage(106, kind="gossip")),
    ("missing", json.dumps({"id": "e107", "ts": BASE_MS})),
    ("type", usage(108, input_tokens="many")),
    ("range", usage(109, input_tokens=-3)),
    ("length", usage(110, actor="")),
    ("length", usage(111, actor="a" * 257)),
    ("control", usage(112, actor="a\u0007b")),
    ("value", usage(113, status="fine")),
    ("time", usage(114, ts="2026-02-30T00:00:00Z")),
]


def each_bad_event_is_refused_alone_and_told_with_place_and_reason():
    letters = path("letters.ndjson")
    service = Service(intake__dead_letters=letters)
    frame = b""
    wanted = {}
    for number, (reason, event) in enumerate(BAD):
        wanted[reason] = wanted.get(reason, 0) + 1
        good = usage(number).encode()
        frame += good + b"\n" + (event if isinstance(event, bytes) else event.encode()) + b"\n"
    service.push(frame)
    counters = service.stop()
    assert counters["applied"] == len(BAD), counters
    assert counters["refused"] == counters["dead_letters"] == len(BAD), counters
    refused = {reason: count for reason, count in counters["refused_by"].items() if count}
    assert refused == wanted, refused
    record = lines(letters)
    assert [letter["reason"] for letter in record] == [reason for reason, _ in BAD]
    assert [letter["index"] for letter in record] == list(range(1, 2 * len(BAD), 2))
    assert [letter["line"] for letter in record] == list(range(2, 2 * len(BAD) + 1, 2))
    assert all(letter["source"] == service.events and letter["text"] for letter in record)
    assert all(len(letter.get("event", "")) <= 65536 for letter in record)
    assert stat.S_IMODE(os.stat(letters).st_mode) == 0o600


def a_bad_event_in_an_array_costs_itself_alone():
    service = Service()
    service.push(f"[{usage(1)}, {usage(2, v=3)}, {usage(3)}]", "[1, 2]", "", "[]")
    counters = service.stop()
    assert (counters["applied"], counters["refused"]) == (2, 3), counters


def an_event_is_counted_once_under_one_of_four_names():
    service = Service()
    service.push("\n".join([usage(0), usage(0), usage(1), usage(2, v=2),
                            usage(3, ts=BASE_MS + 40 * 86400 * 1000)]))
    counters = service.stop()
    assert counters["duplicates"] == 1, counters
    assert counters["refused_by"]["future"] == 1, counters
    parts = sum(counters[name] for name in ("applied", "duplicates", "late", "refused"))
    assert parts == counters["events"] == 5, counters


def a_publisher_is_listened_to_and_its_topic_is_no_event():
    publisher = context.socket(zmq.XPUB)
    port = publisher.bind_to_random_port("tcp://127.0.0.1")
    service = Service(intake__pull="", intake__subscribe=f"tcp://127.0.0.1:{port}")
    assert service.events is None
    assert publisher.poll(PATIENCE * 1000) and publisher.recv() == b"\x01"
    publisher.send_multipart([b"usage.eu", usage(1).encode()])
    publisher.send(usage(2).encode())
    time.sleep(0.3)
    counters = service.stop()
    assert (counters["applied"], counters["refused"]) == (2, 0), counters
    publisher.close()


def a_frame_that_is_too_large_costs_its_producer_alone():
    service = Service(intake__frame_bytes=65536)
    service.push(usage(1))
    large = context.socket(zmq.PUSH)
    large.connect(service.events)
    large.send(b"x" * 100000)
    time.sleep(0.3)
    service.push(usage(2))
    counters = service.stop()
    large.close()
    assert (counters["applied"], counters["frames"]) == (2, 2), counters


def send_batches_lines_and_tells_what_it_sent():
    service = Service()
    file = write("two.ndjson", [usage(n) for n in range(1000)] + ["", "broken"])
    sent = service.send(file, "--batch", "100")
    counters = service.stop()
    assert (sent["events"], sent["frames"]) == (1001, 11), sent
    assert (counters["applied"], counters["refused"]) == (1000, 1), counters
    assert counters["frames"] == 11, counters


def send_keeps_to_a_rate():
    service = Service()
    file = write("rate.ndjson", [usage(n) for n in range(100)])
    began = time.monotonic()
    service.send(file, "--rate", "100")
    took = time.monotonic() - began
    service.stop()
    assert 0.85 < took < 5, took


def send_fails_in_time_when_nobody_listens():
    file = write("one.ndjson", [usage(1)])
    began = time.monotonic()
    status, output, errors = goodhart("send", file, "--endpoint", "tcp://127.0.0.1:9",
                                      "--timeout", "0.5")
    assert status == 1 and output == "", (status, output)
    assert "nobody has listened" in errors and "goodhart run" in errors, errors
    assert time.monotonic() - began < 5


def beat_events(service):
    """Events taken so far, as the heartbeat tells."""
    subscriber = Subscriber(service, wait=False)
    beat = json.loads(subscriber.next()[2])
    subscriber.socket.close()
    return beat["events"]


def a_term_after_a_clean_send_loses_nothing():
    """The sender has left, its frames may still be in the kernel: the hardest moment."""
    file = write("load.ndjson", [usage(n) for n in range(60000)])
    service = Service(intake__high_water_mark=10)
    sent = service.send(file)
    counters = service.stop()
    assert sent["events"] == counters["events"] == counters["applied"] == 60000, counters


def a_term_loses_nothing_that_the_kernel_holds():
    """The service sleeps while frames arrive, and wakes with the signal before it."""
    service = Service(intake__high_water_mark=10)
    producer = context.socket(zmq.PUSH)
    producer.sndhwm = 0
    producer.connect(service.events)
    producer.send(usage(0).encode())
    until(lambda: beat_events(service) == 1)
    service.process.send_signal(signal.SIGSTOP)
    for number in range(1, 5001):
        producer.send(usage(number).encode())
    time.sleep(0.3)
    service.process.send_signal(signal.SIGTERM)
    service.process.send_signal(signal.SIGCONT)
    counters = service.counters()
    producer.close()
    assert counters["applied"] == 5001, counters


def a_term_amid_a_send_ends_in_time_with_counters_that_add_up():
    service = Service()
    file = write("long.ndjson", [usage(n) for n in range(3000)])
    sender = start([GOODHART, "send", file, "--endpoint", service.events, "--rate", "1000",
                    "--timeout", "1"])
    time.sleep(1)
    began = time.monotonic()
    counters = service.stop()
    took = time.monotonic() - began
    assert took < 9, took
    parts = sum(counters[name] for name in ("applied", "duplicates", "late", "refused"))
    assert 0 < counters["events"] == parts, counters
    status, output, errors = ended(sender)
    assert status in (0, 1), errors
    assert json.loads(output)["events"] >= counters["events"], output


def an_interrupt_ends_it_as_a_term_does():
    service = Service()
    service.push(usage(1))
    assert service.stop(signal.SIGINT)["applied"] == 1


def it_ends_by_itself_after_quiet_when_asked_to():
    service = Service("--exit-after-idle", "0.5", "--summary", path("summary.json"))
    time.sleep(0.7)
    assert service.process.poll() is None  # nothing has come yet
    service.push(usage(1))
    counters = service.counters()
    assert counters["applied"] == 1
    assert lines(path("summary.json"))[0]["applied"] == 1


def an_endpoint_that_is_taken_is_an_error_that_says_what_to_do():
    service = Service()
    for option, endpoint in (("intake.pull", service.events), ("alerts.publish",
                                                                service.alerts)):
        other = "alerts.publish" if option == "intake.pull" else "intake.pull"
        status, output, errors = goodhart("run", "--set", f"{option}={endpoint}", "--set",
                                          f"{other}={ANYWHERE}", *NO_HTTP)
        assert status == 1 and output == "", (status, output)
        assert f"{option}: {endpoint}: " in errors, errors
        assert "another program has it" in errors, errors
        assert "events on" not in errors, errors
    service.stop()


def an_endpoint_of_another_kind_is_a_wrong_configuration():
    for endpoint in ("5601", "udp://127.0.0.1:5601", "tcp://127.0.0.1"):
        status, _, errors = goodhart("run", "--set", f"intake.pull={endpoint}", "--set",
                                     f"alerts.publish={ANYWHERE}", *NO_HTTP)
        assert status == 2 and "intake.pull" in errors and "tcp://" in errors, errors


def a_full_disk_for_dead_letters_does_not_stop_it():
    service = Service(intake__dead_letters="/dev/full")
    service.push("broken", usage(1))
    until(lambda: "No space left" in text(service.process.err_path))
    service.push("broken", usage(2))
    counters = service.stop()
    assert (counters["applied"], counters["refused"]) == (2, 2), counters
    assert counters["dead_letters_failed"] == 2, counters
    assert text(service.process.err_path).count("No space left") == 1


main([
    every_shape_of_frame_is_taken,
    each_bad_event_is_refused_alone_and_told_with_place_and_reason,
    a_bad_event_in_an_array_costs_itself_alone,
    an_event_is_counted_once_under_one_of_four_names,
    a_publisher_is_listened_to_and_its_topic_is_no_event,
    a_frame_that_is_too_large_costs_its_producer_alone,
    send_batches_lines_and_tells_what_it_sent,
    send_keeps_to_a_rate,
    send_fails_in_time_when_nobody_listens,
    a_term_after_a_clean_send_loses_nothing,
    a_term_loses_nothing_that_the_kernel_holds,
    a_term_amid_a_send_ends_in_time_with_counters_that_add_up,
    an_interrupt_ends_it_as_a_term_does,
    it_ends_by_itself_after_quiet_when_asked_to,
    an_endpoint_that_is_taken_is_an_error_that_says_what_to_do,
    an_endpoint_of_another_kind_is_a_wrong_configuration,
    a_full_disk_for_dead_letters_does_not_stop_it,
])
