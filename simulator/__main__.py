"""python -m simulator runs a simulated provider until it is stopped. Prints its port when it is ready."""

import argparse
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

from simulator.callbacks import Callbacks
from simulator.calls import Calls
from simulator.faults import Dice, Faults
from simulator.ledger import Ledger
from simulator.server import Provider, Server


def main(argv: list[str]) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one, printed")
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--account", default="ACsimulated")
    parser.add_argument("--token", default="simulated-token")
    parser.add_argument("--number", default="+13125550190", help="the number of the clinic's side")
    parser.add_argument("--reply-url", default="", help="where replies go, unless one names its own")
    options = parser.parse_args(argv)
    faults, dice, ledger = Faults(), Dice(options.seed), Ledger(options.ledger, options.seed)
    callbacks = Callbacks(account=options.account, token=options.token, faults=faults, dice=dice, ledger=ledger)
    provider = Provider(
        account=options.account,
        token=options.token,
        reply_url=options.reply_url,
        number=options.number,
        faults=faults,
        dice=dice,
        ledger=ledger,
        callbacks=callbacks,
        calls=Calls(callbacks, ledger),
    )
    server = Server((options.host, options.port), provider)
    signal.signal(signal.SIGTERM, lambda number, frame: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
