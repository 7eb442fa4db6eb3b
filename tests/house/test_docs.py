"""What the documents say is so: paths and links are there, commands exist, tables agree with the code, examples run."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway import cli
from gateway.flow.receipts_out import LATER
from gateway.flow.statuses import STATUS_OF
from gateway.ops.metrics import FlowCollector
from gateway.settings.customers import CustomerSettings
from gateway.settings.listeners import DoorSettings
from gateway.settings.models import ReassemblySettings, SessionSettings
from gateway.smpp.constants import MessageState
from gateway.smpp.receipt import read_text, write_receipt
from gateway.smpp.status import CommandStatus
from gateway.store import months
from gateway.store.schema import FILE_NAME, MIGRATIONS
from simulators.stage import Ports, set_up
from tests.gateway.flow.world import World
from tests.gateway.ops.test_metrics import watched
from tests.house.tree import LEFT_OUT, PACKAGES, ROOT, name_of, python_files

DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if not LEFT_OUT & set(path.relative_to(ROOT).parts)
)
README = ROOT / "README.md"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
INTEGRATORS = (ROOT / "docs" / "integrators.md").read_text("utf-8")

TOPS = "|".join((*PACKAGES, "tests", "docs", "config", "systemd", r"\.ci"))
PATH = re.compile(rf"(?:{TOPS})/[\w./*-]*|[A-Z]+(?:\.md)|Makefile|pyproject\.toml|requirements\.lock")
TEXT_FILES = {".md", ".py", ".yaml", ".toml", ".service", ".csv", ".txt", ".lock", ""}
# Places of one machine. Written in two, so that this file does not have them in it.
WORKPLACE = re.compile(r"(?<![\w.$])/(?:wo" + r"rk|ho" + r"me|ro" + r"ot|Us" + r"ers)/\w|\.\./sha" + "red")


def blocks(text: str, *languages: str) -> Iterator[str]:
    """The fenced blocks in one of these languages."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if language in languages:
            yield block


def rows(text: str, head: str) -> list[list[str]]:
    """The cells of the table under this line of heads."""
    _, found, rest = text.partition(head)
    assert found, f"no table {head}"
    lines = []
    for line in rest.splitlines()[2:]:
        if not line.startswith("|"):
            break
        lines.append([cell.strip() for cell in line.strip("|").split("|")])
    return lines


def commands(text: str) -> Iterator[list[str]]:
    """The words of every line that a reader is told to type."""
    for block in blocks(text, "console"):
        yield from (line.removeprefix("$ ").split() for line in block.splitlines() if line.startswith("$ "))


def without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_paths_that_are_named_are_there(document: Path) -> None:
    named = re.findall(r"`([^`\n]+)`", without_blocks(document.read_text("utf-8")))
    missing = [one for one in named if PATH.fullmatch(one) and not any(ROOT.glob(one.rstrip("/")))]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_modules_that_are_named_are_there(document: Path) -> None:
    text = document.read_text("utf-8")
    named = re.findall(rf"\b-m ({'|'.join(PACKAGES)})((?:\.\w+)*)", text)
    named += re.findall(rf"`({'|'.join(PACKAGES)})((?:\.[a-z_]+)+)(?<!\.json)(?<!\.yaml)`", without_blocks(text))
    for package, rest in named:
        place = ROOT / package / Path(*rest.strip(".").split("."))
        assert place.with_suffix(".py").is_file() or (place / "__init__.py").is_file(), f"{package}{rest}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(document.read_text("utf-8"))):
        if target.startswith("https://"):
            continue
        path, _, fragment = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), target
        if fragment:
            heads = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
            assert fragment in {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}


def test_the_parts_of_architecture_are_there() -> None:
    loose = re.findall(r"`(gateway/[\w/.]+)`", (ROOT / "ARCHITECTURE.md").read_text("utf-8"))
    assert len(loose) > 20
    assert [one for one in loose if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_what_a_reader_is_told_to_type_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for words in commands(document.read_text("utf-8")):
        program = Path(words[0]).name
        if program == "make":
            assert set(words[1:]) <= targets
        elif program == "smpp-gateway":
            assert words[1] in cli.main.commands
            command = cli.main.commands[words[1]]
            if isinstance(command, click.Group):
                assert words[2] in command.commands
                command = command.commands[words[2]]
            known = {name for one in command.params for name in one.opts}
            assert {word for word in words if word.startswith("--")} <= known
        else:
            assert program in {"sqlite3", "curl", "smsc-simulator"}, words


def test_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for document in DOCUMENTS:
        for target in re.findall(r"`make ([a-z]+)`", document.read_text("utf-8")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_python_in_documents_compiles(document: Path) -> None:
    for block in blocks(document.read_text("utf-8"), "python"):
        compile(block, name_of(document), "exec")


def test_the_readme_begins_with_its_two_commands() -> None:
    typed = list(commands(README.read_text("utf-8")))
    assert typed[:2] == [["make", "run"], ["make", "test"]]


def test_the_readmes_client_sends_and_gets_its_receipt(tmp_path: Path) -> None:
    (program,) = blocks(README.read_text("utf-8"), "python")
    with set_up(tmp_path, Ports()) as stage:
        program = program.replace("127.0.0.1", stage.host).replace("2775", str(stage.port))
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=40, check=False)
    assert done.returncode == 0, done.stderr
    accepted, receipt = done.stdout.splitlines()
    told = re.fullmatch(r"accepted ([0-9a-f]{16})", accepted)
    assert told is not None
    assert receipt.startswith(f"receipt id:{told.group(1)} sub:001 dlvrd:001 ")
    assert " stat:DELIVRD " in receipt


def test_nothing_in_the_tree_tells_where_it_was_written() -> None:
    found = []
    for path in ROOT.rglob("*"):
        if LEFT_OUT & set(path.relative_to(ROOT).parts) or path.suffix not in TEXT_FILES or not path.is_file():
            continue
        text = path.read_text("utf-8", errors="replace")
        found += [f"{name_of(path)}: {match.group()}" for match in WORKPLACE.finditer(text)]
    assert found == []


# For integrators ------------------------------------------------------------------------------------------------------


def test_every_reason_is_explained_with_its_status_and_code() -> None:
    told = {
        (name, code, why) for name, code, why, _ in rows(INTEGRATORS, "| command_status | code | why | what to do |")
    }
    assert told == {(status.name, f"0x{status:08X}", reason.value) for reason, status in STATUS_OF.items()}


def test_what_to_do_is_later_where_it_is_later_and_nowhere_else() -> None:
    for name, _, why, what in rows(INTEGRATORS, "| command_status | code | why | what to do |"):
        later = name in {"ESME_RTHROTTLED", "ESME_RMSGQFUL"}
        assert ("later" in what) == later, why
        assert what.startswith("never") != later, why


def test_every_status_that_is_named_exists() -> None:
    for document in DOCUMENTS:
        for name in re.findall(r"\bESME_[A-Z_]+\b", document.read_text("utf-8")):
            assert name in CommandStatus.__members__, f"{name} in {name_of(document)}"


def test_the_answers_to_receipts_that_mean_later_are_those() -> None:
    (told,) = re.findall(r"matter\. ((?:\w+, )*\w+ and \w+) mean later", INTEGRATORS)
    assert set(re.findall(r"ESME_\w+", told)) == {status.name for status in LATER}


def test_the_receipt_that_is_shown_is_one_that_we_write() -> None:
    (shown,) = (block.rstrip("\n") for block in blocks(INTEGRATORS, "text"))
    read = read_text(shown.encode(), 0)
    written = write_receipt(
        read.message_id, MessageState.DELIVERED, b"", int(read.sub), int(read.dlvrd), read.submit_date, read.done_date
    )
    assert written.decode() == shown


def test_the_limits_are_the_defaults_of_the_settings() -> None:
    told = {
        what: how.replace(",", "")
        for what, how in rows(INTEGRATORS, "| limit | unless the operator set it otherwise |")
    }
    customer, session = CustomerSettings.model_fields, SessionSettings.model_fields
    doors = DoorSettings.model_fields
    defaults = {
        "binds of an account": customer["max_binds"],
        "requests under way on a bind": customer["window"],
        "receipts under way on a bind": customer["receipt_window"],
        "binds from an address, of all accounts": doors["max_binds_of_address"],
        "connections from an address": doors["max_connections_of_address"],
        "wrong passwords before you must wait": doors["free_attempts"],
        "time to bind after connecting": session["session_init_seconds"],
        "longest PDU": session["max_pdu_octets"],
        "faulty PDUs in a row": session["max_errors"],
        "parts of an unfinished message wait": ReassemblySettings.model_fields["wait_seconds"],
    }
    numbers = {what: float(re.findall(r"\d+", how)[0]) for what, how in told.items()}
    assert numbers == {what: float(field.default) for what, field in defaults.items()}
    asks = re.findall(r"we ask after (\d+) seconds of silence", INTEGRATORS)
    assert [float(one) for one in asks] == [session["enquire_link_seconds"].default]


# For operators --------------------------------------------------------------------------------------------------------


def test_every_metric_is_listed_with_its_type_labels_and_meaning() -> None:
    told = rows(OPERATIONS, "| name | type | labels | meaning |")
    families = FlowCollector(watched(World())).collect()
    assert told == [
        [
            f"`{family.name}{'_total' if family.type == 'counter' else ''}`",
            family.type,
            ", ".join(getattr(family, "_labelnames", ())) or "-",
            family.documentation,
        ]
        for family in families
    ]


def test_every_metric_in_an_alarm_exists() -> None:
    told = {row[0].strip("`") for row in rows(OPERATIONS, "| name | type | labels | meaning |")}
    assert set(re.findall(r"\bsmpp_gateway_[a-z_]+\b", OPERATIONS)) <= told


def test_every_event_that_is_logged_is_explained_with_its_level() -> None:
    logged = {("log_lines_dropped", "warning"), ("library", "warning")}
    for path in python_files("gateway"):
        found = re.findall(r"\blog\.(debug|info|warning|error|exception)\(\s*\"(\w+)\"", path.read_text("utf-8"))
        logged |= {(event, "error" if level == "exception" else level) for level, event in found}
    told = {(event.strip("`"), level) for event, level, _ in rows(OPERATIONS, "| event | level | what to make of it |")}
    assert told == logged


def test_the_exit_code_of_a_mistake_and_the_stores_names_are_those_of_the_code() -> None:
    codes = dict(rows(OPERATIONS, "| exit code | meaning |"))
    assert "configuration" in codes[str(cli.BAD_CONFIG)]
    assert f"`{FILE_NAME}`" in OPERATIONS
    for table in re.findall(r"FROM (\w+)", OPERATIONS):
        assert f"CREATE TABLE {table} " in "".join(MIGRATIONS + months.MIGRATIONS).replace("month.", "")
