"""How long our processes wait for another machine before they treat it as unreachable."""

import socket

# For the database, with libpq's names.
PATIENCE = {
    "connect_timeout": 3,  # seconds
    # These notice within seconds, not hours, that a machine vanished in the middle of a connection.
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,  # milliseconds
}

# For Redis the same values, with the kernel's names. Without them a worker whose connection was lost silently
# gets no task for a minute and a half, and only the watchdog sweeps.
REDIS_KEEPALIVE = {
    socket.TCP_KEEPIDLE: PATIENCE["keepalives_idle"],
    socket.TCP_KEEPINTVL: PATIENCE["keepalives_interval"],
    socket.TCP_KEEPCNT: PATIENCE["keepalives_count"],
    socket.TCP_USER_TIMEOUT: PATIENCE["tcp_user_timeout"],
}
