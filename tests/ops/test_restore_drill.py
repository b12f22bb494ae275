"""Back up the running product, let it work, lose its database, put the copy back by each way: nothing is lost."""

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.integrity.epoch_marker import NAME
from ops.datadir import DataDir
from tests.ops import restoring
from tests.ops.restoring import Phone, ask
from tests.processes import running_stack
from tests.recovery.conftest import NUMB
from tests.waiting import until

pytestmark = pytest.mark.processes
WAYS: dict[str, Callable[[DataDir, Path], None]] = {
    "server": restoring.put_back_dump,
    "timeline": restoring.put_back_with_recovery,
    "files": restoring.put_back_files,
}
LOGS = "SELECT client_id::text FROM recovery_dailylog WHERE client_id::text = ANY(%s)"
URGENT = (
    "SELECT s.tier, a.state, a.id FROM recovery_dailylog l JOIN recovery_assessment s ON s.log_id = l.id "
    "JOIN alerts_alert a ON a.id = s.alert_id WHERE l.client_id::text = %s"
)
NOW = "SELECT clock_timestamp()"
EPOCHS = "SELECT cause, copied_at FROM alerts_epoch ORDER BY id"
TOLD = "SELECT count(*) FROM alerts_delivery WHERE alert_id = %s AND channel <> 'board'"


@dataclass(frozen=True)
class Before:
    """What was there before the database was lost: the phone's memory, the copies, and the rest of the disk."""

    phone: Phone
    folder: Path
    urgent: str
    alert: int
    dumped_at: datetime
    copied_at: datetime


def wait_for_the_witness(data: DataDir) -> None:
    """It has seen what was just written (it looks every ten seconds)."""
    ((position,),) = ask(data, "SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint")
    until(lambda: json.loads((data.path / NAME).read_text())["position"] > position, 60)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Three logs, the copies, a calm and an urgent log; then everything is stopped."""
    folder = tmp_path_factory.mktemp("before")
    folder.chmod(0o711)
    data, copies = DataDir(folder / "data"), folder / "copies"
    copies.mkdir()
    with running_stack(folder, demo=True, CANARY="0") as address:
        phone = Phone(restoring.sign_in(data, "mei@demo.example"))
        for _ in range(3):
            phone.log(address)
        until(lambda: ask(data, EPOCHS), 60, every_seconds=0.3)
        restoring.dump(str(data.state()["DATABASE_URL"]), copies)
        ((dumped_at,),) = ask(data, NOW)
        restoring.base_backup(str(data.state()["DATABASE_URL"]), copies)
        ((copied_at,),) = ask(data, NOW)
        phone.log(address)
        urgent = phone.log(address, **NUMB)
        ((_, _, alert),) = ask(data, URGENT, urgent)
        wait_for_the_witness(data)
    return Before(phone, folder, urgent, alert, dumped_at, copied_at)


@pytest.mark.parametrize("cause", WAYS)
def test_by_every_way_back_no_log_is_lost_and_the_urgent_one_has_its_alert(
    before: Before, tmp_path: Path, cause: str
) -> None:
    tmp_path.chmod(0o711)
    phone, data = copy.deepcopy(before.phone), DataDir(tmp_path / "data")
    shutil.copytree(before.folder / "data", data.path, ignore=shutil.ignore_patterns("postgres", "run"))
    data.path.chmod(0o711)
    WAYS[cause](data, before.folder / "copies")
    with running_stack(tmp_path, demo=True, CANARY="0") as address:
        ids = [entry["body"]["client_id"] for entry in phone.sent]
        assert len(ask(data, LOGS, ids)) == 3
        assert phone.send_again(address) == [200, 200, 200, 201, 201]
        assert sorted(row[0] for row in ask(data, LOGS, ids)) == sorted(ids)
        ((tier, state, alert),) = ask(data, URGENT, before.urgent)
        assert (tier, state) == ("call_doctor_now", "open")
        # A number that a provider has seen is not used for another alert, and somebody is told.
        assert alert > before.alert + 10**6
        until(lambda: ask(data, TOLD, alert)[0][0], 60, every_seconds=0.3)
        first, known = ask(data, EPOCHS)
        assert (first[0], known[0]) == ("first", cause)
        # A sweep was finished shortly before the copy was: never told as later than it was.
        made_at = before.dumped_at if cause == "server" else before.copied_at
        assert timedelta(0) <= made_at - known[1] < timedelta(minutes=1)
        assert phone.send_again(address) == []
