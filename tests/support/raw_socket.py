"""A WebSocket by hand, which does only what a test tells it: no library can be kept from reading or from answering."""

import json
import socket


def greet(raw: socket.socket, token: str) -> None:
    """A handshake and a hello without a library: none of them can be kept from reading."""
    raw.sendall(
        b"GET /ws/widget HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert b"101" in raw.recv(1024)
    hello = json.dumps({"t": "hello", "token": token, "since": 0}).encode()
    mask = b"\0\0\0\0"
    raw.sendall(b"\x81" + bytes([0x80 | 126]) + len(hello).to_bytes(2, "big") + mask + hello)


def end_of(raw: socket.socket) -> int | str:
    """Read everything that was on its way: the code of the close frame, or ``ended`` (or ``open``) without one."""
    raw.settimeout(20)
    received = bytearray()
    end = "ended"
    try:
        while data := raw.recv(1 << 20):
            received += data
    except TimeoutError:
        end = "open"
    except ConnectionResetError:
        pass
    at = 0
    while at + 2 <= len(received):
        length, head = received[at + 1] & 0x7F, 2
        if length == 126:
            length, head = int.from_bytes(received[at + 2 : at + 4], "big"), 4
        elif length == 127:
            length, head = int.from_bytes(received[at + 2 : at + 10], "big"), 10
        if received[at] & 0x0F == 8:
            return int.from_bytes(received[at + head : at + head + 2], "big")
        at += head + length
    return end
