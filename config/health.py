"""GET /health/ checks the database, the broker and the age of the last tick."""

import time

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

TICK_LATE_SECONDS = 30
HEALTH_KEY = "kypho:health"


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all is well, 503 with the reasons when a part is bad."""
    parts = {"database": _database(), "broker": _broker(), "tick": _tick()}
    bad = [f"{name}: {part['error']}" for name, part in parts.items() if part.get("error")]
    body = {"status": "ok" if not bad else "bad", "reasons": bad, **parts}
    return JsonResponse(body, status=200 if not bad else 503, headers={"Cache-Control": "no-store"})


def _database() -> dict[str, object]:
    start = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only')")
            (read_only,) = cursor.fetchone()
    except DatabaseError:
        return {"error": "no answer from the database"}
    if read_only == "on":
        return {"error": "the database takes no writes"}
    return {"ok": True, "seconds": round(time.monotonic() - start, 4)}


def _broker() -> dict[str, object]:
    start = time.monotonic()
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        # A write, because a broker that is read-only or full still answers a ping.
        client.set(HEALTH_KEY, 1, ex=60)
    except redis.exceptions.ResponseError:
        return {"error": "the broker takes no writes; alerts go on by the slower way"}
    except redis.RedisError:
        return {"error": "no answer from the broker; alerts go on by the slower way"}
    finally:
        client.close()
    return {"ok": True, "seconds": round(time.monotonic() - start, 4)}


def _tick() -> dict[str, object]:
    """Return the age of the last completed sweep in seconds, by the database's clock; an error if it is late."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM clock_timestamp() - max(beat_at)) FROM alerts_processbeat"
                " WHERE name IN ('tick:celery', 'tick:watchdog')"
            )
            (age_seconds,) = cursor.fetchone()
    except DatabaseError:
        return {"error": "unknown without the database"}
    if age_seconds is None:
        return {"error": "no tick has ever completed: start the worker, beat and watchdog"}
    age = round(float(age_seconds), 1)
    if abs(age) > TICK_LATE_SECONDS:  # a future tick was written before the clock stepped back
        return {"error": f"the last tick was {age} seconds ago", "age_seconds": age}
    return {"ok": True, "age_seconds": age}
