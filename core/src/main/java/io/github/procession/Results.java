package io.github.procession;

import io.github.procession.internal.wire.Outcome;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// Results as they are asked for, a bounded number of items ahead, one item a chunk. Used by one thread at a time.
final class Results<T extends @Nullable Object, E extends @Nullable Object> implements Iterator<E> {
    private final Iterator<? extends T> items;
    private final Flight<T> flight;
    private final int ahead;
    private final BiFunction<T, Outcome, E> result;
    private @Nullable Throwable itemsFailed;
    private boolean itemsEnded;

    /// @param result makes of an item and its outcome what the iterator gives, or throws
    Results(Iterator<? extends T> items, Flight<T> flight, int ahead, BiFunction<T, Outcome, E> result) {
        this.items = items;
        this.flight = flight;
        this.ahead = ahead;
        this.result = result;
    }

    /// Lets the first items depart.
    ///
    /// @throws RejectedExecutionException if the pool takes none
    void begin() {
        fill();
        if (itemsFailed instanceof RejectedExecutionException rejected && flight.inFlight() == 0) {
            flight.close();
            throw rejected;
        }
    }

    Stream<E> stream() {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED), false)
                .onClose(flight::close);
    }

    @Override
    public boolean hasNext() {
        fill();
        if (flight.inFlight() > 0 || itemsFailed != null) {
            return true;
        }
        flight.close();
        return false;
    }

    @Override
    public E next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (flight.inFlight() == 0) {
            var failure = Objects.requireNonNull(itemsFailed);
            itemsFailed = null;
            flight.close();
            throw Failures.<RuntimeException>asIs(failure);
        }
        var landing = next(flight);
        return result.apply(landing.items().getFirst(), landing.outcomes().getFirst());
    }

    /// The next landing, for those who may not throw the exception of an interrupt.
    static <T extends @Nullable Object> Flight.Landing<T> next(Flight<T> flight) {
        try {
            return flight.next();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            flight.close();
            throw new CancellationException("Interrupted while waiting for a result");
        }
    }

    private void fill() {
        while (!itemsEnded && flight.inFlight() < ahead) {
            try {
                if (!items.hasNext()) {
                    itemsEnded = true;
                    return;
                }
                flight.submit(Collections.singletonList(items.next()));
            } catch (RuntimeException | Error failure) {
                itemsEnded = true;
                itemsFailed = failure;
            }
        }
    }
}
