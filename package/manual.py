"""The page of the manual, from the commands themselves."""

import re

import click

HEAD = """.TH SMPP\\-GATEWAY 8 "" "smpp\\-gateway {version}" "System administration"
.SH NAME
smpp\\-gateway \\- a durable SMPP gateway for business SMS in Japan
.SH SYNOPSIS
.B smpp\\-gateway
.I COMMAND
[\\fIOPTIONS\\fR]
.SH COMMANDS
"""
TAIL = """.SH FILES
.TP
.I /etc/smpp\\-gateway/gateway.yaml
the configuration; there is an example in /etc/smpp\\-gateway/example
.TP
.I /var/lib/smpp\\-gateway
messages, records and bills, and the socket for operators
.SH EXIT STATUS
0: done. 1: it failed, or found nothing. 2: the configuration or the command line has mistakes.
.SH SEE ALSO
/usr/share/doc/smpp\\-gateway/installation.md, systemctl(1), journalctl(1)
"""


def page(main: click.Group, version: str) -> str:
    """In troff."""
    return HEAD.format(version=escaped(version)) + "".join(_commands(main, "")) + TAIL


def _commands(group: click.Group, before: str) -> list[str]:
    lines = []
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            lines += _commands(command, f"{before}{name} ")
            continue
        lines.append(f".TP\n.B {escaped(before + name)}\n{escaped(_words(command))}\n")
        for one in command.params:
            if isinstance(one, click.Option) and not one.hidden:
                lines.append(f".RS\n.TP\n.B {escaped(', '.join(one.opts))}\n{escaped(one.help or '')}\n.RE\n")
    return lines


def _words(command: click.Command) -> str:
    return re.sub(r"\s+", " ", (command.help or "").strip())


def escaped(words: str) -> str:
    """As troff shows it: no hyphen becomes a dash, no line begins with a request."""
    words = words.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", words, flags=re.MULTILINE)
