package io.github.procession.conformance;

import com.google.common.collect.testing.QueueTestSuiteBuilder;
import com.google.common.collect.testing.TestStringQueueGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.testers.CollectionClearTester;
import com.google.common.collect.testing.testers.CollectionStreamTester;
import com.google.common.collect.testing.testers.CollectionToStringTester;
import io.github.procession.SharedQueue;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import junit.framework.Test;
import junit.framework.TestCase;
import junit.framework.TestResult;
import junit.framework.TestSuite;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// A queue as a collection, by the tests of Guava. It claims what a queue does that is shared: adding, order, and looking; not
/// the removal of elements in the middle.
class QueueCollectionTest {
    private static final List<SharedQueue<String>> QUEUES = new ArrayList<>();

    private static final class Generator extends TestStringQueueGenerator {
        @Override
        protected Queue<String> create(String[] elements) {
            var queue = SharedQueue.<String>create(64);
            QUEUES.add(queue);
            queue.addAll(Arrays.asList(elements));
            return queue;
        }
    }

    @TestFactory
    Stream<DynamicTest> doesWhatAQueueDoes() {
        var suite = QueueTestSuiteBuilder.using(new Generator())
                .named("SharedQueue")
                .withFeatures(CollectionSize.ANY, CollectionFeature.SUPPORTS_ADD, CollectionFeature.KNOWN_ORDER)
                .suppressing(methods(CollectionStreamTester.class)) // stream() takes, until the queue ends
                .suppressing(methods(CollectionToStringTester.class)) // toString() does not look at the elements
                .suppressing(methods(CollectionClearTester.class)) // it can be cleared all the same
                .createTestSuite();
        return leaves(suite).map(test -> DynamicTest.dynamicTest(test.toString(), () -> run(test)));
    }

    private static List<Method> methods(Class<?> tester) {
        return Arrays.asList(tester.getDeclaredMethods());
    }

    private static Stream<TestCase> leaves(Test test) {
        return test instanceof TestSuite suite
                ? Collections.list(suite.tests()).stream().flatMap(QueueCollectionTest::leaves)
                : Stream.of((TestCase) test);
    }

    private static void run(TestCase test) throws Throwable {
        var result = new TestResult();
        try {
            test.run(result);
        } finally {
            QUEUES.forEach(SharedQueue::close);
            QUEUES.clear();
        }
        for (var failures : List.of(result.failures(), result.errors())) {
            if (failures.hasMoreElements()) {
                throw failures.nextElement().thrownException();
            }
        }
    }
}
