"""CPython's side of procession bench, given to python3 -c: the argument is the figure, and how many of everything. For each line
of its input it measures once and prints one number; when its input ends, it ends with its processes."""
import concurrent.futures
import multiprocessing as mp
import sys
import time


def successor(n):
    return n + 1


def produce(queue, orders):
    while True:
        for n in range(orders.recv()):
            queue.put(n)


def seconds(action):
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def start(method):
    context = mp.get_context(method)

    def measure():
        here, there = context.Pipe()
        process = context.Process(target=there.send, args=(1,))
        begin = time.perf_counter()
        process.start()
        here.recv()
        took = time.perf_counter() - begin
        process.join()
        return took * 1e3

    return measure


def round_trips(count):
    executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=mp.get_context("fork"))

    def trips():
        for _ in range(count):
            executor.submit(successor, 3).result()

    return lambda: seconds(trips) * 1e6 / count


def submissions(count):
    executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=mp.get_context("fork"))

    def submit():
        for future in [executor.submit(successor, n) for n in range(count)]:
            future.result()

    return lambda: count / seconds(submit)


def mapped(count, chunk):
    pool = mp.get_context("fork").Pool(2)
    return lambda: count / seconds(lambda: pool.map(successor, range(count), chunk))


def queued(count):
    context = mp.get_context("fork")
    queue = context.Queue(1 << 14)
    receiving, orders = context.Pipe(duplex=False)
    context.Process(target=produce, args=(queue, receiving), daemon=True).start()

    def take():
        for _ in range(count):
            queue.get()

    def measure():
        orders.send(count + 1)
        queue.get()
        return count / seconds(take)

    return measure


def locked(count):
    lock = mp.get_context("fork").Lock()

    def pairs():
        for _ in range(count):
            lock.acquire()
            lock.release()

    return lambda: seconds(pairs) * 1e9 / count


def main():
    figure, count = sys.argv[1], int(sys.argv[2])
    measure = {
        "start": lambda: start("spawn"),
        "spare": lambda: start("forkserver"),
        "round-trip": lambda: round_trips(count),
        "submit": lambda: submissions(count),
        "map": lambda: mapped(count, None),
        "map-1": lambda: mapped(count, 1),
        "queue": lambda: queued(count),
        "lock": lambda: locked(count),
    }[figure]()
    for _ in sys.stdin:
        print(measure(), flush=True)


if __name__ == "__main__":
    main()
