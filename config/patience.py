"""How long a process of ours waits for the database's machine before it takes it for gone (libpq's names)."""

PATIENCE = {
    "connect_timeout": 3,  # seconds
    # A machine that vanished in the middle of a conversation is noticed within seconds, not hours.
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,  # milliseconds
}
