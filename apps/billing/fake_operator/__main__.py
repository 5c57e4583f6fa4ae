"""`python -m apps.billing.fake_operator`: the same as `manage.py fake_operator`, without Django and its database."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from apps.billing.fake_operator.options import Options
from apps.billing.fake_operator.routes import make_operator
from apps.billing.fake_operator.server import serving


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What both commands take."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="file that keeps payments and refunds over a restart")
    parser.add_argument("--time-scale", type=float, default=1.0, help="how many of the operator's seconds pass in one of ours")
    parser.add_argument("--delay", type=float, default=5.0, help="the operator's seconds that payers take")
    parser.add_argument("--callback-host", action="append", default=[], help="where callbacks may go besides this machine; repeatable")
    parser.add_argument("--pawapay-callback-url", default="", help="pawaPay's is set once for an account, not with each payment")


def serve(arguments: argparse.Namespace) -> None:
    """Print the address and serve until SIGINT or SIGTERM."""
    options = Options(
        delay_s=arguments.delay, callback_hosts=tuple(arguments.callback_host), pawapay_callback_url=arguments.pawapay_callback_url
    )
    operator = make_operator(options, time_scale=arguments.time_scale, state=arguments.state)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with serving(operator, host=arguments.host, port=arguments.port) as server:
        print(server.address, flush=True)  # noqa: T201  who started it reads where it answers
        ended.wait()


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    serve(parser.parse_args(sys.argv[1:]))


if __name__ == "__main__":
    main()
