"""What each process may do with Valkey: whoever gets hold of one of them gets no further by it."""

import hashlib

# It hears nobody who does not speak TLS.
TLS = (
    "port 0",
    "tls-port 6379",
    "tls-cert-file /run/secrets/valkey.crt",
    "tls-key-file /run/secrets/valkey.key",
    "tls-ca-cert-file /run/secrets/authority.crt",
    "tls-auth-clients no",
)
# What every client says of itself.
SPEAKS = "+auth +hello +ping +select +quit +client|setinfo +client|setname"
# To put a task into the queue, or be told that something changed.
# Everything of the queues is named kypho: in front (config/settings.py).
QUEUES = "~kypho:celery %R~kypho:celery* ~kypho:_kombu.binding*.celery +lpush +sadd +smembers +multi +exec +llen"
HINTS = "~kypho:tick:hinted ~kypho:health +set"
RINGS = "&kypho:board:* +publish"
# A worker takes tasks, and answers whether it is there: whatever its library does with its own keys.
TAKES = (
    "~kypho:celery* ~kypho:unacked* ~kypho:_kombu.binding* ~kypho:*.celery.pidbox*"
    " &kypho:/0.celery.pidbox &kypho:/0.celeryev/* &/0.celery.pidbox &/0.celeryev/*"
    " +@list +@set +@sortedset +@hash +@string +@transaction +@pubsub -@admin -@dangerous"
    " +del +exists +expire +pexpire +ttl +pttl +time +eval +evalsha +script|load +script|exists"
)
USERS = {
    "pages": f"{QUEUES} {HINTS} {RINGS} +psubscribe +punsubscribe",
    "beat": QUEUES,
    "watchdog": f"{QUEUES} {HINTS} {RINGS} +del",
    "worker": f"{QUEUES} {HINTS} {RINGS} {TAKES}",
}


def lines(passwords: dict[str, str]) -> list[str]:
    """The users, as lines of valkey.conf: nobody comes in without a name, and passwords stand there hashed."""
    users = [f"user {name} on #{_hash(passwords[name])} {SPEAKS} {may}" for name, may in USERS.items()]
    return ["user default off", *users]


def _hash(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()
