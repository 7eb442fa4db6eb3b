"""`make package`: a Debian package of the gateway and everything that it needs but Python, from what is installed here.

The same tree and the same SOURCE_DATE_EPOCH give the same octets.
"""

import argparse
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from click.shell_completion import BashComplete

from gateway import __version__
from gateway.cli import main
from package.dependencies import PRODUCT, clear, closure, copy, licenses
from package.manual import page

ROOT = Path(__file__).resolve().parents[1]
HOME = Path("opt", PRODUCT)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
NEXT_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor + 1}"
COMMANDS = {"smpp-gateway": "gateway.cli", "smsc-simulator": "simulators.cli"}
EXAMPLE = Path("etc", PRODUCT, "example")
SCRIPTS = ("postinst", "prerm", "postrm")
RUNS = frozenset((*COMMANDS, *SCRIPTS))
TEXTS = ("README.md", "SECURITY.md", "LICENSE")
# Where the units of the tree go; the socket's and the others' names stay.
UNITS = Path("usr/lib/systemd/system")
CONFIGURATION = {"sysusers": Path("usr/lib/sysusers.d"), "tmpfiles": Path("usr/lib/tmpfiles.d")}

CONTROL = """Package: {product}
Version: {version}
Architecture: {architecture}
Maintainer: smpp-gateway <smpp-gateway@localhost>
Section: net
Priority: optional
Installed-Size: {size}
Depends: python3 (>= {python}), python3 (<< {next_python}), libc6 (>= 2.28), adduser | systemd
Recommends: systemd, ca-certificates
Suggests: prometheus, grafana, haproxy
Description: durable SMPP gateway for business SMS in Japan
 Customers bind over SMPP 3.4; messages are stored before they are acknowledged,
 sent to mobile carriers at their pace, and followed to their receipts and bills.
 .
 Everything but Python is in /opt/smpp-gateway. Nothing is started before there
 is a configuration: see /usr/share/doc/smpp-gateway/installation.md.
"""
COPYRIGHT = """smpp-gateway is under the Apache License, version 2.0: /usr/share/common-licenses/Apache-2.0.

It brings these libraries, each under its own license (the texts are in /opt/smpp-gateway/lib):
{licenses}
"""


def lay_out(root: Path) -> None:
    """Everything that is installed, under `root`."""
    site = root / HOME / "lib" / f"python{PYTHON}" / "site-packages"
    site.mkdir(parents=True)
    needed = closure(PRODUCT)
    for one in needed.values():
        copy(one, site)
    _product(site)
    _environment(root / HOME)
    _units(root)
    shutil.copytree(ROOT / "config", root / EXAMPLE)
    share = root / "usr/share"
    documents = share / "doc" / PRODUCT
    shutil.copytree(ROOT / "docs", documents, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "ops", share / PRODUCT, ignore=shutil.ignore_patterns("__pycache__", "*_test.yaml"))
    for name in TEXTS:
        shutil.copy(ROOT / name, documents)
    (documents / "copyright").write_text(COPYRIGHT.format(licenses=licenses(needed)), "utf-8")
    _packed(documents / "changelog.gz", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    _packed(share / "man/man8/smpp-gateway.8.gz", page(main, __version__))
    completion = share / "bash-completion/completions" / PRODUCT
    completion.parent.mkdir(parents=True)
    completion.write_text(BashComplete(main, {}, PRODUCT, "_SMPP_GATEWAY_COMPLETE").source(), "utf-8")


def _even_out(root: Path, seconds: int) -> None:
    """The same modes and times, whoever builds it and when."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or (path.parent in {root / HOME / "bin", root / "DEBIAN"} and path.name in RUNS)
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (seconds, seconds), follow_symlinks=False)


def _product(site: Path) -> None:
    """Our own modules, from a wheel of the tree."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", directory]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - a module of ours
        (wheel,) = Path(directory).glob("*.whl")
        with zipfile.ZipFile(wheel) as opened:
            opened.extractall(site)


def _environment(home: Path) -> None:
    """What makes Debian's Python a virtual environment that finds the libraries, also in child processes."""
    binaries = home / "bin"
    binaries.mkdir()
    (binaries / "python").symlink_to("/usr/bin/python3")
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n", "ascii")
    for name, module in COMMANDS.items():
        lines = (f"#!/{HOME}/bin/python -I", "import sys", "", f"from {module} import main", "", "sys.exit(main())", "")
        (binaries / name).write_text("\n".join(lines), "ascii")


def _units(root: Path) -> None:
    for kind, place in {"units": UNITS, **CONFIGURATION}.items():
        (root / place).mkdir(parents=True)
        for path in sorted((ROOT / "systemd").iterdir()):
            name, _, suffix = path.name.partition(f".{kind}")
            if suffix == ".conf":
                shutil.copy(path, root / place / f"{name}.conf")
            elif kind == "units" and path.suffix != ".conf":
                shutil.copy(path, root / place)
    binaries = root / "usr/bin"
    binaries.mkdir(parents=True)
    for name in COMMANDS:
        (binaries / name).symlink_to(f"/{HOME}/bin/{name}")


def _packed(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def describe(root: Path) -> str:
    """DEBIAN/: what dpkg is told. Returns the package's file name."""
    control = root / "DEBIAN"
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink()) // 1024
    control.mkdir(mode=0o755)
    architecture = _output("dpkg", "--print-architecture")
    version = re.sub(r"[^0-9A-Za-z.+~]", "~", __version__)
    told = {"product": PRODUCT, "version": version, "architecture": architecture, "size": size}
    (control / "control").write_text(CONTROL.format(**told, python=PYTHON, next_python=NEXT_PYTHON), "utf-8")
    files = sorted(path.relative_to(root) for path in (root / "etc").rglob("*") if path.is_file())
    (control / "conffiles").write_text("".join(f"/{one}\n" for one in files), "utf-8")
    for script in SCRIPTS:
        shutil.copy(ROOT / "package" / "debian" / script, control)
    return f"{PRODUCT}_{version}_{architecture}.deb"


def epoch() -> str:
    """The time that every file gets: as told, or of the last commit, or none."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told:
        return told
    try:
        return _output("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
    except (OSError, subprocess.CalledProcessError):
        return "0"


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603


def build(root: Path, to: Path, compress: str = "xz") -> Path:
    """The package in `to`, of what is laid out in the empty directory `root`."""
    lay_out(root)
    path = to / describe(root)
    seconds = epoch()
    _even_out(root, int(seconds))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": seconds}
    command = ("dpkg-deb", "--root-owner-group", "-z6", f"-Z{compress}", "--build", str(root), str(path))
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    return path


def command() -> None:
    """What `make package` runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "dist", help="the directory of the package")
    parser.add_argument("--compress", default="xz", choices=("xz", "gzip", "none"))
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    path = build(clear(ROOT / "build" / "package"), asked.to, asked.compress)
    print(f"{path}: {path.stat().st_size} octets")  # noqa: T201


if __name__ == "__main__":
    command()
