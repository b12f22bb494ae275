"""What a run is to be: one seed makes one schedule, with every fail-point in it; and how nurses neglect alerts."""

import uuid
from collections import Counter

from alerts.failpoints import POINTS
from faults.fleet import URGENT_SHARE, plan
from faults.kinds import BROKER, FAULTS
from faults.nemesis import schedule
from faults.nurse import FORGOTTEN, IGNORED, IGNORED_SECONDS, Crew, careless, character

KILL = "kill at "


def names(faults: int, **more: str) -> list[str]:
    return [fault.name for _, fault in schedule(7, faults, 900, broker=True, **more)]


def test_one_seed_makes_one_schedule_and_another_seed_another() -> None:
    assert names(20) == names(20)
    assert names(20) != [fault.name for _, fault in schedule(8, 20, 900, broker=True)]


def test_a_run_has_as_many_kills_at_fail_points_as_other_faults_each_about_as_often() -> None:
    kills = Counter(name for name in names(100) if name.startswith(KILL))
    assert (kills.total(), len(kills), len(names(100))) == (100, len(POINTS), 200)
    assert max(kills.values()) - min(kills.values()) <= 1


def test_a_short_run_meets_every_fail_point_once() -> None:
    assert Counter(name for name in names(3) if name.startswith(KILL)) == {f"{KILL}{point}": 1 for point in POINTS}


def test_every_kind_comes_before_any_comes_twice_and_clocks_and_network_are_among_them() -> None:
    kinds = {name for name in names(len(FAULTS) + len(BROKER) + 1) if not name.startswith(KILL)}
    assert len(kinds) == len(FAULTS) + len(BROKER) + 1
    assert {name.split()[0] for name in kinds} >= {"clock", "network:", "lock:", "new", "hold", "disk"}


def test_only_some_faults_means_no_fail_points() -> None:
    assert {name.split()[0] for name in names(5, only="network")} == {"network:"}


def test_of_the_logs_of_a_plan_just_so_many_are_urgent() -> None:
    for logs in (20, 1000):
        made = plan([{"patient": 1, "session": "s"}], logs, 100, seed=5)
        assert sum(bool(log["tier"]) for log in made) == round(logs * URGENT_SHARE)
        assert len({log["client_id"] for log in made}) == logs


def test_one_alert_in_ten_of_a_run_is_ignored_and_none_that_comes_late() -> None:
    for seconds in (100, 1000):
        share = careless(seconds) / seconds
        met = [character(str(uuid.UUID(int=number)), 5, share) for number in range(4000)]
        ignored = sum(delay == IGNORED_SECONDS for delay, _ in met) * share / 40
        forgotten = sum(forgets for _, forgets in met) * share / 40
        assert abs(ignored - IGNORED) < 1.5
        assert abs(forgotten - FORGOTTEN) < 1.5
        assert not any(delay == IGNORED_SECONDS and forgets for delay, forgets in met)
    late = [character(str(number), 5, 0) for number in range(1000)]
    assert max(delay for delay, _ in late) < 9
    assert not any(forgets for _, forgets in late)


def test_what_is_seen_in_the_last_minute_is_late() -> None:
    crew = Crew(seed=5, seconds=100)
    assert crew.share(crew.began + 44) == 0.45
    assert crew.share(crew.began + 46) == 0
