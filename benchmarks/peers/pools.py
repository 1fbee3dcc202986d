#!/usr/bin/env python3
"""CPython's side of the pools: pools.py FIGURE [COUNT]. For each line that it reads it measures once, in a pool of two forked
workers, and prints one number, in the unit of the Java side."""
import concurrent.futures
import multiprocessing as mp
import sys
import time
from multiprocessing import shared_memory

WORKERS = 2
MAPPED = 100_000
SUBMITTED = 10_000
LARGE, LARGE_TASKS = 1 << 20, 200
ARRAY, ARRAY_TASKS, PAGE = 100 << 20, 1000, 4096
SHORT, SHORT_TASKS = 100_000, 10_000

inherited = None
attached = {}


def successor(n):
    return n + 1


def large(n):
    return bytes(LARGE)


def work(n):
    end = time.perf_counter_ns() + SHORT
    while time.perf_counter_ns() < end:
        pass
    return n


def part(data, task):
    return sum(data[ARRAY * task // ARRAY_TASKS : ARRAY * (task + 1) // ARRAY_TASKS : PAGE])


def part_of_inherited(task):
    return part(memoryview(inherited), task)


def part_of_attached(arguments):
    name, task = arguments
    if name not in attached:
        for old in attached.values():
            old.close()
        attached.clear()
        attached[name] = shared_memory.SharedMemory(name=name)
    with attached[name].buf[:ARRAY] as view:
        return part(view, task)


def took(action):
    begin = time.perf_counter_ns()
    action()
    return time.perf_counter_ns() - begin


def trips(call, count):
    def many():
        for _ in range(count):
            call(3)

    return took(many) / count


def array_in_shared_memory(pool, data):
    memory = shared_memory.SharedMemory(create=True, size=ARRAY)
    memory.buf[:ARRAY] = data
    pool.map(part_of_attached, [(memory.name, task) for task in range(ARRAY_TASKS)])
    memory.close()
    memory.unlink()


def array_of_new_pool():
    with mp.Pool(WORKERS) as pool:
        pool.map(part_of_inherited, range(ARRAY_TASKS))


def all_of(futures):
    for future in list(futures):
        future.result()


def efficiency(nanos):
    return 100 * SHORT_TASKS * SHORT / WORKERS / nanos


def figures(pool, executor, data):
    numbers = range(MAPPED)
    return {
        "pool-trip": lambda: trips(lambda n: pool.apply(successor, (n,)), 3000),
        "executor-trip": lambda: trips(lambda n: executor.submit(successor, n).result(), 2000),
        "pool-submit": lambda: SUBMITTED
        * 1e9
        / took(lambda: [r.get() for r in [pool.apply_async(successor, (n,)) for n in range(SUBMITTED)]]),
        "executor-submit": lambda: SUBMITTED
        * 1e9
        / took(lambda: all_of([executor.submit(successor, n) for n in range(SUBMITTED)])),
        "pool-map": lambda: MAPPED * 1e9 / took(lambda: pool.map(successor, numbers)),
        "pool-map-1": lambda: MAPPED * 1e9 / took(lambda: pool.map(successor, numbers, 1)),
        "executor-map-1": lambda: SUBMITTED * 1e9 / took(lambda: list(executor.map(successor, range(SUBMITTED)))),
        "pool-large": lambda: LARGE_TASKS * 1e9 / took(lambda: pool.map(large, range(LARGE_TASKS), 1)),
        "executor-large": lambda: LARGE_TASKS * 1e9 / took(lambda: list(executor.map(large, range(LARGE_TASKS)))),
        "array-shared": lambda: took(lambda: array_in_shared_memory(pool, data)) / 1e6,
        "array-forked": lambda: took(array_of_new_pool) / 1e6,
        "pool-short": lambda: efficiency(took(lambda: pool.map(work, range(SHORT_TASKS)))),
        "pool-short-1": lambda: efficiency(took(lambda: pool.map(work, range(SHORT_TASKS), 1))),
        "executor-short-1": lambda: efficiency(took(lambda: list(executor.map(work, range(SHORT_TASKS))))),
    }


def main():
    global inherited
    name = sys.argv[1]
    data = bytes(ARRAY) if name.startswith("array") else b""
    inherited = data
    shared_memory.SharedMemory(create=True, size=1).unlink()  # so that workers have the same tracker of segments
    pool = mp.Pool(WORKERS) if not name.startswith("executor") else None
    executor = concurrent.futures.ProcessPoolExecutor(WORKERS) if name.startswith("executor") else None
    figure = figures(pool, executor, data)[name]
    for _ in sys.stdin:
        print(figure(), flush=True)


if __name__ == "__main__":
    mp.set_start_method("fork")
    main()
