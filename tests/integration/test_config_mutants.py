#!/usr/bin/python3
"""Each of many mistakes in a full configuration is refused on its line with its name, or is
none and comes to the settings that it has to. The schema for editors sees what it can.

    test_config_mutants.py [COUNT] [SEED]    of mistakes"""
import json
import random
import re
import sys

import jsonschema
import yaml

from config_mutants import TAIL, Original, mutants
from support import ROOT, done, goodhart, main, path

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 600
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 20261123


class Core(yaml.SafeLoader):
    """Words and numbers as YAML 1.2 has them, as editors do: `on` is a word, a date a text."""
    yaml_implicit_resolvers = {}


for kind, form in {"bool": r"true|false", "null": r"~|null|", "int": r"-?(0|[1-9]\d*)",
                   "float": r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?"}.items():
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"^(?:{form})$"), None)


def write(name, content):
    with open(path(name), "wb") as file:
        file.write(content)
    return path(name)


def odd(option, number):
    """A legal value that is not the default."""
    if option["type"] == "boolean":
        return "false" if option["default"] else "true"
    if option["type"] == "switch":
        return "on"
    if option["type"] == "text":
        return f'"it\'s \\"no. {number}\\" # \\\\ {{:"'
    show = (lambda value: str(int(value))) if option["type"] == "integer" else repr
    return next(text for part in (0.41, 0.61) for text in [
        show(option["min"] + (option["max"] - option["min"]) * part)]
        if float(text) != option["default"])


def original():
    """A configuration in which nothing has its default, as the program prints it."""
    rows = [json.loads(line) for line in done("options", "--json").splitlines()]
    options = {row["name"]: row for row in rows}
    text, group = "", ""
    for number, (name, option) in enumerate(options.items()):
        if group != name.split(".")[0]:
            group = name.split(".")[0]
            text += f"{group}:\n"
        text += f"  {name.split('.')[1]}: {odd(option, number)}\n"
    base = done("options", "--config", write("base.yaml", (text + TAIL).encode()))
    assert base.endswith(TAIL)
    return Original(base, options)


def settings(text):
    """What `goodhart options` prints, as values by name; the overrides as one."""
    tree = yaml.load(text, Core)
    return {"overrides": tree.pop("overrides", None)} | {
        f"{group}.{name}": value for group, options in tree.items()
        for name, value in options.items()}


class Suite:
    def __init__(self):
        self.original = original()
        self.base = settings("\n".join(self.original.lines))
        self.all = mutants(self.original, random.Random(SEED), COUNT)
        for number, mutant in enumerate(self.all):
            mutant.file = write(f"{number:04}.yaml", mutant.text)
        status, _, errors = goodhart("check", "--limit", "1000000",
                                     *(mutant.file for mutant in self.all))
        assert status == 2, errors
        self.told = {}
        for line in errors.splitlines():
            if match := re.match(r"(\S+\.yaml):(\d+):\d+: ", line):
                self.told.setdefault(match[1], (int(match[2]), line))


suite = None


def the_options_that_have_no_default_are_a_configuration():
    global suite
    suite = Suite()
    defaults = settings(done("options"))
    changed = [name for name in suite.base if suite.base[name] != defaults[name]]
    assert len(changed) == len(suite.base) > 200, set(suite.base) - set(changed)


def what_is_a_mistake_is_refused_on_its_line():
    wrong = []
    for mutant in suite.all:
        line, text = suite.told.get(mutant.file, (0, "nothing is told"))
        if mutant.line == 0:
            continue
        named = all(word in text for word in mutant.words)
        if not named or line != mutant.line:
            wrong.append(f"{mutant.what}: line {mutant.line}, {mutant.words}: {text}")
    assert not wrong, "\n".join(wrong)


def what_is_none_comes_to_the_settings_that_it_says():
    fine = [mutant for mutant in suite.all if mutant.line == 0]
    assert len(fine) > COUNT / 10
    for mutant in fine:
        wanted = suite.base | mutant.settings
        got = settings(done("options", "--config", mutant.file))
        assert got == wanted, (mutant.what, mutant.file,
                               {name: (got[name], wanted[name]) for name in wanted
                                if got[name] != wanted[name]})


def every_sort_of_mistake_is_there():
    whats = {mutant.what.split(":")[0] for mutant in suite.all}
    assert len(whats) >= 35, whats
    assert sum(mutant.line != 0 for mutant in suite.all) > COUNT / 2


def validator():
    with open(ROOT / "deploy/goodhart.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def the_schema_takes_what_the_program_takes():
    check = validator()
    with open(ROOT / "deploy/goodhart.yaml", encoding="utf-8") as file:
        example = file.read()
    assert example.startswith("# yaml-language-server: $schema=goodhart.schema.json\n")
    check.validate(yaml.load(example, Core))
    for mutant in suite.all:
        if mutant.line == 0:
            check.validate(yaml.load(mutant.text, Core))


def the_schema_refuses_wrong_names_types_and_ranges():
    check, seen = validator(), 0
    for mutant in suite.all:
        if mutant.schema:
            seen += 1
            assert not check.is_valid(yaml.load(mutant.text, Core)), (mutant.what, mutant.file)
    assert seen > COUNT / 5, seen


main([the_options_that_have_no_default_are_a_configuration,
      every_sort_of_mistake_is_there, what_is_a_mistake_is_refused_on_its_line,
      what_is_none_comes_to_the_settings_that_it_says, the_schema_takes_what_the_program_takes,
      the_schema_refuses_wrong_names_types_and_ranges])
