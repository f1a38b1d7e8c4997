#!/usr/bin/python3
"""Webhooks over HTTP: who signs is heard, what is answered 200 is kept, and each thing counts
once however often it is delivered."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import signal
import time
import uuid

from keeper import Keeper, shim
from sink_peers import free_port
from support import Service, done, goodhart, main, path, text, until

ANY = "127.0.0.1:0"
SECRET = "a secret of some length"
SIGNING = "whsec_" + base64.b64encode(b"k" * 24).decode()
NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1786000000))
REPOSITORY = {"full_name": "acme/api", "default_branch": "main", "pushed_at": 1786000000}


def secret_file(name, content, mode=0o600):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(content + "\n")
    os.chmod(path(name), mode)
    return path(name)


def served(**more):
    settings = {"otlp__bind": ANY, "web__bind": "",
                "hooks__github_secret": secret_file("secrets/github", SECRET),
                "hooks__gitlab_secret": secret_file("secrets/gitlab", SECRET)} | more
    return Service(**settings)


def post(service, name, body, headers):
    host, port = service.http.split("//")[1].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        connection.request("POST", f"/hooks/{name}", body,
                           {"Content-Type": "application/json"} | headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


def signature(body, secret=SECRET):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def github(service, event, payload, **headers):
    body = json.dumps(payload).encode()
    return post(service, "github", body, {
        "X-GitHub-Event": event, "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": signature(body)} | headers)


def gitlab(service, payload, **headers):
    return post(service, "gitlab", json.dumps(payload),
                {"X-Gitlab-Token": SECRET, "X-Gitlab-Event": "Some Hook"} | headers)


def merged(number, login="ada", **more):
    return {"action": "closed", "repository": REPOSITORY, "pull_request": {
        "number": number, "title": "Add x", "user": {"login": login, "type": "User"},
        "merged": True, "merged_at": NOW, "additions": 10, "deletions": 2} | more}


def commits(count, login="grace"):
    return {"ref": "refs/heads/main", "repository": REPOSITORY, "commits": [
        {"id": f"{number:040x}", "message": "Add y", "timestamp": NOW,
         "author": {"username": login}} for number in range(count)]}


def what_is_delivered_twice_counts_once():
    service = served()
    assert github(service, "ping", {"zen": "Anything added dilutes everything else."})[0] == 200
    assert github(service, "pull_request", merged(5)) == (200, "1 taken, 0 refused\n")
    assert github(service, "pull_request", merged(5)) == (
        200, "this delivery was taken before\n")
    # Other bytes about the same state: the engine knows the event by its id.
    assert github(service, "pull_request", merged(5, title="Add x, really"))[0] == 200
    assert github(service, "push", commits(2000)) == (200, "2000 taken, 0 refused\n")
    counters = service.stop()
    assert counters["applied"] == 2001 and counters["duplicates"] == 1, counters
    hooks = counters["http"]["hooks"]
    assert hooks["github"]["told"] == 3 and hooks["github"]["seen"] == 1, hooks
    assert hooks["github"]["idle"] == 1 and hooks["events"] == 2002, hooks


def who_does_not_sign_is_turned_away_and_counted():
    service = served()
    body = json.dumps(merged(5)).encode()
    event = {"X-GitHub-Event": "pull_request"}
    assert post(service, "github", body, event)[0] == 401
    assert post(service, "github", body, event | {
        "X-Hub-Signature-256": signature(body, "another secret, as long")})[0] == 403
    assert post(service, "github", body + b" ", event | {
        "X-Hub-Signature-256": signature(body)})[0] == 403
    assert gitlab(service, {}, **{"X-Gitlab-Token": "a wrong secret of some length"})[0] == 403
    assert post(service, "jira", body, event)[0] == 404
    assert post(service, "", body, event)[0] == 404
    assert github(service, "push", [])[0] == 400
    assert post(service, "github", "payload=x", {
        "Content-Type": "application/x-www-form-urlencoded"})[0] == 415
    said = github(service, "pull_request", merged(5, merged_at=7.5))
    assert said == (400, "merged_at: a time is missing\n"), said
    counters = service.stop()
    assert counters["applied"] == 0, counters
    hooks = counters["http"]["hooks"]
    assert (hooks["github"]["unsigned"], hooks["github"]["forged"]) == (1, 2), hooks
    assert hooks["gitlab"]["forged"] == 1 and hooks["others"]["off"] == 2, hooks
    assert hooks["github"]["bad"] == 2, hooks
    assert SECRET not in text(service.process.err_path)


def a_signing_token_of_gitlab_signs_and_is_no_token():
    service = served(hooks__gitlab_secret=secret_file("secrets/signing", SIGNING))
    payload = {"object_kind": "issue", "user": {"id": 2, "username": "grace"},
               "project": {"path_with_namespace": "acme/web"}, "assignees": [],
               "object_attributes": {"iid": 8, "action": "close", "updated_at": NOW}}
    body = json.dumps(payload).encode()
    mac = hmac.new(b"k" * 24, b"msg-1.1786000000." + body, hashlib.sha256).digest()
    head = {"webhook-id": "msg-1", "webhook-timestamp": "1786000000",
            "webhook-signature": "v1," + base64.b64encode(mac).decode()}
    assert post(service, "gitlab", body, head) == (200, "1 taken, 0 refused\n")
    assert post(service, "gitlab", body, head | {"webhook-id": "msg-2"})[0] == 403
    assert gitlab(service, payload, **{"X-Gitlab-Token": SIGNING})[0] == 401
    assert service.stop()["applied"] == 1


def people_stand_in_for_accounts_and_documents_are_mapped():
    with open(path("people.yaml"), "w", encoding="utf-8") as file:
        file.write("people:\n  - actor: ada\n    ids: [github:ada, ada@example.test]\n"
                   "    team: payments\n")
    os.makedirs(path("maps"), exist_ok=True)
    with open(path("maps/tracker.json"), "w", encoding="utf-8") as file:
        json.dump({"source": ["tracker"], "id": {"space": "tracker", "of": [["key", "moved"]]},
                   "keys": {"ts": "moved", "actor": "mail", "ref": "key",
                            "artifact": {"constant": "ticket"}},
                   "rules": [{"kind": "row", "where": {"status": ["done"]}, "is": "output"}]},
                  file)
    secret_file("generic/tracker", SECRET)
    service = served(identity__people=path("people.yaml"), service__maps=path("maps"),
                     hooks__generic_secrets=path("generic"), store__folder=path("store"))
    assert github(service, "pull_request", merged(5)) == (200, "1 taken, 0 refused\n")
    document = json.dumps({"key": "PAY-7", "status": "done", "moved": NOW,
                           "mail": "Ada@example.test"}).encode()
    assert post(service, "tracker", document,
                {"X-Hub-Signature": signature(document)}) == (200, "1 taken, 0 refused\n")
    unknown = json.dumps({"status": "open"}).encode()
    assert post(service, "tracker", unknown, {"Authorization": f"Bearer {SECRET}"}) == (
        200, "no map file knows such a document\n")
    service.stop()
    log = done("log", "export", "--set", f"store.folder={path('store')}")
    lines = [json.loads(line) for line in log.splitlines() if '"output"' in line]
    assert [(line["actor"], line["ref"]) for line in lines] == [
        ("ada", "acme/api#5"), ("ada", "PAY-7")], lines


def hooks_have_the_permissions_of_their_key_and_no_others():
    done("key", "server", "--out", path("server.key"))
    done("key", "new", "hooks", "--keys", path("keys.json"), "--out", path("hooks.key"),
         "--actors", "github:ada")
    settings = {"identity__keys": path("keys.json"), "identity__secret": path("server.key")}
    for key, words in (("", "hooks.key: where identity.keys is set"),
                       ("other", "hooks.key: other: not in the key file")):
        status, _, errors = goodhart(
            "run", *[part for name, value in (settings | {
                "otlp__bind": ANY, "web__bind": "", "control__bind": "", "hooks__key": key,
                "intake__pull": "tcp://127.0.0.1:*", "alerts__publish": "tcp://127.0.0.1:*",
                "hooks__github_secret": secret_file("secrets/github", SECRET)}).items()
                for part in ("--set", f"{name.replace('__', '.')}={value}")])
        assert status == 2 and words in errors, (status, errors)
    service = served(hooks__key="hooks", intake__dead_letters=path("letters"), **settings)
    assert github(service, "pull_request", merged(5)) == (200, "1 taken, 0 refused\n")
    status, said = github(service, "pull_request", merged(6, login="grace"))
    assert status == 200 and said.startswith("0 taken, 1 refused: "), said
    counters = service.stop()
    assert counters["applied"] == 1 and counters["refused"] == 1, counters
    assert "not_allowed" in text(path("letters"))


def reload(service):
    """What POST /-/reload answers."""
    host, port = service.web.split("//")[1].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request("POST", "/-/reload")
    reply = connection.getresponse()
    answer = reply.status, reply.read().decode()
    connection.close()
    return answer


def a_secret_that_is_changed_holds_without_a_restart_and_a_bad_one_changes_nothing():
    folder = os.path.dirname(secret_file("generic/jira", SECRET))
    service = served(web__bind=ANY, hooks__generic_secrets=folder)
    new = "another secret, as long"
    old_body, new_body = (json.dumps(merged(number)).encode() for number in (1, 2))
    event = {"X-GitHub-Event": "pull_request"}

    def shown(name, body, secret):
        return post(service, name, body,
                    event | {"X-Hub-Signature-256": signature(body, secret)})

    assert shown("github", old_body, SECRET)[0] == 200
    secret_file("secrets/github", new)
    secret_file("generic/linear", new)
    assert shown("github", new_body, new)[0] == 403  # not before it is read
    assert reload(service)[0] == 200
    assert shown("github", new_body, SECRET)[0] == 403
    assert shown("github", new_body, new) == (200, "1 taken, 0 refused\n")
    assert shown("github", old_body, new) == (200, "this delivery was taken before\n")
    assert shown("linear", b"{}", new)[0] == 200
    for content, mode in (("short", 0o600), (SECRET, 0o644)):
        secret_file("secrets/github", content, mode)
        status, said = reload(service)
        assert status == 422 and "hooks.github_secret" in said and content not in said, said
        assert shown("github", new_body, new)[0] == 200
    os.remove(path("secrets/github"))
    assert reload(service)[0] == 500
    secret_file("secrets/github", SECRET)
    os.remove(path("generic/jira"))
    service.process.send_signal(signal.SIGHUP)
    until(lambda: shown("github", new_body, SECRET)[0] == 200)
    assert shown("github", new_body, new)[0] == 403
    assert shown("jira", b"{}", SECRET)[0] == 404
    told = text(service.process.err_path)
    assert "the secrets from before stay in force" in told and SECRET not in told, told
    service.stop()


def accepted(service):
    """Actor, ref and state of every output in the log, as it was taken."""
    rows = [json.loads(line) for line in done("log", "export", service.folder).splitlines()]
    return [(row["actor"], row["ref"], row["state"]) for row in rows
            if row.get("kind") == "output"]


def who_made_what_is_known_after_a_kill():
    people = path("people.yaml")
    with open(people, "w", encoding="utf-8") as file:
        json.dump({"people": [{"actor": "ada", "ids": ["github:ada"]}]}, file)
    keeper = Keeper("makers", otlp__bind=f"127.0.0.1:{free_port()}", identity__people=people,
                    hooks__github_secret=secret_file("secrets/github", SECRET))
    keeper.http = "http://" + keeper.settings["otlp.bind"]
    keeper.start()
    for number, login in ((1, "ada"), (2, "bob"), (3, "eve")):
        assert github(keeper, "pull_request", merged(number, login))[0] == 200
        keeper.kill()  # as soon as 200 is heard
        keeper.start()
    for number in (1, 2, 9):  # grace cleans up; nobody here knows who made 9
        revert = merged(100 + number, "grace", title='Revert "Add x"',
                        body=f"Reverts acme/api#{number}")
        assert github(keeper, "pull_request", revert)[0] == 200
    hooks = keeper.stop()["http"]["hooks"]
    assert hooks["forgotten"] == 1 and hooks["unkept"] == 0, hooks
    told = accepted(keeper)
    assert ("ada", "acme/api#1", "reverted") in told, told
    assert ("github:bob", "acme/api#2", "reverted") in told, told
    assert not [row for row in told if row[0] == "github:grace" and row[2] == "reverted"], told


def what_the_disk_does_not_take_of_it_is_told_and_counted():
    full = path("makers-full")
    keeper = Keeper("unkept", {"LD_PRELOAD": shim(), "FAIL_IO_FLAG": full,
                               "FAIL_IO_FOLDER": path("unkept/hooks.db")},
                    otlp__bind=f"127.0.0.1:{free_port()}",
                    hooks__github_secret=secret_file("secrets/github", SECRET))
    keeper.http = "http://" + keeper.settings["otlp.bind"]
    keeper.start()
    with open(full, "w", encoding="utf-8") as file:
        file.write("28")  # ENOSPC
    assert github(keeper, "pull_request", merged(1, "ada"))[0] == 200
    assert "hooks.db" in text(keeper.process.err_path)
    os.remove(full)
    assert github(keeper, "pull_request", merged(2, "bob"))[0] == 200
    assert keeper.stop()["http"]["hooks"]["unkept"] == 1
    keeper.start()
    for number in (1, 2):
        revert = merged(100 + number, "grace", title='Revert "Add x"',
                        body=f"Reverts acme/api#{number}")
        assert github(keeper, "pull_request", revert)[0] == 200
    assert keeper.stop()["http"]["hooks"]["forgotten"] == 1
    assert ("github:bob", "acme/api#2", "reverted") in accepted(keeper)


main([what_is_delivered_twice_counts_once, who_does_not_sign_is_turned_away_and_counted,
      a_signing_token_of_gitlab_signs_and_is_no_token,
      people_stand_in_for_accounts_and_documents_are_mapped,
      hooks_have_the_permissions_of_their_key_and_no_others,
      a_secret_that_is_changed_holds_without_a_restart_and_a_bad_one_changes_nothing,
      who_made_what_is_known_after_a_kill,
      what_the_disk_does_not_take_of_it_is_told_and_counted])
