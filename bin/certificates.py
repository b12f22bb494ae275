"""A small authority of one installation, and a certificate of it for each server inside.

Made by the openssl of this machine. The authority's key stays in the folder, and no container sees it: whoever
trusts this authority trusts these servers and nobody else.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import bootstrap

# Who is spoken to, by the name that others call it in docker-compose.yml.
SERVERS = ("postgres", "valkey", "front", "web", "urgent", "events")
AUTHORITY = "authority"
# Long: one that ran out in the night would stop everything. bin/secrets replaces one in its last year.
AUTHORITY_DAYS, SERVER_DAYS, RENEWED_BEFORE_DAYS = 7300, 3650, 365
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def make(folder: Path, names: Iterable[str] = SERVERS) -> list[str]:
    """Write what is missing or soon runs out; the names of those that are new."""
    certificate, key = folder / f"{AUTHORITY}_certificate", folder / f"{AUTHORITY}_key"
    new = []
    if not (certificate.exists() and key.exists()):
        with _apart(folder) as place:
            _authority(place)
            _put(place, folder, AUTHORITY)
        new.append(AUTHORITY)
    for name in names:
        if AUTHORITY in new or not _is_good(folder / f"{name}_certificate"):
            with _apart(folder) as place:
                _server(place, name, certificate, key)
                _put(place, folder, name)
            new.append(name)
    return new


@contextmanager
def _apart(folder: Path) -> Iterator[Path]:
    """What is half made is never seen."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as name:
        yield Path(name)


def _put(place: Path, folder: Path, name: str) -> None:
    for part in ("key", "certificate"):
        # The processes in the containers are other users, and read their own; the authority's key nobody reads.
        (place / part).chmod(0o400 if (name, part) == (AUTHORITY, "key") else 0o444)
        (place / part).replace(folder / f"{name}_{part}")


def _authority(place: Path) -> None:
    extensions = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n"
    config = (
        f"[req]\ndistinguished_name=who\nx509_extensions=is\n[who]\n[is]\n{extensions}subjectKeyIdentifier=hash\n"
    )
    (place / "config").write_text(config)
    _openssl(
        *("req", "-x509", *CURVE, "-days", str(AUTHORITY_DAYS), "-subj", "/CN=Kypho Recovery, inside"),
        *("-config", str(place / "config"), "-keyout", str(place / "key"), "-out", str(place / "certificate")),
    )


def _server(place: Path, name: str, certificate: Path, key: Path) -> None:
    # By its address too: a container asks itself whether it is well.
    names = f"subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1\n"
    (place / "extensions").write_text(f"{names}extendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    (place / "config").write_text("[req]\ndistinguished_name=who\n[who]\n")
    request = str(place / "request")
    _openssl(
        *("req", "-new", *CURVE, "-subj", f"/CN={name}", "-config", str(place / "config")),
        *("-keyout", str(place / "key"), "-out", request),
    )
    _openssl(
        *("x509", "-req", "-in", request, "-CA", str(certificate), "-CAkey", str(key), "-days", str(SERVER_DAYS)),
        *("-set_serial", f"0x{os.urandom(16).hex()}", "-extfile", str(place / "extensions"), "-sha256"),
        *("-out", str(place / "certificate")),
    )


def _is_good(certificate: Path) -> bool:
    seconds = str(RENEWED_BEFORE_DAYS * 86400)
    asked = ["openssl", "x509", "-checkend", seconds, "-noout", "-in", str(certificate)]
    return certificate.exists() and subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _openssl(*arguments: str) -> None:
    try:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        bootstrap.fail("openssl is needed to make the certificates: install it, and run this again")
    except subprocess.CalledProcessError as error:
        bootstrap.fail(f"openssl made no certificate: {error.stderr.strip().splitlines()[-1]}")
