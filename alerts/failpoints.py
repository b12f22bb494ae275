"""The points where a fault run may kill or hold a process, between commit, enqueue, claim, send and mark.

FAILPOINTS is read once, when this module is imported. With HTTPS no process starts while it is set. When it is not
set, failpoint is an empty function: a call takes about 40 nanoseconds, in steps that each wait for the database.

FAILPOINTS=after_send:kill@0.02,after_claim:sleep=14@0.01,*:once
  kill      SIGKILL to ourselves        @0.02   with this probability, else always
  sleep=S   hold this thread S seconds  *       every point
  once      do what the file FAILPOINTS_DIR/<point> says (kill or sleep=S); only the process that removes it does
"""

import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

POINTS = (
    "after_envelope_commit",
    "after_log_commit",
    "in_judge",
    "after_judge_commit",
    "in_sweep_unjudged",
    "after_escalate_commit",
    "after_claim",
    "before_send",
    "after_send",
    "mid_batch",
    "after_mark",
    "after_reap",
    "in_receipt",
    "after_ack_commit",
    "in_reminder_send",
    "on_publish",
)


@dataclass(frozen=True)
class _Rule:
    action: str
    probability: float


def _off(point: str) -> None:
    """Do nothing: the failpoint of every process outside a fault run."""


def parse(text: str) -> dict[str, list[_Rule]]:
    """The rules of each point. ValueError for an unknown point or action."""
    rules: dict[str, list[_Rule]] = {point: [] for point in POINTS}
    for part in filter(None, text.split(",")):
        name, _, rest = part.partition(":")
        action, _, probability = rest.partition("@")
        if action not in ("kill", "once") and not action.startswith("sleep="):
            raise ValueError(f"unknown action in FAILPOINTS: {part}")
        if name != "*" and name not in rules:
            raise ValueError(f"unknown point in FAILPOINTS: {part}")
        for point in POINTS if name == "*" else (name,):
            rules[point].append(_Rule(action, float(probability or 1)))
    return rules


def armed(text: str, folder: Path) -> Callable[[str], None]:
    """The failpoint function of a fault run. It writes each action to folder/hits before it does it."""
    rules: Mapping[str, list[_Rule]] = parse(text)

    def fail(point: str) -> None:
        for rule in rules[point]:
            if rule.probability < 1 and random.random() >= rule.probability:  # noqa: S311
                continue
            action = _take(folder / point) if rule.action == "once" else rule.action
            if action:
                _act(point, action, folder)

    return fail


def _take(order: Path) -> str:
    """The action in the file, for the one process that manages to remove the file; empty for all others."""
    try:
        action = order.read_text()
        order.unlink()
    except FileNotFoundError:
        return ""
    return action.strip()


def _act(point: str, action: str, folder: Path) -> None:
    with (folder / "hits").open("a") as hits:
        hits.write(f"{time.time():.3f} {point} {action} {os.getpid()}\n")
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(float(action.removeprefix("sleep=")))


_text = os.environ.get("FAILPOINTS", "")


def is_armed() -> bool:
    """Is this process part of a fault run?"""
    return bool(_text)


failpoint = armed(_text, Path(os.environ["FAILPOINTS_DIR"])) if _text else _off
