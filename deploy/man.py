#!/usr/bin/python3
"""man.py - the manual pages, made of what the program says about itself.

    man.py PROGRAM FOLDER [SECONDS]

Writes FOLDER/goodhart.1 from `PROGRAM help` and FOLDER/goodhart.yaml.5 from `PROGRAM options`,
dated by SECONDS since 1970 (default: undated)."""
import os
import re
import subprocess
import sys
import time

FLAG = re.compile(r"  (--\S+(?: [A-Z=]+)?) +(.*)")


def said(program, *arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True,
                          encoding="utf-8").stdout


def roff(text):
    """Text as it stands: a dot or a quote at the start of a line would be a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)


def head(name, section, about, version, date):
    return (f'.TH {name.upper()} {section} "{date}" "{version}" "goodhart"\n.nh\n.ad l\n'
            f".SH NAME\n{name} \\- {about}\n")


def verbatim(text):
    return f".PP\n.nf\n{roff(text)}\n.fi\n"


def flags(lines):
    found = (FLAG.fullmatch(line) for line in lines)
    return "".join(f".TP\n.B {roff(row[1])}\n{roff(row[2])}\n" for row in found if row)


def command(program, name):
    """usage, summary, details, flags: divided by empty lines, the details may have some."""
    text = said(program, "help", name)
    top, _, tail = text.partition("\nflags:\n")
    usage, summary, *details = top.strip().split("\n\n")
    own = [line for line in tail.splitlines() if not re.match(
        r"  --(config|set|help|version) ", line)]
    return (f".SS {roff(usage.removeprefix('usage: '))}\n{roff(summary)}.\n"
            + "".join(verbatim(part) for part in details) + flags(own))


def commands_page(program, version, date):
    text = said(program, "help")
    about, _, rest = text.partition("\n\nusage: ")
    usage, _, rest = rest.partition("\n\ncommands:\n")
    rows, _, rest = rest.partition("\n\nflags of every command:\n")
    common, _, tail = rest.partition("\n\n")
    names = [row.split()[0] for row in rows.splitlines()]
    return (head("goodhart", 1, "tells use of AI tokens from gaming", version, date)
            + f".SH SYNOPSIS\n.B {roff(usage)}\n.SH DESCRIPTION\n{roff(about)}\n"
            + f".SH FLAGS OF EVERY COMMAND\n{flags(common.splitlines())}"
            + ".SH COMMANDS\n" + "".join(command(program, name) for name in names)
            + f".SH EXIT STATUS\n{roff(tail[tail.index('Exit status'):].strip())}\n"
            + ".SH FILES\n.TP\n.I /etc/goodhart/goodhart.yaml\nconfiguration of the service\n"
            + ".TP\n.I /var/lib/goodhart\nlog, ledger and snapshots of the service\n"
            + ".SH SEE ALSO\n.BR goodhart.yaml (5),\n.BR systemctl (1)\n")


def options_page(program, version, date):
    page = (head("goodhart.yaml", 5, "configuration of goodhart", version, date)
            + ".SH DESCRIPTION\nYAML: groups of options. What is left out has its default, "
            + "what is unknown is an error that names the line.\n"
            + ".B goodhart check\nFILE says what is wrong. On the command line an option is\n"
            + ".BR \\-\\-set\n.IR GROUP.OPTION=VALUE .\n"
            + ".B goodhart options \\-\\-explain\n.I NAME\nsays what holds and where from.\n"
            + ".SH OVERRIDES\nA list\n.B overrides:\nhas what holds for the people of a team "
            + "or a role instead: items of\n.BR team: \" or \" role: ,\n"
            + ".BR reason: ,\n.B until:\n(a date or a time, if it ends) and\n"
            + ".B set:\nwith\n.IR GROUP.OPTION :\\ VALUE .\n.SH OPTIONS\n")
    told = ""
    for line in said(program, "options").splitlines()[2:]:
        if line.lstrip().startswith("# "):
            told = line.strip()[2:]
        elif line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            value = roff(value).replace(",", ",\\:")  # where a long one may break
            page += f".TP\n.BR {roff(name)} :\\ {value}\n{roff(told)}\n"
        elif line:
            page += f".SS {roff(line.rstrip(':'))}\n{roff(told)}\n"
    return page + ".SH SEE ALSO\n.BR goodhart (1)\n"


def main():
    program, folder = sys.argv[1:3]
    version = " ".join(said(program, "--version").split()[:2])
    date = time.strftime("%Y-%m-%d", time.gmtime(int(sys.argv[3]))) if sys.argv[3:] else ""
    os.makedirs(folder, exist_ok=True)
    for name, make in (("goodhart.1", commands_page), ("goodhart.yaml.5", options_page)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(make(program, version, date))


if __name__ == "__main__":
    main()
