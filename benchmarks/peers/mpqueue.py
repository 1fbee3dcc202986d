#!/usr/bin/env python3
"""CPython's side of the queue benchmark: prints the messages per second of one producer and one consumer process
that send so many ints through a multiprocessing.Queue."""
import multiprocessing as mp
import sys
import time


def produce(queue, count):
    for i in range(count):
        queue.put(i)


if __name__ == "__main__":
    mp.set_start_method("fork")
    count = int(sys.argv[1])
    for _ in sys.stdin:
        queue = mp.Queue(16384)
        process = mp.Process(target=produce, args=(queue, count))
        process.start()
        queue.get()
        begin = time.perf_counter()
        for _ in range(count - 1):
            queue.get()
        print((count - 1) / (time.perf_counter() - begin), flush=True)
        process.join()
