"""How long a process of ours waits for another machine before it takes it for gone."""

import socket

# The database, by libpq's names.
PATIENCE = {
    "connect_timeout": 3,  # seconds
    # A machine that vanished in the middle of a conversation is noticed within seconds, not hours.
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,  # milliseconds
}

# Redis, by the kernel's names: the same seconds. Without them a worker whose connection was lost without a word
# hears nothing for a minute and a half, and the watchdog drives alone.
REDIS_KEEPALIVE = {
    socket.TCP_KEEPIDLE: PATIENCE["keepalives_idle"],
    socket.TCP_KEEPINTVL: PATIENCE["keepalives_interval"],
    socket.TCP_KEEPCNT: PATIENCE["keepalives_count"],
    socket.TCP_USER_TIMEOUT: PATIENCE["tcp_user_timeout"],
}
