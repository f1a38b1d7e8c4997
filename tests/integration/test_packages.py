#!/usr/bin/python3
"""What: what operators start goodhart from fits the program and itself: Debian package,
container, compose file, Helm chart, collector examples.
How: the files are read as what they are (YAML, JSON, deb822), and each configuration in them is
put to `goodhart check`. With `helm` on the path the chart is rendered too."""
import glob
import json
import re
import shlex
import shutil
import subprocess

import jsonschema
import yaml
from support import GOODHART, ROOT, done, main, path

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm/goodhart"
BOUND = {"otlp.bind": "otlp", "web.bind": "web", "intake.pull": "events",
         "durable.bind": "durable", "alerts.publish": "alerts", "alerts.replay": "replay"}
LOOPBACK = re.compile(r"^127\.0\.0\.1:(\d+):\d+$")


def read(place):
    return (ROOT / place).read_text(encoding="utf-8")


def loaded(place):
    return yaml.safe_load(read(place))


def known_options():
    """Name to default, of all."""
    rows = (json.loads(line) for line in done("options", "--json").splitlines())
    return {row["name"]: row["default"] for row in rows}


def flat(config):
    return {f"{group}.{name}": value for group, options in config.items()
            for name, value in options.items()}


def port_of(text):
    return int(str(text).rsplit(":", 1)[1])


def default_ports():
    options = known_options()
    return {service: port_of(options[name]) for name, service in BOUND.items()}


def stanzas(text):
    """deb822: a list of fields for each paragraph; continued lines are joined."""
    joined = re.sub(r"\n[ \t]+", " ", re.sub(r"(?m)^#.*\n", "", text))
    return [dict(line.split(": ", 1) for line in part.splitlines())
            for part in joined.strip().split("\n\n")]


def instructions():
    """(word, rest) of the Dockerfile, continued lines joined."""
    text = re.sub(r"(?m)^#.*\n", "", read("deploy/Dockerfile")).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def last_stage():
    rows = instructions()
    start = max(i for i, (word, _) in enumerate(rows) if word == "FROM")
    return rows[start:]


def one_version_everywhere():
    version = re.search(r"^VERSION := (\S+)", read("Makefile"), re.MULTILINE)[1]
    chart = loaded("deploy/helm/goodhart/Chart.yaml")
    compose = loaded("deploy/docker-compose.yml")
    assert done("--version").split()[1] == version
    assert re.match(r"goodhart \(([^)]+)\)", read("deploy/debian/changelog"))[1] == version
    assert ("ARG", f"VERSION={version}") in instructions()
    assert chart["appVersion"] == version
    assert compose["services"]["goodhart"]["image"] == f"goodhart:{version}"


def debian_builds_with_what_the_project_asks_for():
    product = re.search(r'^product="([^"]*)"', read(".ci/deps"), re.MULTILINE)[1]
    wanted = {entry.split("=")[0] for entry in product.split()}
    source, *packages = stanzas(read("deploy/debian/control"))
    builds = {re.split(r"[ :]", name.strip())[0] for name in source["Build-Depends"].split(",")}
    of_every_build = {"gcc", "make", "libc6-dev"}
    to_run = {name.strip() for name in packages[0]["Depends"].split(",")}
    missing = wanted - of_every_build - to_run - builds
    assert not missing, missing
    assert [row["Package"] for row in packages] == ["goodhart", "libgoodhart0",
                                                    "libgoodhart-dev"]


def the_manual_tells_of_every_command_flag_and_option():
    subprocess.run([DEPLOY / "man.py", GOODHART, path("man")], check=True)
    with open(path("man/goodhart.1"), encoding="utf-8") as file:
        commands = file.read().replace("\\-", "-")
    with open(path("man/goodhart.yaml.5"), encoding="utf-8") as file:
        options = file.read()
    names = re.findall(r"GH_COMMAND\((\w+)\)", read("src/app/commands.def"))
    for name in names:
        assert f".SS goodhart {name}" in commands, name
        for flag in re.findall(r"^  (--\S+)", done("help", name), re.MULTILINE):
            assert f".B {flag}" in commands, f"{name} {flag}"
    for name in known_options():
        group, option = name.split(".")
        part = options.split(f".SS {group}\n")[1].split("\n.SS ")[0]
        assert f".BR {option} :" in part, name


def configurations_that_are_handed_out_are_legal():
    for place in ("deploy/debian/goodhart.yaml", "deploy/compose/goodhart.yaml"):
        done("check", str(ROOT / place))


def the_package_does_not_begin_to_watch_people_by_itself():
    rules = read("deploy/debian/rules")
    assert "dh_installsystemd --no-enable --no-start" in rules
    settings = flat(loaded("deploy/debian/goodhart.yaml"))
    assert settings == {"store.folder": "/var/lib/goodhart"}


def the_image_runs_as_nobody_and_without_a_shell_around_it():
    rows = last_stage()
    words = dict(rows)
    user, group = words["USER"].split(":")
    assert int(user) > 0 and int(group) > 0
    assert json.loads(words["ENTRYPOINT"]) == ["/usr/bin/goodhart"]
    assert json.loads(words["CMD"])[0] == "run"
    check = json.loads(words["HEALTHCHECK"].split("CMD", 1)[1])
    assert check[0] == "curl" and check[-1].endswith(
        f"127.0.0.1:{default_ports()['web']}/-/healthy")
    assert [int(port) for port in words["EXPOSE"].split()] == sorted(default_ports().values())
    installed = re.search(r"--no-install-recommends (.*?) &&", words["RUN"])[1]
    assert shlex.split(installed) == ["/deb/goodhart_*.deb", "ca-certificates", "curl"]
    assert not any(word in ("ADD", "COPY") for word, _ in rows)


def the_image_is_built_from_sources_alone():
    rows = read(".dockerignore").splitlines()
    assert rows[0] == "*"
    copied = re.search(r"@cp -a (.*) \$\(DEB\)/", read("Makefile"))[1].split()
    assert {f"!{name}" for name in copied} | {"!.ci/deps"} == set(rows[1:])


def compose_publishes_for_this_machine_alone():
    compose = loaded("deploy/docker-compose.yml")
    taken = []
    for name, service in compose["services"].items():
        for port in service["ports"]:
            taken.append(LOOPBACK.match(port)[1])
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert ":" in service["image"] and not service["image"].endswith(":latest"), name
        for mount in service["volumes"]:
            source = mount.split(":")[0]
            if source.startswith("."):
                assert mount.endswith(":ro") and (DEPLOY / source).exists(), mount
            else:
                assert source in compose["volumes"], mount
    assert len(taken) == len(set(taken))


def compose_leads_everything_to_goodhart():
    settings = flat(loaded("deploy/compose/goodhart.yaml"))
    compose = loaded("deploy/docker-compose.yml")["services"]
    ports = default_ports()
    for name, service in BOUND.items():
        assert port_of(settings[name]) == ports[service] and "0.0.0.0" in settings[name]
    collector = compose["otel-collector"]["environment"]["GOODHART_ENDPOINT"]
    assert collector == f"http://goodhart:{ports['otlp']}"
    scraped = loaded("deploy/compose/prometheus.yml")
    assert scraped["scrape_configs"][0]["static_configs"][0]["targets"] == [
        f"goodhart:{ports['web']}"]
    alertmanager = scraped["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"][0]
    assert settings["sinks.alertmanager"] == f"http://{alertmanager}"


def collectors_use_what_they_define():
    for place in ("otel-collector.yaml", "otel-collector-file.yaml"):
        config = loaded(f"deploy/{place}")
        used = set()
        for pipeline in config["service"]["pipelines"].values():
            for kind in ("receivers", "processors", "exporters"):
                assert set(pipeline[kind]) <= set(config[kind]), place
                used |= {(kind, name) for name in pipeline[kind]}
        defined = {(kind, name) for kind in ("receivers", "processors", "exporters")
                   for name in config[kind]}
        assert used == defined, place
    exporter = loaded("deploy/otel-collector.yaml")["exporters"]["otlphttp"]
    assert exporter["endpoint"].endswith(f":{default_ports()['otlp']}}}")
    assert (exporter["encoding"], exporter["compression"]) == ("proto", "gzip")
    assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s"


def values_and_schema_of_the_chart_agree():
    schema = json.loads(read("deploy/helm/goodhart/values.schema.json"))
    jsonschema.Draft7Validator.check_schema(schema)
    values = loaded("deploy/helm/goodhart/values.yaml")
    cases = [loaded(place) for place in glob.glob(str(CHART / "ci/*-values.yaml"))]
    assert len(cases) == 3
    for case in [{}, *cases]:
        jsonschema.validate(values | case, schema)
    for wrong in ({"ports": values["ports"] | {"web": 99999}}, {"acess": {}},
                  {"access": {"keysSecret": "A B"}}, {"persistence": {"size": "much"}}):
        try:
            jsonschema.validate(values | wrong, schema)
        except jsonschema.ValidationError:
            continue
        raise AssertionError(f"{wrong} is taken")
    assert values["ports"] == default_ports()
    for name in values:
        assert name in schema["properties"], name


def leaves(tree, before=""):
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{before}{name}.")
        else:
            yield before + name


def templates():
    return "".join(place.read_text(encoding="utf-8")
                   for place in sorted((CHART / "templates").rglob("*.*")))


def templates_use_the_values_there_are_and_all_of_them():
    text, values = templates(), loaded("deploy/helm/goodhart/values.yaml")
    assert text.count("{{") == text.count("}}")
    used = set(re.findall(r"\.Values\.([A-Za-z.]+)", text)) - {"nameOverride",
                                                               "fullnameOverride"}
    every = set(leaves(values))
    inner = {name.rsplit(".", i)[0] for name in every for i in (1, 2) if "." in name}
    assert used <= every | inner, used - every - inner
    for name in every:
        assert any(name == use or name.startswith(f"{use}.") for use in used), name


def the_chart_sets_options_that_exist_and_lets_nobody_else_set_them():
    text = (CHART / "templates/_helpers.tpl").read_text(encoding="utf-8")
    refused, made = text.split('define "goodhart.config"')
    refused = re.search(r"range \$group, \$options := dict (.*) -}}", refused)[1]
    groups = dict(re.findall(r'"(\w+)" \(list ([^)]*)\)', refused))
    names = {f"{group}.{option}" for group, options in groups.items()
             for option in re.findall(r'"(\w+)"', options)}
    assert names <= set(known_options()), names - set(known_options())
    assert len(names) == 13
    for option in {name.split(".")[1] for name in names}:
        assert f'"{option}"' in made, option


def pods_have_no_rights():
    for word in ("runAsNonRoot: true", "readOnlyRootFilesystem: true", "drop: [ALL]",
                 "allowPrivilegeEscalation: false", "type: RuntimeDefault",
                 "automountServiceAccountToken: false", "checksum/config",
                 "path: /-/healthy", "path: /-/ready"):
        assert word in templates(), word


def the_chart_brings_the_same_rules_and_dashboard():
    for name, folder in (("goodhart.rules.yml", "prometheus"), ("goodhart.json", "grafana")):
        assert (CHART / "files" / name).resolve() == (DEPLOY / folder / name).resolve()
        assert f"files/{name}" in templates()
    rules = loaded("deploy/prometheus/goodhart.rules.yml")
    monitor = (CHART / "templates/servicemonitor.yaml").read_text(encoding="utf-8")
    assert 'job="goodhart"' in json.dumps(rules).replace("\\", "")
    assert "jobLabel: app.kubernetes.io/name" in monitor


def rendered(*arguments):
    return subprocess.run(
        [shutil.which("helm"), "template", "x", CHART, "--kube-version", "1.29.0", *arguments],
        capture_output=True, text=True)


def helm_renders_what_may_be_installed_and_refuses_what_may_not():
    for case in glob.glob(str(CHART / "ci/*-values.yaml")):
        made = rendered("-f", case)
        assert made.returncode == 0, made.stderr
        parts = [part for part in yaml.safe_load_all(made.stdout) if part]
        kinds = [part["kind"] for part in parts]
        for part in parts:
            if part["kind"] == "PrometheusRule":
                assert part["spec"] == loaded("deploy/prometheus/goodhart.rules.yml")
            if part["metadata"]["name"].endswith("-dashboard"):
                assert json.loads(part["data"]["goodhart.json"]) == json.loads(
                    read("deploy/grafana/goodhart.json"))
        assert kinds.count("StatefulSet") == 1 and kinds.count("Service") == 3
        config = next(part["data"] for part in parts if part["kind"] == "ConfigMap"
                      and "goodhart.yaml" in part["data"])
        with open(path("rendered.yaml"), "w", encoding="utf-8") as file:
            file.write(config["goodhart.yaml"])
        done("check", path("rendered.yaml"))
    for wrong in ([], ["--set", "access.keysSecret=a"],
                  ["--set", "access.insecure=true,access.keysSecret=a,access.tlsSecret=b"],
                  ["--set", "access.insecure=true,config.web.bind=x"]):
        made = rendered(*wrong)
        assert made.returncode != 0 and re.search("access|the chart sets it", made.stderr)


TESTS = [
    one_version_everywhere,
    debian_builds_with_what_the_project_asks_for,
    the_manual_tells_of_every_command_flag_and_option,
    configurations_that_are_handed_out_are_legal,
    the_package_does_not_begin_to_watch_people_by_itself,
    the_image_runs_as_nobody_and_without_a_shell_around_it,
    the_image_is_built_from_sources_alone,
    compose_publishes_for_this_machine_alone,
    compose_leads_everything_to_goodhart,
    collectors_use_what_they_define,
    values_and_schema_of_the_chart_agree,
    templates_use_the_values_there_are_and_all_of_them,
    the_chart_sets_options_that_exist_and_lets_nobody_else_set_them,
    pods_have_no_rights,
    the_chart_brings_the_same_rules_and_dashboard,
]
if shutil.which("helm"):
    TESTS.append(helm_renders_what_may_be_installed_and_refuses_what_may_not)
else:
    print("# helm is not on the path: the chart is read, and not rendered")
main(TESTS)
