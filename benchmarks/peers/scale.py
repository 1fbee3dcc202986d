#!/usr/bin/env python3
"""CPython's side of the growing costs: scale.py FIGURE SIZE. For each line that it reads it measures once and prints one number,
in the unit of the Java side."""
import multiprocessing as mp
import sys
import time

TASKS = 20_000
ROUND_BYTES, MOST, FEWEST = 1 << 28, 20_000, 3
CONSUMED = 50_000


def successor(n):
    return n + 1


def content(size):
    return bytes(size)


def produce(queue, orders, size):
    item = bytes(size)
    while True:
        for _ in range(orders.recv()):
            queue.put(item)


def consume(queue, ends):
    while (item := queue.get()) >= 0:
        if item == 0:
            ends.put(0)


def seconds(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def count_of(size):
    return max(FEWEST, min(MOST, ROUND_BYTES // size))


started, go = None, None


def started_and_waiting(_):
    started.put(1)
    go.get()


def opening(workers):
    global started, go
    started, go = mp.SimpleQueue(), mp.SimpleQueue()  # inherited
    begin = time.perf_counter()
    with mp.Pool(workers) as pool:
        tasks = pool.map_async(started_and_waiting, range(workers), 1)
        for _ in range(workers):
            started.get()
        took = time.perf_counter() - begin
        for _ in range(workers):
            go.put(1)
        tasks.get()
    return took * 1000


def figure(name, size):
    if name == "open":
        return lambda: opening(size)
    if name == "tasks":
        pool = mp.Pool(size)
        return lambda: TASKS / seconds(lambda: pool.map(successor, range(TASKS), 1))
    if name == "items":
        pool = mp.Pool(2)
        numbers = list(range(size))
        return lambda: size / seconds(lambda: pool.map(successor, numbers))
    if name == "result-size":
        pool = mp.Pool(2)
        count = count_of(size)

        def results():
            for result in pool.imap(content, [size] * count):
                assert len(result) == size

        return lambda: seconds(results) * 1e6 / count
    if name == "queue-size":
        queue = mp.Queue(1 << 10 if size < 1 << 16 else 4)
        receiving, orders = mp.Pipe(duplex=False)
        mp.Process(target=produce, args=(queue, receiving, size), daemon=True).start()
        count = count_of(size)

        def take():
            for _ in range(count):
                queue.get()

        def queued():
            orders.send(count + 1)
            queue.get()
            return seconds(take) * 1e6 / count

        return queued
    queue, ends = mp.Queue(), mp.Queue()
    for _ in range(size):
        mp.Process(target=consume, args=(queue, ends), daemon=True).start()

    def consumed():
        for item in range(CONSUMED - 1, -1, -1):
            queue.put(item)
        ends.get()

    return lambda: CONSUMED / seconds(consumed)


def main():
    measure = figure(sys.argv[1], int(sys.argv[2]))
    for _ in sys.stdin:
        print(measure(), flush=True)


if __name__ == "__main__":
    mp.set_start_method("fork")
    main()
