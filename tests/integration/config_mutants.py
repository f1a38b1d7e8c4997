"""Mistakes that people make in a configuration, and where each has to be told.

A mutant is a text with what is expected of it: the line and the words with which it is
refused, or the settings that it comes to. It says as well whether the schema sees the
mistake."""
import math
import re
from dataclasses import dataclass, field

MISTAKES = {
    "number": ['"5"', "true", "abc", "[1]", "{a: 1}", "~", "", "1:30"],
    "boolean": ['"true"', "1", "maybe", "[true]", "~", ""],
    "switch": ["5", "perhaps", "[on]", "~"],
    "text": ["5", "1.5", "true", "{a: b}", "~"],
}
NOTATIONS = {
    "number": ["1_000", ".5", "5.", "010", "+5", "0x10", ".inf", ".nan", "1e999", "!!int 5",
               "*zz", "1,5"],
    "boolean": ["yes", "True", "on", "n", "!!bool true"],
    "switch": ["true", "yes", '"on"', "Auto"],
    "text": ['"a\\0b"', '"a\\tb"', "!!binary aa", "*zz", "", "off"],
}


@dataclass
class Mutant:
    what: str
    text: bytes
    line: int = 0  # where it is refused; 0: it is not
    words: tuple = ()  # that the refusal has
    settings: dict = field(default_factory=dict)  # what else than the original comes of it
    schema: bool = False  # whether the schema has to refuse it as well


@dataclass
class Line:
    """One option, word or row of the original, by its place."""
    at: int      # index among the lines
    group: str
    name: str
    value: str

    @property
    def full(self):
        return f"{self.group}.{self.name}"


class Original:
    def __init__(self, text, options):
        self.lines = text.split("\n")
        self.options = options  # by full name, as `options --json` tells
        self.groups, self.rows = [], []
        self.tail = next(i for i, line in enumerate(self.lines) if line == "overrides:")
        for i, line in enumerate(self.lines[:self.tail]):
            if match := re.fullmatch(r"(\w+):", line):
                self.groups.append(Line(i, match[1], "", ""))
            elif match := re.fullmatch(r"  (\w+): (.*)", line):
                self.rows.append(Line(i, self.groups[-1].group, match[1], match[2]))

    def kind(self, row):
        kind = self.options[row.full]["type"]
        return "number" if kind == "integer" else kind

    def of(self, group):
        return [row for row in self.rows if row.group == group]

    def put(self, at, *lines, instead=1):
        """The text with `lines` in place of `instead` lines from `at` on."""
        return "\n".join(self.lines[:at] + list(lines) + self.lines[at + instead:]).encode()

    def valued(self, row, value):
        return self.put(row.at, f"  {row.name}: {value}")

    def default(self, rows):
        return {row.full: self.options[row.full]["default"] for row in rows}


def misspelt(name, chance):
    """One letter more, less, or another."""
    at = chance.randrange(1, len(name))
    return name[:at] + chance.choice(["q", "", "q" + name[at]]) + name[at + 1:]


def values(o, chance):
    row = chance.choice(o.rows)
    kind = o.kind(row)
    mistake = chance.random() < 0.5
    value = chance.choice((MISTAKES if mistake else NOTATIONS)[kind])
    words = "undefined alias" if value == "*zz" else row.full
    # Quotes of JSON are no quotes of YAML, and nothing is null there: the schema sees both.
    return Mutant(f"{kind}: {value}", o.valued(row, value), row.at + 1, (words,),
                  schema=mistake)


def ranges(o, chance):
    """The last number that is legal, and the next."""
    row = chance.choice([row for row in o.rows if o.kind(row) == "number"])
    option = o.options[row.full]
    whole, high = option["type"] == "integer", chance.random() < 0.5
    legal = option["max" if high else "min"]
    beyond = legal + (1 if high else -1) if whole else math.nextafter(
        legal, math.inf if high else -math.inf)
    show = (lambda number: str(int(number))) if whole else repr
    if chance.random() < 0.3:
        return Mutant("at the bound", o.valued(row, show(legal)), settings={row.full: legal})
    return Mutant(f"beyond the bound: {show(beyond)}", o.valued(row, show(beyond)), row.at + 1,
                  (row.full, "must be "), schema=True)


def names(o, chance):
    row = chance.choice(o.groups if chance.random() < 0.2 else o.rows)
    word = misspelt(row.name or row.group, chance)
    if row.name:
        known = {other.name for other in o.of(row.group)}
        words = (f"{row.group}.{word}: unknown option",)
        text = o.put(row.at, f"  {word}: {row.value}")
    else:
        known = {other.group for other in o.groups}
        words = (f"{word}: unknown group of options",)
        text = o.put(row.at, f"{word}:")
    return None if word in known else Mutant("misspelt", text, row.at + 1, words, schema=True)


def dropped(o, chance):
    if chance.random() < 0.7:
        row = chance.choice(o.rows)
        return Mutant("an option is left out", o.put(row.at), settings=o.default([row]))
    number = chance.randrange(len(o.groups))
    first = o.of(o.groups[number].group)[0]
    if number:
        # Its options fall to the group above, which has none of these or has it already.
        group = o.groups[number - 1].group
        again = first.name in [row.name for row in o.of(group)]
        words = f"{group}.{first.name}: " + ("given twice" if again else "unknown option")
        return Mutant("a group's name is left out", o.put(o.groups[number].at), first.at,
                      (words,), schema=not again)
    return Mutant("the first group's name is left out", o.put(o.groups[0].at), o.groups[1].at,
                  ("must be YAML",))


def doubled(o, chance):
    row = chance.choice(o.groups if chance.random() < 0.2 else o.rows)
    line = o.lines[row.at]
    return Mutant("given twice", o.put(row.at, line, line), row.at + 2,
                  ((row.full if row.name else row.group) + ": given twice",
                   f"first in line {row.at + 1}"))


def swapped(o, chance):
    row = chance.choice(o.rows)
    mates = [other for other in o.of(row.group) if other.at > row.at]
    if mates:
        other = chance.choice(mates)
        text = "\n".join(o.lines[:row.at] + [o.lines[other.at]] + o.lines[row.at + 1:other.at]
                         + [o.lines[row.at]] + o.lines[other.at + 1:]).encode()
        return Mutant("options change places", text)
    number = [group.group for group in o.groups].index(row.group)
    if number + 1 == len(o.groups):
        return None
    # The last option of a group behind the name of the next.
    header = o.groups[number + 1]
    text = "\n".join(o.lines[:row.at] + o.lines[row.at + 1:header.at + 1] + [o.lines[row.at]]
                     + o.lines[header.at + 1:]).encode()
    twin = [other for other in o.of(header.group) if other.name == row.name]
    line = twin[0].at + 1 if twin else header.at + 1
    return Mutant("an option in the wrong group", text, line,
                  (f"{header.group}.{row.name}: " + ("given twice" if twin else
                                                     "unknown option"),), schema=not twin)


def indented(o, chance):
    row = chance.choice(o.rows)
    mates = o.of(row.group)
    first, last = row is mates[0], row is mates[-1]
    spaces = chance.choice([0, 1, 3, 4, "tab"])
    after = None if last else mates[mates.index(row) + 1].at + 1
    line, words, settings = row.at + 1, ("must be YAML",), {}
    if spaces == "tab":
        words += ("a tab; indent with spaces",)
    elif spaces == 0 and last:
        words = (f"{row.name}: ", "unknown group" if row.name not in
                 [group.group for group in o.groups] else "must be a mapping")
    elif spaces == 0 or first:
        line = after
    if first and last and spaces in (1, 3, 4):
        line, words = 0, ()
    text = o.put(row.at, ("\t" if spaces == "tab" else " " * spaces)
                 + f"{row.name}: {row.value}")
    return Mutant(f"indented by {spaces}", text, line, words, settings)


def damaged(o, chance):
    """Bytes that are no UTF-8, and characters that YAML does not have, comments included."""
    at = chance.randrange(len(o.lines) - 1)
    junk = chance.choice([b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x01",
                          b"\x7f", b"\x1b", b"\x00", b"\xef\xbf\xbf"])
    line = o.lines[at].encode()
    cut = chance.randrange(len(line) + 1)
    before = "\n".join(o.lines[:at]).encode() + (b"\n" if at else b"")
    after = "\n".join(o.lines[at + 1:]).encode()
    text = before + line[:cut] + junk + line[cut:] + b"\n" + after
    bad = cut + (junk == b"\xc3(")  # there the second byte is the one that cannot be
    return Mutant(f"bytes {junk!r}", text, at + 1, (f"{bad + 1}: byte {len(before) + bad}: ",))


def truncated(o, chance):
    row = chance.choice(o.rows)
    gone = [other for other in o.rows if other.at >= row.at]
    before = "\n".join(o.lines[:row.at]).encode() + b"\n"
    where = chance.choice(["line", "name", "text"])
    settings = o.default(gone) | {"overrides": None}
    if where == "line":
        return Mutant("the end is missing", before, settings=settings)
    if where == "name":
        cut = f"  {row.name}"[:chance.randrange(3, len(row.name) + 3)]
        # A first word alone is what the group is, not one of its options.
        words = "must be a mapping" if row is o.of(row.group)[0] else "must be YAML"
        return Mutant("the end is missing from a name on", before + cut.encode(), row.at + 1,
                      (words,))
    if o.kind(row) != "text":
        return None
    cut = chance.randrange(1, len(row.value.rstrip('"')))
    return Mutant("the end is missing from within quotes",
                  before + f"  {row.name}: {row.value[:cut]}".encode(), row.at + 1,
                  ("must be YAML",))


def strange(o, chance):
    """What YAML has and a configuration has not."""
    group = chance.choice([g for g in o.groups if len(o.of(g.group)) > 1])
    new, first = group.at + 2, o.of(group.group)[0]
    number = chance.choice([r for r in o.rows if o.kind(r) == "number"])
    top = o.of(number.group)[0].at
    quoted = chance.choice([r for r in o.rows if o.kind(r) == "text"])
    return chance.choice([
        Mutant("an unknown group", o.put(group.at, "colour:", "  red: 1", instead=0),
               group.at + 1, ("colour: unknown group",), schema=True),
        Mutant("an unknown option", o.put(group.at + 1, "  colour: 1", instead=0), new,
               (f"{group.group}.colour: unknown option",), schema=True),
        Mutant("a merge key", o.put(group.at + 1, "  <<: {}", instead=0), new,
               (f"{group.group}.<<: unknown option",)),
        Mutant("a list as a name", o.put(group.at + 1, "  [a]: 1", instead=0), new,
               ("a name is expected",)),
        Mutant("a group that is a number", o.put(group.at, f"{group.group}: 5"), first.at + 1,
               ("must be YAML",)),
        Mutant("an item of a list", o.put(first.at, f"  - {first.name}", *o.lines[first.at:]),
               first.at + 2, ("must be YAML",)),
        Mutant("no colon", o.put(number.at, f"  {number.name} {number.value}"),
               number.at + 1, ("must be YAML", "':'" if number.at != top else "a colon")),
        Mutant("a quote that is not closed", o.valued(quoted, quoted.value[:-1]),
               quoted.at + 1, ("must be YAML",)),
        Mutant("no blank", o.put(number.at, f"  {number.name}:{number.value}"), number.at + 1,
               ("must be YAML", "':'" if number.at != top else "a colon")),
        Mutant("an anchor", o.valued(number, f"&x {number.value}")),
        Mutant("a value of several lines", o.valued(number, "|"), number.at + 1,
               (number.full,)),
        Mutant("a second document", o.put(len(o.lines) - 1, "---", "order: {}", ""),
               len(o.lines) + 1, ("a second document",)),
    ])


def harmless(o, chance):
    at = chance.choice(o.rows).at
    text = "\n".join(o.lines).encode()
    return Mutant("no mistake at all", chance.choice([
        o.put(at, o.lines[at] + "   # why"),
        o.put(at, "", o.lines[at]),
        o.put(at, "        # far in", o.lines[at]),
        o.put(at, o.lines[at] + "    "),
        o.put(at, o.lines[at].replace(": ", ":    ", 1)),
        o.put(at, re.sub(r"^  (\w+):", r'  "\1":', o.lines[at])),
        text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text, b"---\n" + text, text + b"...\n",
        text[:-1]]))


def overrides(o, chance):
    """The tail of the original, whose lines stand as in config_tail()."""
    line = {name: o.tail + i for i, name in enumerate(
        "head team reason until set usd enabled role reason2 set2 near".split())}

    def to(name, text, where=None, words=(), schema=True):
        at = line[where or name]
        return Mutant(f"overrides: {name}: {text}", o.put(line[name], *text), at + 1, words,
                      schema=schema)

    return chance.choice([
        to("team", ["  - actor: a"], words=("actor", "never for a person")),
        to("team", ["  - user: a"], words=("user", "never for a person")),
        to("team", ["  - taem: a"], words=("did you mean team?",)),
        to("team", ["  - team: 7"], words=("team: 7: must be a text",)),
        to("team", ['  - team: ""'], words=("team: must not be empty",)),
        Mutant("overrides: team: left out", o.put(line["team"]), line["role"],
               ("must be YAML",)),
        Mutant("overrides: role: left out", o.put(line["role"]), line["reason2"],
               ("reason: given twice",)),
        to("reason", ["    role: a", "    reason: b"], words=("not for both",)),
        to("reason", [], "team", ("reason: is missing",)),
        to("reason", ["    reason:"], words=("reason: nothing",)),
        to("reason", ['    reason: " "'], words=("reason: must not be empty",)),
        to("reason", ["    raeson: b"], words=("did you mean reason?",)),
        to("until", ["    until: soon"], words=("until: soon: must be a date",)),
        to("until", ["    until: 2026-02-30"], words=("until: 2026-02-30",), schema=False),
        to("until", ["    until: 2026-03-01T10:00:00"], words=("until: 2026-03",)),
        to("until", ["    until: 2026-03-01", "    until: 2026-03-01"], "set",
           ("until: given twice",), schema=False),
        Mutant("overrides: set: left out", o.put(line["set2"]), line["set2"] + 1,
               ("must be YAML",)),
        to("usd", ["      review.fewest_usd: -1"], words=("review.fewest_usd: -1: must be",)),
        to("usd", ["      review.fewest_usd: 1000000.0000000001"],
           words=("review.fewest_usd: 1000000.0000000001: must be",)),
        to("usd", ["      review.fewest: 5"], words=("review.fewest: unknown option",)),
        to("usd", ["      reviw.fewest_usd: 5"], words=("did you mean review?",)),
        to("usd", ["      review.alpha: 0.2"], words=("review.alpha: holds for everybody",)),
        to("usd", ["      order.lateness: 5"], words=("order.lateness: holds for everybody",)),
        to("usd", ["      store.folder: x"], words=("store.folder: holds for everybody",)),
        to("usd", ["      review.fewest_usd: 1", "      review.fewest_usd: 1"], "enabled",
           ("given twice for team:",), schema=False),
        to("enabled", ["      runaway.enabled: 1"], words=("must be true or false",)),
        to("near", ["      runaway.near_bits: 3.5"], words=("must be a whole number",)),
        to("near", ['      runaway.near_bits: "3"'], words=("without quotes",)),
        Mutant("overrides: twice", o.put(len(o.lines) - 1, *o.lines[line["role"]:]),
               line["near"] + 5, ("given twice for role:",)),
        Mutant("overrides: none", o.put(o.tail, instead=len(o.lines)),
               settings={"overrides": None}),
        Mutant("overrides: a date is its end",
               o.put(line["until"], "    until: 2026-12-30")),
        Mutant("overrides: other words first", o.put(
            line["role"], "  - reason: nights", "    role: sre", instead=2)),
    ])


TAIL = """overrides:
  - team: "research"
    reason: "agents \\"train\\" each other there"
    until: 2026-12-31T00:00:00.000Z
    set:
      review.fewest_usd: 50.5
      runaway.enabled: false
  - role: "sre"
    reason: "nights"
    set:
      runaway.near_bits: 2
"""
KINDS = [values, values, ranges, names, dropped, doubled, swapped, indented, damaged, truncated,
         strange, harmless, overrides, overrides]


def mutants(original, chance, count):
    """`count` of them, each sort in turn."""
    made = []
    while len(made) < count:
        mutant = KINDS[len(made) % len(KINDS)](original, chance)
        if mutant:
            made.append(mutant)
    return made
