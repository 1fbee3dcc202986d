#!/usr/bin/env python3
"""CPython's side of the synchronization benchmark. Argument: which figure.
lock: nanoseconds of an uncontended acquire and release; increments: increments per second of two processes under a Value's
lock; semaphore: round trips per second between two processes; barrier: rounds per second of two processes."""
import multiprocessing as mp
import sys
import time


def add(value, count):
    for _ in range(count):
        with value.get_lock():
            value.value += 1


def pong(ping, answer, count):
    for _ in range(count):
        ping.acquire()
        answer.release()


def meet(barrier, count):
    for _ in range(count):
        barrier.wait()


def timed(process, work):
    process.start()
    begin = time.perf_counter()
    work()
    process.join()
    return time.perf_counter() - begin


def figure(kind):
    if kind == "lock":
        lock, count = mp.Lock(), 1_000_000
        begin = time.perf_counter()
        for _ in range(count):
            lock.acquire()
            lock.release()
        return (time.perf_counter() - begin) / count * 1e9
    if kind == "increments":
        value, count = mp.Value("i", 0), 200_000
        return 2 * count / timed(mp.Process(target=add, args=(value, count)), lambda: add(value, count))
    if kind == "semaphore":
        ping, answer, count = mp.Semaphore(0), mp.Semaphore(0), 50_000

        def play():
            for _ in range(count):
                ping.release()
                answer.acquire()

        return count / timed(mp.Process(target=pong, args=(ping, answer, count)), play)
    barrier, count = mp.Barrier(2), 10_000
    return count / timed(mp.Process(target=meet, args=(barrier, count)), lambda: meet(barrier, count))


if __name__ == "__main__":
    mp.set_start_method("fork")
    for _ in sys.stdin:
        print(figure(sys.argv[1]), flush=True)
