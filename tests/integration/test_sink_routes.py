#!/usr/bin/python3
"""Routes: each team hears of its own findings where it looks, whatever becomes of the others;
and what is changed in files holds without a restart."""
import base64
import hashlib
import hmac
import json
import os
import signal

from keeper import Keeper
from sink_peers import (Mail, Web, adds_up, alerts_of, counts, free_port, in_order, newest,
                        secret, settled)
from support import company, goodhart, main, path, text, until

TEAMS = ("team-1", "team-2", "team-3")
OLD, NEW = "a secret of more than 24 bytes", "another one of more than 24 bytes"
made = {}


def routes(name, *rows):
    """A routes file, as JSON, for that is YAML."""
    with open(path(name), "w", encoding="utf-8") as file:
        json.dump({"routes": rows}, file)
    return path(name)


def webhook(name, url, **more):
    return {"name": name, "sink": "webhook", "address": url} | more


def halves():
    """The stream in two files, and who it is about."""
    with open(company(40, 7, 0.3, 5), encoding="utf-8") as file:
        lines = file.readlines()
    for number, part in enumerate((lines[:len(lines) // 2], lines[len(lines) // 2:])):
        with open(path(f"half-{number}"), "w", encoding="utf-8") as file:
            file.writelines(part)
    made["halves"] = path("half-0"), path("half-1")


def of_team(alerts, team):
    return [alert for alert in alerts if json.loads(alert)["data"]["team"] == team]


def fed(keeper):
    for half in made["halves"]:
        keeper.send(half)
    return keeper.kept()


def reload(keeper, words):
    """Asks by signal, and waits until it is said."""
    said = text(keeper.process.err_path).count(words)
    keeper.process.send_signal(signal.SIGHUP)
    until(lambda: text(keeper.process.err_path).count(words) > said)


def each_team_hears_of_its_own_and_a_dead_route_holds_up_nobody():
    halves()
    web, chat, mail = Web(), Web(), Mail()
    file = routes(
        "own", *[webhook(team, f"{web.url}/{team}", teams=[team]) for team in TEAMS],
        webhook("dead", f"http://127.0.0.1:{free_port()}", teams="team-1"),
        {"name": "pay", "sink": "slack", "secret": secret("chat", chat.url + "/T/word"),
         "teams": ["team-1", "team-2"], "severity": "notice", "actor": "true"},
        {"name": "leads", "sink": "mail", "address": ["a@peer.test", "b@peer.test"],
         "teams": ["team-3"], "severity": "notice"})
    keeper = Keeper("own-service", sinks__routes=file, sinks__slack_window=8,
                    sinks__slack_rate=60, sinks__mail=mail.url, sinks__mail_tls="false",
                    sinks__mail_from="gh@peer.test", sinks__mail_interval=8).start()
    alerts = fed(keeper)
    names = [f"webhook {team}" for team in TEAMS] + ["slack pay", "mail leads"]
    for name in names:
        settled(keeper, name, len(alerts))
    summary = keeper.stop()
    for server in (web, chat, mail):
        server.close()
    for team in TEAMS:
        got = [post["body"].decode() for post in web.taken if post["path"] == f"/{team}"]
        assert got == of_team(alerts, team) and got, team
    for name in names:
        adds_up(counts(summary, name), len(alerts))
    dead = counts(summary, "webhook dead")
    assert dead["told"] == 0 and dead["waiting"] > 0 and "connect" in dead["trouble"], dead
    assert counts(summary, "slack pay")["told"] == sum(
        len(newest(alerts_of(of_team(alerts, team)))) for team in TEAMS[:2])
    assert mail.mails[0][0] == ["a@peer.test", "b@peer.test"]
    told = mail.mails[0][1].get_body(("plain",)).get_content()
    for key in newest(alerts_of(of_team(alerts, "team-3"))):
        assert f"Finding: {key}" in told
    assert "word" not in text(keeper.process.err_path)


def after_kills_no_route_has_left_anything_out():
    port, taken = free_port(), []
    file = routes("killed", *[webhook(team, f"http://127.0.0.1:{port}/{team}", teams=team)
                              for team in TEAMS])
    keeper = Keeper("killed-service", sinks__routes=file).start()
    alerts = fed(keeper)  # while nobody is there
    wanted = {team: of_team(alerts, team) for team in TEAMS}

    def got(posts, team):
        return [post["body"].decode() for post in posts if post["path"] == f"/{team}"]

    def whole(posts):
        return all(set(got(posts, team)) == set(wanted[team]) for team in TEAMS)

    for stop in (3, 9, 20):
        keeper.kill()
        web = Web(port=port)
        keeper.start()
        until(lambda: len(web.posts) >= stop or whole(taken + web.taken), 60)
        keeper.kill()
        web.close()
        taken += web.taken
        keeper.start()
    web = Web(port=port)
    until(lambda: whole(taken + web.taken), 90)
    keeper.stop()
    web.close()
    for team in TEAMS:
        in_order(got(taken + web.taken, team), wanted[team])


def signed_with(post, secret_text):
    head = post["headers"]
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + post["body"]
    mac = base64.b64encode(hmac.digest(secret_text.encode(), signed, hashlib.sha256)).decode()
    return head["webhook-signature"] == f"v1,{mac}"


def a_changed_secret_and_a_new_route_hold_without_a_restart():
    web, late = Web(), Web()
    sign = secret("sign", OLD)
    first = webhook("all", web.url, secret=sign)
    file = routes("changing", first, webhook("gone", late.url + "/gone"))
    keeper = Keeper("changing-service", sinks__routes=file).start()
    keeper.send(made["halves"][0])
    before = keeper.kept()
    until(lambda: len(web.bodies()) == len(before) == len(late.bodies()))
    for content, mode, words in (("short", 0o600, "at least 24"), (NEW, 0o644, "chmod 600")):
        secret("sign", content)
        os.chmod(sign, mode)
        reload(keeper, "sinks stay as they were")
        assert words in text(keeper.process.err_path)
    os.chmod(sign, 0o600)
    routes("changing", first, {"name": "late"})
    reload(keeper, "sinks stay as they were")
    assert "route 2 (late): sink: slack, webhook or mail" in text(keeper.process.err_path)
    routes("changing", first, webhook("late", late.url + "/late"))
    reload(keeper, "files of sinks: read again")
    keeper.send(made["halves"][1])
    alerts = keeper.kept()
    until(lambda: len(web.bodies()) == len(alerts))
    until(lambda: len(late.bodies()) == len(alerts))
    summary = keeper.stop()
    web.close()
    late.close()
    assert web.bodies() == alerts and len(before) < len(alerts)
    for number, post in enumerate(web.taken):
        assert signed_with(post, OLD if number < len(before) else NEW), number
    paths = [post["path"] for post in late.taken]  # what was before is not the new one's
    assert paths == ["/gone"] * len(before) + ["/late"] * (len(alerts) - len(before))
    assert [sink["sink"] for sink in summary["sinks"]] == ["webhook all", "webhook late"]
    assert counts(summary, "webhook all")["told"] == len(alerts)
    told = text(keeper.process.err_path)
    assert OLD not in told and NEW not in told


def a_sink_that_fails_is_tried_at_once_when_its_address_is_put_right():
    web = Web()
    keeper = Keeper("wrong-service", sinks__routes=routes(
        "wrong", webhook("one", f"http://127.0.0.1:{free_port()}")),
        sinks__retry_max=3600).start()
    alerts = fed(keeper)
    # Busy for a moment: what is under way is answered before anything changes.
    routes("wrong", webhook("one", web.url))
    reload(keeper, "files of sinks: read again")
    until(lambda: len(web.bodies()) == len(alerts))
    keeper.stop()
    web.close()
    assert web.bodies() == alerts


def a_test_reaches_every_route_and_a_bad_file_is_wrong_usage():
    web = Web(lambda number, post: 403 if post["path"] == "/b" else None)
    file = routes("tested", webhook("a", web.url + "/a"), webhook("b", web.url + "/b"))
    status, _, errors = goodhart("sinks", "test", "--set", f"sinks.routes={file}")
    assert status == 1 and "webhook a" in errors and "webhook b" in errors, errors
    assert [post["path"] for post in web.posts] == ["/a", "/b"]
    status, _, errors = goodhart("sinks", "test", "webhook a", "--set", f"sinks.routes={file}")
    assert status == 0, errors
    web.close()
    with open(file, "w", encoding="utf-8") as opened:
        opened.write("routes:\n  - {name: a, sink: pigeon}\n")
    status, _, errors = goodhart("sinks", "test", "--set", f"sinks.routes={file}")
    assert status == 2 and f"{file}:2:21: route 1 (a): sink: slack, webhook" in errors, errors


main([
    each_team_hears_of_its_own_and_a_dead_route_holds_up_nobody,
    after_kills_no_route_has_left_anything_out,
    a_changed_secret_and_a_new_route_hold_without_a_restart,
    a_sink_that_fails_is_tried_at_once_when_its_address_is_put_right,
    a_test_reaches_every_route_and_a_bad_file_is_wrong_usage,
])
