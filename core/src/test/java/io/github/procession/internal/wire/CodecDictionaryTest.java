package io.github.procession.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What is said often is said by number.
class CodecDictionaryTest {
    private static final int MANY = 40;

    private final DictionaryHere dictionary = new DictionaryHere(100);
    private final Codec sender = new Codec(new ClassesHere(), dictionary);
    private final Codec receiver = new Codec(new ClassesHere(), dictionary);

    record Order(long id, String customer, Object more) implements Serializable {}

    private interface Task extends Callable<Integer>, Serializable {}

    private static Task task(int number) {
        return () -> number + 1;
    }

    private static byte[] write(Codec codec, Object value) {
        return codec.write(value, "value", new Shipment());
    }

    private static byte[] last(Codec codec, Object value) {
        for (int i = 0; i < MANY; i++) {
            var _ = write(codec, value);
        }
        return write(codec, value);
    }

    private static byte[] inFull(Object value) {
        return write(new Codec(new ClassesHere()), value);
    }

    @Test
    void recordsConstantsAndLambdasAreShortWhenTheyAreMany() throws Exception {
        for (Object value : List.of(new Order(1, "somebody", 2), TimeUnit.DAYS)) {
            byte[] bytes = last(sender, value);
            assertThat(bytes.length).isLessThan(inFull(value).length).isLessThan(48);
            assertThat(receiver.read(bytes)).isEqualTo(value);
            assertThat(receiver.read(bytes)).as("again, from memory").isEqualTo(value);
        }
        byte[] bytes = last(sender, task(41));
        assertThat(bytes.length).isLessThan(48);
        assertThat(((Task) receiver.read(bytes)).call()).isEqualTo(42);
        assertThat(dictionary.size()).isEqualTo(3);
    }

    @Test
    void whatIsSaidAFewTimesNeedsNoDictionary() throws Exception {
        record Rare(int number) implements Serializable {}
        for (int i = 0; i < 3; i++) {
            assertThat(new Codec(new ClassesHere()).read(write(sender, new Rare(i))))
                    .isEqualTo(new Rare(i));
        }
        assertThat(dictionary.size()).isZero();
    }

    @Test
    void inOneMessageANumberStandsOnce() throws Exception {
        var value = new Order(1, "a", new Order(2, "b", new Order(3, "c", TimeUnit.DAYS)));
        assertThat(receiver.read(last(sender, value))).isEqualTo(value);
        assertThat(dictionary.size()).isEqualTo(2);
    }

    @Test
    void aFullDictionaryOrOneOutOfReachCostsLengthOnly() throws Exception {
        var full = new Codec(new ClassesHere(), new DictionaryHere(0));
        var value = new Order(1, "somebody", 2);
        assertThat(last(full, value)).isEqualTo(inFull(value));

        var unreachable = new DictionaryHere(9);
        unreachable.setGone(true);
        var codec = new Codec(new ClassesHere(), unreachable);
        assertThat(last(codec, value)).isEqualTo(inFull(value));
        unreachable.setGone(false);
        assertThat(last(codec, value).length).as("tried again").isLessThan(48);
    }

    @Test
    void aNumberThatIsUnknownOrMeansSomethingElseIsRefused() throws Exception {
        byte[] order = last(sender, new Order(1, "somebody", 2));
        byte[] constant = last(sender, TimeUnit.DAYS);
        byte[] unknown = order.clone();
        Buffer.INTS.set(unknown, 1, Integer.MIN_VALUE + 77);
        assertThatThrownBy(() -> receiver.read(unknown))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("definition 77");
        byte[] swapped = order.clone();
        System.arraycopy(constant, 1, swapped, 1, Integer.BYTES);
        assertThatThrownBy(() -> receiver.read(swapped)).isInstanceOf(IOException.class);
        assertThat(receiver.read(constant)).as("not spoiled by that").isEqualTo(TimeUnit.DAYS);
        for (int number : new int[] {Integer.MIN_VALUE, -(1 << 30), -(1 << 30) - 1}) {
            byte[] odd = order.clone();
            Buffer.INTS.set(odd, 1, number);
            assertThatThrownBy(() -> receiver.read(odd)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatIsNotOfTheApplicationsLoaderIsSaidInFull() throws Exception {
        var names = new ClassNames() {
            private final ClassesHere here = new ClassesHere();

            @Override
            public LoaderKey keyOf(Class<?> type) {
                return new LoaderKey(3, 1);
            }

            @Override
            public Class<?> find(LoaderKey loader, String name) throws ClassNotFoundException {
                return here.find(loader, name);
            }

            @Override
            public ClassLoader loader(LoaderKey key) {
                return here.loader(key);
            }

            @Override
            public boolean isCopy(Class<?> type) {
                return false;
            }
        };
        var value = new Order(1, "somebody", 2);
        byte[] bytes = last(new Codec(names, dictionary), value);
        assertThat(dictionary.size()).isZero();
        assertThat(receiver.read(bytes)).isEqualTo(value);
    }
}
