#!/usr/bin/env python3
"""CPython's side of the transports: transport.py queue|pipe|trip ITEM PRODUCERS MILLIS. For each line that it reads it
prints messages per second, or the nanoseconds of a round trip. ITEM is a number of bytes, or the name of an object."""
import multiprocessing as mp
import sys
import time
from dataclasses import dataclass


@dataclass
class Four:
    number: int
    large: int
    real: float
    text: str


ITEMS = {
    "integer": 123456,
    "string20": "twenty characters ok",
    "record4": Four(1, 2, 3.0, "four"),
    "bytes1k": bytes(1 << 10),
    "bytes1m": bytes(1 << 20),
}


def produce(put, orders, item):
    while (count := orders.recv()) > 0:
        for _ in range(count):
            put(item)


def echo(connection):
    while True:
        connection.send_bytes(connection.recv_bytes())


def rounds(measure, seconds):
    """Finds a count that takes about so long, then measures with it once a line."""
    count, took = 32, 0.0
    while took < seconds / 2:
        count *= 2
        took = measure(count)
    for _ in sys.stdin:
        yield count, measure(count)


def main():
    what, name, producers, millis = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    item = ITEMS[name] if name in ITEMS else bytes(int(name))
    if what == "trip":
        mine, other = mp.Pipe()
        mp.Process(target=echo, args=(other,), daemon=True).start()

        def trips(count):
            begin = time.perf_counter()
            for _ in range(count):
                mine.send_bytes(item)
                mine.recv_bytes()
            return time.perf_counter() - begin

        for count, took in rounds(trips, millis / 1000):
            print(took * 1e9 / count, flush=True)
        return
    if what == "queue":
        queue = mp.Queue(1 << 14)
        get, put = queue.get, queue.put
    else:
        receiving, sending = mp.Pipe(duplex=False)
        get, put = (receiving.recv, sending.send) if name in ITEMS else (receiving.recv_bytes, sending.send_bytes)
    orders = []
    for _ in range(producers):
        mine, other = mp.Pipe()
        orders.append(mine)
        mp.Process(target=produce, args=(put, other, item), daemon=True).start()

    def messages(count):
        for order in orders:
            order.send(count)
        get()
        begin = time.perf_counter()
        for _ in range(count * producers - 1):
            get()
        return time.perf_counter() - begin

    for count, took in rounds(messages, millis / 1000):
        print((count * producers - 1) / took, flush=True)


if __name__ == "__main__":
    mp.set_start_method("fork")
    main()
