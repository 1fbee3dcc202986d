package io.github.procession.internal.classes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Message;
import io.github.procession.internal.wire.Message.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class ClassServerTest {
    private static final Loaders LOADERS = new Loaders(1, null);
    private static final String LACK =
            "unable to create native thread: possibly out of memory or process/resource limits reached";

    private static List<Answer> answers(Executor threads) {
        var answers = new ArrayList<Answer>();
        var server = new ClassServer(LOADERS, threads);
        server.serve(new Message.ClassWanted(1, LoaderKey.APPLICATION, "a.Class"), answers::add);
        server.serve(new Message.ResourcesWanted(2, LoaderKey.APPLICATION, "a/resource"), answers::add);
        return answers;
    }

    @Test
    void aLackOfThreadsIsAnAnswer() {
        var answers = answers(_ -> {
            throw new OutOfMemoryError(LACK);
        });
        assertThat(answers).hasSize(2);
        assertThat(answers.get(0)).isInstanceOfSatisfying(Message.ClassMissing.class, answer -> {
            assertThat(answer.request()).isOne();
            assertThat(answer.why()).contains("a.Class", "asked of the parent", "limit of processes or threads");
        });
        assertThat(answers.get(1)).isInstanceOfSatisfying(Message.Refused.class, answer -> {
            assertThat(answer.request()).isEqualTo(2);
            assertThat(answer.why()).contains("a/resource", "asked of the parent", "limit of processes or threads");
        });
    }

    @Test
    void whatIsNotThereIsAnAnswerToo() {
        assertThat(answers(Runnable::run))
                .hasExactlyElementsOfTypes(Message.ClassMissing.class, Message.ResourcesFound.class);
    }
}
