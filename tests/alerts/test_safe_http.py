"""An address that somebody typed never leads inside, however it is written and whatever its name says later."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from alerts.messaging.channels.base import TemporaryFailure
from alerts.messaging.channels.safe_http import UnsafeAddress, check, is_public, post
from tests.simulator import Simulator
from tests.waiting import drips

PUBLIC = "93.184.215.14"
# Numbers that a name may turn into, or that stand in the address itself.
INSIDE = [
    "127.0.0.1",
    "127.1.2.3",
    "127.255.255.255",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "169.254.169.254",
    "169.254.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::7f00:1",
    "::a00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "64:ff9b:1::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:a9fe:a9fe::1",
    "2001::1",
    "2001:0:7f00:1::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "100::1",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "4000::1",
]
# Other ways to write a number, and ways to hide where an address leads.
WRITTEN = [
    *(
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
    ),
    *(
        "https://0/",
        "https://127.0.0.1./",
        "https://[::1]./",
        "https://0251.0376.0251.0376/",
        "https://017700000001/",
    ),
    *(
        "https://127.0.0.1:443/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25lo]/",
    ),
    *(
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://@example.org/",
        "http://example.org/",
    ),
    *(
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https://example.org:8443/",
        "https:///x",
    ),
    *(
        "https://example.org:22/",
        "https://example.org:0x1bb/",
        "https://exa mple.org/",
        "https://example.org\\@x/",
    ),
    *(
        "https://example.org/\r\nHost: x",
        "https://",
        "",
        "//example.org/",
        "https://ex%61mple.org/",
        "https://a..b/",
    ),
    *(
        "https://-a.org/",
        "https://" + "a" * 64 + ".org/",
        "https://example.org/" + "a" * 1000,
        "https://①②⑦.⓪.⓪.①/",
    ),
    *(
        "https://１２７.０.０.１/",
        "https://1.1.1.1.1/",
        "https://0x/",
        "https://example.0x7f/",
        "https://a_b.org/",
    ),
]


def named(*numbers: str) -> Any:
    """A name service that knows one answer."""
    return lambda host, port: list(numbers)


@pytest.mark.parametrize("number", INSIDE)
def test_a_name_that_leads_inside_is_refused_alone_and_among_others(number: str) -> None:
    assert not is_public(number)
    for numbers in ([number], [PUBLIC, number], [number, PUBLIC]):
        with pytest.raises(UnsafeAddress):
            check("https://hooks.example.org/in", look_up=named(*numbers))


@pytest.mark.parametrize("number", [number for number in INSIDE if "%" not in number])
def test_a_number_in_the_address_is_refused(number: str) -> None:
    host = f"[{number}]" if ":" in number else number
    with pytest.raises(UnsafeAddress):
        check(f"https://{host}/in", look_up=named(PUBLIC))


@pytest.mark.parametrize("url", WRITTEN)
def test_odd_ways_to_write_an_address_are_refused(url: str) -> None:
    with pytest.raises(UnsafeAddress):
        check(url, look_up=named(PUBLIC))


def test_the_table_is_long_enough() -> None:
    assert len(set(INSIDE) | set(WRITTEN)) >= 60


@pytest.mark.parametrize("number", [PUBLIC, "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_the_internet_is_allowed(number: str) -> None:
    place = check("https://Hooks.Example.org./in?a=1", look_up=named(number))
    assert (place.host, place.port, place.number) == ("hooks.example.org", 443, number)


def test_a_name_with_letters_of_the_world_is_looked_up_as_the_network_writes_it() -> None:
    asked = []

    def note(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    check("https://bücher.example/", look_up=note)
    assert asked == ["xn--bcher-kva.example"]


def test_a_name_that_flips_between_two_questions_is_refused_100_times_of_100() -> None:
    refused = 0
    for _ in range(100):
        answers = iter([[PUBLIC], ["127.0.0.1"], [PUBLIC]])
        flips = lambda host, port, answers=answers: next(answers)  # noqa: E731
        check("https://hooks.example.org/", look_up=flips)  # as the form asks
        with pytest.raises(UnsafeAddress):  # as the sender asks
            check("https://hooks.example.org/", look_up=flips)
        refused += 1
    assert refused == 100


def test_the_connection_goes_to_the_number_that_was_checked_and_the_name_is_asked_once() -> None:
    asked, reached = [], []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    def note(number: str, port: int, seconds: float) -> socket.socket:
        reached.append((number, port))
        raise OSError("no network in tests")

    place = check("https://hooks.example.org/", look_up=resolver)
    with pytest.raises(TemporaryFailure, match="no connection"):
        post(place, b"{}", {}, connect=note)
    assert (asked, reached) == (["hooks.example.org"], [(PUBLIC, 443)])


def test_this_machine_is_only_reached_where_it_is_allowed(simulator: Simulator) -> None:
    url = f"{simulator.url}/webhook/x"
    with pytest.raises(UnsafeAddress):
        check(url)
    assert post(check(url, loopback=True), b"{}", {}).status == 200
    with pytest.raises(UnsafeAddress, match="demo"):
        check("https://hooks.example.org/", loopback=True, only_loopback=True, look_up=named(PUBLIC))
    # one address of two is inside: not a simulator, but a trick
    with pytest.raises(UnsafeAddress):
        check("https://hooks.example.org/", loopback=True, look_up=named("127.0.0.1", "10.0.0.1"))


@contextmanager
def answering(parts: Iterable[bytes]) -> Iterator[str]:
    """A server that says one thing to whoever comes first."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with server.accept()[0] as caller:
                caller.recv(65536)
                with suppress(OSError):
                    for part in parts:
                        caller.sendall(part)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x"


def test_a_redirect_is_an_answer_and_not_a_way() -> None:
    with answering([b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"]) as url:
        assert post(check(url, loopback=True), b"", {}).status == 302


@pytest.mark.parametrize("pause_seconds", [0.0, 0.1])
def test_an_answer_that_never_ends_has_said_all_in_its_first_line(
    simulator: Simulator, pause_seconds: float
) -> None:
    simulator.behave(endless_rate=1.0, endless_pause_seconds=pause_seconds)
    assert post(check(f"{simulator.url}/webhook/x", loopback=True), b"{}", {}).status == 200


def test_an_answer_that_drips_before_it_has_said_anything_ends_in_time(settings: Any) -> None:
    settings.SEND_SECONDS = 0.5

    def drip() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nX-Long: "
        yield from drips(b"x", 1200, 0.05)

    with answering(drip()) as url, pytest.raises(TemporaryFailure, match="no answer in time"):
        post(check(url, loopback=True), b"{}", {})


def test_no_proxy_of_the_environment_is_asked(simulator: Simulator, monkeypatch: Any) -> None:
    for name in ("http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(check(f"{simulator.url}/webhook/x", loopback=True), b"{}", {}).status == 200
