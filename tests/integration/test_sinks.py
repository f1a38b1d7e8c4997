#!/usr/bin/python3
"""Alerts told to web servers that fail, to mail servers and to a real Alertmanager: nothing is
left out, each finding in its order, and nobody is flooded."""
import base64
import hashlib
import hmac
import json
import os
import re
import time

from keeper import Keeper
from sink_peers import (Alertmanager, Mail, Web, adds_up, alerts_of, certificate, counts,
                        finding, free_port, in_order, newest, secret, settled)
from support import (company, ended, goodhart, main, path, start, text, until)

made = {}
SIGNED = "a secret of more than 24 bytes"


def fed(name, **settings):
    """A service that has taken the whole stream, and what there is to tell."""
    keeper = Keeper(name, **settings).start()
    keeper.send(made["file"])
    alerts = keeper.kept()
    assert len(alerts) == made.setdefault("count", len(alerts)) > 50, len(alerts)
    return keeper, alerts


def a_webhook_gets_every_alert_as_published_and_signed():
    made["file"] = company(40, 7, 0.3, 5)
    web = Web()
    keeper, alerts = fed("plain", sinks__webhook=web.url + "/in",
                         sinks__webhook_secret=secret("signed", SIGNED))
    until(lambda: len(web.bodies()) == len(alerts))
    sink = counts(keeper.stop(), "webhook")
    web.close()
    assert web.bodies() == alerts
    assert sink["messages"] == sink["told"] == len(alerts) and sink["trouble"] == ""
    adds_up(sink, len(alerts))
    for post in web.taken:
        headers, body = post["headers"], post["body"]
        assert post["path"] == "/in"
        assert headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
        assert headers["webhook-id"] == json.loads(body)["id"]
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 300
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mac = base64.b64encode(hmac.digest(SIGNED.encode(), signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"


def a_server_that_fails_in_every_way_is_told_all_in_order():
    trouble = {2: 500, 5: "drop", 9: 3.0, 14: (302, {"Location": "http://127.0.0.1:1/"}),
               20: 408, 27: (429, {"Retry-After": "2"})}
    web = Web(lambda number, post: trouble.get(number))
    keeper, alerts = fed("failing", sinks__webhook=web.url, sinks__timeout=1)
    until(lambda: len(set(web.bodies())) == len(alerts), 60)
    sink = counts(keeper.stop(), "webhook")
    web.close()
    in_order(web.bodies(), alerts)
    assert sink["retried"] == len(trouble) - 1, sink  # libcurl tries a hang-up again by itself
    assert web.posts[27]["at"] - web.posts[26]["at"] >= 1.9  # as Retry-After asked
    adds_up(sink, len(alerts))


def what_is_refused_for_good_is_set_aside_and_holds_up_nothing():
    web = Web(lambda number, post: 422 if number in (3, 7) else None)
    keeper, alerts = fed("refusing", sinks__webhook=web.url)
    until(lambda: len(web.posts) == len(alerts))
    sink = counts(keeper.stop(), "webhook")
    web.close()
    assert web.bodies() == [alert for number, alert in enumerate(alerts, 1)
                            if number not in (3, 7)]
    assert sink["refused"] == 2 and sink["retried"] == 0, sink
    adds_up(sink, len(alerts))
    status, output, errors = goodhart("sinks", "refused", *keeper.sets({"store.folder"}))
    assert status == 0, errors
    rows = [json.loads(line) for line in output.splitlines()]
    assert [(row["sink"], row["first"], row["last"], row["code"], row["reason"])
            for row in rows] == [("webhook", 3, 3, 422, "ok"), ("webhook", 7, 7, 422, "ok")]


def a_dead_sink_holds_up_neither_the_others_nor_the_service():
    web, slow = Web(), Web(lambda number, post: 20.0)
    keeper, alerts = fed("dead", sinks__webhook=web.url, sinks__alertmanager=",".join(
        (f"http://127.0.0.1:{free_port()}", slow.url)))
    until(lambda: len(web.bodies()) == len(alerts))
    began = time.monotonic()
    summary = keeper.stop()
    assert time.monotonic() - began < 15
    assert web.bodies() == alerts
    for sink in summary["sinks"][:2]:
        assert sink["told"] == 0 and sink["position"] == sink["collapsed"], sink
        assert sink["waiting"] == len(alerts) - sink["position"] > 0, sink
    assert "connect" in summary["sinks"][0]["trouble"], summary["sinks"][0]
    web.close()
    slow.close()


def after_kills_at_any_time_nothing_is_left_out():
    port, taken = free_port(), []
    keeper = Keeper("killed", sinks__webhook=f"http://127.0.0.1:{port}").start()
    keeper.send(made["file"])  # while nobody is there
    alerts = keeper.kept()
    for stop in (5, 17, 40):
        keeper.kill()
        web = Web(port=port)
        keeper.start()
        until(lambda: len(web.bodies()) >= stop or len(set(taken + web.bodies())) ==
              len(alerts), 60)
        keeper.kill()
        web.close()
        taken += web.bodies()
        keeper.start()  # and the server is gone
    web = Web(port=port)
    until(lambda: len(set(taken + web.bodies())) == len(alerts), 90)
    keeper.stop()
    web.close()
    in_order(taken + web.bodies(), alerts)


def a_new_sink_is_not_flooded_with_what_was_before():
    web, late = Web(), Web()
    keeper, alerts = fed("new", sinks__webhook=web.url)
    until(lambda: len(web.bodies()) == len(alerts))
    keeper.stop()
    web.close()
    keeper.settings |= {"sinks.slack": secret("late", late.url), "sinks.slack_window": "0"}
    keeper.start()
    summary = keeper.stop()
    late.close()
    assert late.posts == [] and counts(summary, "slack")["position"] == len(alerts)


def slack_is_told_of_each_finding_once_as_it_stands():
    web = Web()
    keeper, alerts = fed("slack", sinks__slack=secret("hook", web.url + "/T/B/token"),
                         sinks__slack_window=8, sinks__slack_rate=60,
                         sinks__slack_severity="warning", sinks__link="https://gh.test/f/")
    wanted = {key: alert for key, alert in newest(alerts_of(alerts)).items()
              if alert["data"]["severity"] != "notice"}
    settled(keeper, "slack", len(alerts))
    sink = counts(keeper.stop(), "slack")
    web.close()
    adds_up(sink, len(alerts))
    assert sink["told"] == len(wanted) > 3 and sink["collapsed"] > 0, sink
    assert "token" not in text(keeper.process.err_path)
    for body in web.bodies():
        message = json.loads(body)
        link = message["blocks"][-1]["elements"][0]["url"]
        alert = wanted.pop(link.removeprefix("https://gh.test/f/"))
        assert alert["data"]["explanation"].split(",")[0] in message["text"]
        assert alert["data"]["question"] in message["text"]
        actor = re.escape(alert["data"]["actor"])
        assert not re.search(rf"\b{actor}\b", body), body
        assert len(message["text"].encode()) <= 1900 and len(message["blocks"]) <= 50
        if alert["data"]["track"] == "review":
            assert "Up to 1 in 10" in body and "Ask before judging" in body
        assert not re.search(r"guilt|cheat|fraud|abus|misconduct|caught", body, re.I)
    assert not wanted


def beyond_the_rate_one_message_sums_up_the_rest():
    web = Web()
    keeper, alerts = fed("rate", sinks__slack=secret("rated", web.url), sinks__slack_rate=3,
                         sinks__slack_window=8, sinks__slack_severity="notice")
    findings = len(newest(alerts_of(alerts)))
    settled(keeper, "slack", len(alerts))
    summary = json.loads(web.bodies()[2])
    sink = counts(keeper.stop(), "slack")
    web.close()
    assert len(web.bodies()) == 3 and sink["told"] == findings, sink
    assert f"{findings - 2} more findings" in summary["text"], summary
    assert "\u00d7" in summary["blocks"][1]["text"]["text"]
    adds_up(sink, len(alerts))


def sinks_hear_only_of_their_teams_and_tracks():
    web = Web()
    keeper, alerts = fed("teams", sinks__webhook=web.url, sinks__webhook_teams="team-1, team-2",
                         sinks__webhook_tracks="incident,review")
    wanted = [body for body in alerts if json.loads(body)["data"]["team"] in
              ("team-1", "team-2") and json.loads(body)["data"]["track"] != "case"]
    settled(keeper, "webhook", len(alerts))
    sink = counts(keeper.stop(), "webhook")
    web.close()
    assert web.bodies() == wanted and sink["filtered"] == len(alerts) - len(wanted) > 0
    adds_up(sink, len(alerts))


def a_digest_comes_by_mail_over_tls_with_a_login():
    mail = Mail(tls=True)
    keeper, alerts = fed("mail", sinks__mail=mail.url.replace("127.0.0.1", "localhost"),
                         sinks__ca=certificate()[0], sinks__mail_from="gh@peer.test",
                         sinks__mail_to="ops@peer.test, desk@peer.test",
                         sinks__mail_login=secret("login", "gh:word"), sinks__mail_interval=8)
    settled(keeper, "mail", len(alerts))
    sink = counts(keeper.stop(), "mail")
    mail.close()
    to, message = mail.mails[0]
    found = newest(alerts_of(alerts))
    part = message.get_body(("plain",))
    body = part.get_content()
    assert to == ["ops@peer.test", "desk@peer.test"]
    assert [sender.addr_spec for sender in message["From"].addresses] == ["gh@peer.test"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith(".goodhart@peer.test>") and message["Date"]
    assert message["Subject"] == f"goodhart: {len(found)} findings to look at"
    assert part.get_content_charset() == "utf-8"
    for key, alert in found.items():
        assert f"Finding: {key}" in body and alert["data"]["question"] in body
        assert not re.search(rf"Person|\b{re.escape(alert['data']['actor'])}\b", body)
    login = base64.b64encode(b"\0gh\0word").decode()
    said = [(secure, line) for secure, line in mail.commands
            if line.startswith("AUTH") or line == login]
    assert said and all(secure for secure, _ in said), mail.commands
    assert login in " ".join(line for _, line in said)
    assert len(mail.mails) == 1
    adds_up(sink, len(alerts))


def mail_fed(name, mail):
    """What became of a stream that was told to this server without encryption."""
    keeper, alerts = fed(name, sinks__mail=mail.url, sinks__mail_from="gh@peer.test",
                         sinks__mail_to="ops@peer.test", sinks__mail_tls="false",
                         sinks__mail_interval=1)
    settled(keeper, "mail", len(alerts))
    sink = counts(keeper.stop(), "mail")
    mail.close()
    adds_up(sink, len(alerts))
    return keeper, sink


def a_mail_that_is_put_off_comes_later_and_a_refused_one_is_set_aside():
    put_off = []
    later = Mail(answer=lambda line: "451 later" if line.startswith("RCPT") and
                 not put_off and not put_off.append(line) else None)
    _, sink = mail_fed("later", later)
    assert sink["retried"] == 1 and sink["refused"] == 0 and later.mails, sink
    never = Mail(answer=lambda line: "550 nobody" if line.startswith("RCPT") else None)
    keeper, sink = mail_fed("never", never)
    assert sink["told"] == 0 and sink["refused"] > 0 and not never.mails, sink
    status, output, errors = goodhart("sinks", "refused", *keeper.sets({"store.folder"}))
    assert status == 0 and {json.loads(row)["code"] for row in output.splitlines()} == {550}


def a_mail_server_without_tls_or_with_a_stranger_s_certificate_hears_nothing():
    for mail, settings in ((Mail(), {}), (Mail(tls=True), {})):
        status, _, errors = goodhart("sinks", "test", *(
            word for name, value in {
                "sinks.mail": mail.url, "sinks.mail_from": "a@b", "sinks.mail_to": "c@d",
                **settings}.items() for word in ("--set", f"{name}={value}")))
        mail.close()
        assert status == 1 and re.search("mail: .*(SSL|TLS|certificate)", errors), errors
        assert not mail.mails and not any("MAIL" in line for _, line in mail.commands)


def a_web_server_with_a_stranger_s_certificate_hears_nothing():
    web = Web(tls=True)
    arguments = ["sinks", "test", "webhook", "--set", f"sinks.webhook={web.url}"]
    status, _, errors = goodhart(*arguments)
    assert status == 1 and "certificate" in errors and not web.posts, errors
    status, _, errors = goodhart(*arguments, "--set", f"sinks.ca={certificate()[0]}")
    web.close()
    assert status == 0 and "webhook: took the test message" in errors, errors
    assert json.loads(web.bodies()[0])["type"] == "dev.goodhart.sink.test"


def an_alertmanager_receives_groups_and_resolves():
    receiver = Web()
    peer = Alertmanager(receiver.url)
    keeper, alerts = fed("manager", sinks__alertmanager=peer.url + "/",
                         sinks__alertmanager_resend=1, sinks__link="https://gh.test/f/")
    found = newest(alerts_of(alerts))
    still = {key: alert for key, alert in found.items()
             if not alert["type"].endswith(".closed")}
    assert 0 < len(still) < len(found)

    def firing():
        return {alert["labels"]["finding"]: alert for alert in peer.get("alerts")
                if alert["status"]["state"] == "active"}

    until(lambda: set(firing()) == set(still), 60)
    for key, alert in firing().items():
        data, labels = still[key]["data"], alert["labels"]
        assert labels == {"alertname": f"goodhart_{data['detector']}", "finding": key,
                          "detector": data["detector"], "severity": data["severity"],
                          "team": data["team"], "track": data["track"]}, labels
        assert alert["annotations"]["question"] == data["question"]
        assert alert["generatorURL"] == f"https://gh.test/f/{key}"
    groups = {(group["labels"]["team"], group["labels"]["detector"])
              for group in peer.get("alerts/groups") if group["alerts"]}
    assert groups >= {(alert["data"]["team"], alert["data"]["detector"])
                      for alert in still.values()}
    time.sleep(6)  # longer than an alert lasts that is not told again
    assert set(firing()) == set(still)
    until(lambda: any(json.loads(body)["status"] == "firing" for body in receiver.bodies()))
    settled(keeper, f"alertmanager {peer.url}", len(alerts))
    sink = counts(keeper.stop(), "alertmanager")
    adds_up(sink, len(alerts))
    until(lambda: not firing(), 60)  # nobody says so any longer
    peer.close()
    receiver.close()


def what_is_configured_wrongly_is_said_at_the_start():
    open_file = secret("open", "https://hooks.test/T")
    os.chmod(open_file, 0o644)
    cases = (("sinks.webhook=ftp://peer.test/", "sinks.webhook: another sort of address"),
             ("sinks.webhook=http://u:p@peer.test/", "holds a user or a password"),
             (f"sinks.slack={open_file}", "chmod 600"),
             ("sinks.mail=smtp://peer.test", "sinks.mail_from"),
             ("sinks.alertmanager=http://peer.test", "sinks.alertmanager_login"),
             ("sinks.webhook_severity=loud", "notice, warning or critical"),
             ("sinks.webhook_tracks=all", "a list of incident, review, case"))
    extra = ["--set", f"sinks.alertmanager_login={secret('word', 'me:word')}"]
    for setting, problem in cases:
        more = ["--set", "sinks.webhook=http://peer.test"] if "webhook_" in setting else []
        more = more + (extra if "alertmanager" in setting else [])
        status, _, errors = goodhart("sinks", "test", "--set", setting, *more)
        if "alertmanager" in setting:
            assert status == 2 and "in the clear" in errors, errors
        else:
            assert status in (1, 2) and problem in errors, (setting, errors)
    status, _, errors = ended(start(
        [os.environ.get("GOODHART", "build/goodhart"), "run", "--set",
         "sinks.webhook=http://peer.test", "--set", "intake.pull=tcp://127.0.0.1:*", "--set",
         "alerts.publish=tcp://127.0.0.1:*", "--set", "control.bind="]))
    assert status == 2 and "store.folder is empty" in errors, errors


main([
    a_webhook_gets_every_alert_as_published_and_signed,
    a_server_that_fails_in_every_way_is_told_all_in_order,
    what_is_refused_for_good_is_set_aside_and_holds_up_nothing,
    a_dead_sink_holds_up_neither_the_others_nor_the_service,
    after_kills_at_any_time_nothing_is_left_out,
    a_new_sink_is_not_flooded_with_what_was_before,
    slack_is_told_of_each_finding_once_as_it_stands,
    beyond_the_rate_one_message_sums_up_the_rest,
    sinks_hear_only_of_their_teams_and_tracks,
    a_digest_comes_by_mail_over_tls_with_a_login,
    a_mail_that_is_put_off_comes_later_and_a_refused_one_is_set_aside,
    a_mail_server_without_tls_or_with_a_stranger_s_certificate_hears_nothing,
    a_web_server_with_a_stranger_s_certificate_hears_nothing,
    an_alertmanager_receives_groups_and_resolves,
    what_is_configured_wrongly_is_said_at_the_start,
])
