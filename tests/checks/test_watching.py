#!/usr/bin/python3
"""What: the rules for Prometheus and the dashboard for Grafana fit what the service measures.
How:  promtool reads the rules and tries them over made-up series; each metric that rules, their
      tests and the dashboard name stands in the table, deploy/metrics.md, with the labels that
      it has there."""
import json
import os
import re
import subprocess

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
RULES = "deploy/prometheus/goodhart.rules.yml"
SCRAPE = "deploy/prometheus/prometheus.yml"
RULE_TESTS = ["tests/checks/rules/goodhart.test.yml", "tests/checks/rules/weekend.test.yml"]
DASHBOARD = "deploy/grafana/goodhart.json"
# Of a selector: the name, and what stands in the braces.
SELECTOR = re.compile(r"\b((?:goodhart|process)_[a-z_]+)(?:\{([^}]*)\})?")
EVERYWHERE = {"job", "instance"}  # labels that Prometheus adds


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def table():
    """{name: labels} of all that may be asked for."""
    found = {}
    row = r"^\| `([a-z_]+)` \| (gauge|counter|info|histogram) \| (.*?) \| "
    for name, kind, labels in re.findall(row, read("deploy/metrics.md"), re.MULTILINE):
        labels = set(re.findall(r"`(\w+)`", labels))
        if kind == "histogram":
            found |= {f"{name}_bucket": labels, f"{name}_sum": set(), f"{name}_count": set()}
        else:
            found[name] = labels
    return found


def queries():
    """(where, query) of every panel, variable and annotation."""
    dashboard = json.loads(read(DASHBOARD))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["definition"]
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


def strangers(text, known):
    """Metrics that are not in the table, and labels that a metric does not have."""
    for name, inside in SELECTOR.findall(text):
        if name not in known:
            yield name
            continue
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", inside):
            if label not in known[name] | EVERYWHERE:
                yield f"{name}{{{label}}}"


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=300)
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()


def rules_are_well_formed():
    return promtool("check", "rules", RULES) + promtool("check", "config", SCRAPE)


def rules_say_what_they_should():
    return promtool("test", "rules", *RULE_TESTS)


def every_rule_is_tried():
    told = "".join(map(read, RULE_TESTS))
    names = re.findall(r"- alert: (\w+)", read(RULES))
    return [name for name in names if f'"{name}"' not in told and f": {name}" not in told]


def rules_ask_for_what_is_there():
    known = table()
    expressions = re.sub(r"annotations:.*?(?=- alert:|\Z)", "", read(RULES), flags=re.DOTALL)
    return [*strangers(expressions, known), *strangers("".join(map(read, RULE_TESTS)), known)]


def panels_ask_for_what_is_there():
    known = table()
    return [f"{where}: {name}" for where, query in queries()
            for name in strangers(query, known)]


def the_dashboard_can_be_put_anywhere():
    dashboard, wrong = json.loads(read(DASHBOARD)), []
    if dashboard["uid"] != "goodhart" or dashboard["schemaVersion"] < 36 or "id" in dashboard:
        wrong.append("uid, schemaVersion, id")
    for panel in dashboard["panels"]:
        targets = panel.get("targets", [])
        sources = [panel.get("datasource"), *(target["datasource"] for target in targets)]
        if panel["type"] != "row" and {s["uid"] for s in sources} != {"${datasource}"}:
            wrong.append(f"{panel['title']}: another data source than $datasource")
        if panel["type"] != "row" and not panel["targets"]:
            wrong.append(f"{panel['title']}: asks for nothing")
    numbers = [panel["id"] for panel in dashboard["panels"]]
    return wrong + (["two panels have one number"] if len(set(numbers)) < len(numbers) else [])


def panels_can_be_parsed():
    """By Prometheus, as rules, with Grafana's variables put in."""
    rules = [{"record": f"panel:{number}", "expr": query.replace("$__rate_interval", "1m")}
             for number, (_, query) in enumerate(queries()) if "label_values" not in query]
    file = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"goodhart-panels-{os.getpid()}.yml")
    with open(file, "w", encoding="utf-8") as out:
        json.dump({"groups": [{"name": "panels", "rules": rules}]}, out)
    try:
        return promtool("check", "rules", "--lint=none", file)
    finally:
        os.unlink(file)


TESTS = [rules_are_well_formed, rules_say_what_they_should, every_rule_is_tried,
         rules_ask_for_what_is_there, panels_ask_for_what_is_there,
         the_dashboard_can_be_put_anywhere, panels_can_be_parsed]
print(f"1..{len(TESTS)}")
for index, test in enumerate(TESTS, 1):
    breaks = test()
    for line in breaks:
        print(f"# {line}")
    print(f"{'not ok' if breaks else 'ok'} {index} - {test.__name__}")
