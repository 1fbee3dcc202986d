package io.github.procession.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryBudgetTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private Path machine;

    @BeforeEach
    void theMachine() throws IOException {
        machine = Files.writeString(
                folder.resolve("meminfo"), "MemTotal: 9999999 kB\nMemFree: 1 kB\nMemAvailable: 1048576 kB\n"); // 1 GiB
    }

    private void second(String group, String max, long current, long cache) throws IOException {
        var at = Files.createDirectories(folder.resolve("mounted").resolve(group));
        Files.writeString(at.resolve("memory.max"), max + "\n");
        Files.writeString(at.resolve("memory.current"), current + "\n");
        Files.writeString(
                at.resolve("memory.stat"),
                "anon 5\nfile 900\ninactive_file %d\nactive_file %d\n".formatted(cache - 1, 1));
    }

    private List<MemoryBudget.Group> groups(String membership) throws IOException {
        var file = Files.writeString(folder.resolve("cgroup"), membership);
        return MemoryBudget.groups(file, folder.resolve("mounted"));
    }

    @Test
    void withoutGroupsTheMachineCountsLessAReserve() throws IOException {
        var groups = groups("0::/\n");
        assertThat(groups).isEmpty();
        assertThatCode(() -> MemoryBudget.require(960 * MIB, machine, groups)).doesNotThrowAnyException();
        assertThatThrownBy(() -> MemoryBudget.require(960 * MIB + 1, machine, groups))
                .hasMessageContaining("1,006,632,961 bytes")
                .hasMessageContaining("about 1,006,632,960 bytes are left on this machine")
                .hasMessageContaining("raise the memory limit.");
    }

    @Test
    void theLimitOfAGroupFarAboveThisOneCounts() throws IOException {
        second("", "max", 1, 1);
        second("a.slice", "" + 300 * MIB, 100 * MIB, 1);
        second("a.slice/b.scope", "max", 50 * MIB, 1);
        var groups = groups("0::/a.slice/b.scope\n");
        assertThat(groups).hasSize(3);
        assertThatCode(() -> MemoryBudget.require(136 * MIB, machine, groups)).doesNotThrowAnyException();
        assertThatThrownBy(() -> MemoryBudget.require(140 * MIB, machine, groups))
                .hasMessageContaining("limited by " + folder.resolve("mounted/a.slice/memory.max"))
                .hasMessageContaining("--memory of a container");
    }

    @Test
    void theCacheOfFilesIsNotTaken() throws IOException {
        second("", "" + 512 * MIB, 511 * MIB, 400 * MIB);
        var groups = groups("0::/\n");
        assertThatCode(() -> MemoryBudget.require(336 * MIB, machine, groups)).doesNotThrowAnyException();
        assertThatThrownBy(() -> MemoryBudget.require(338 * MIB, machine, groups))
                .hasMessageContaining("Not enough memory");
    }

    @Test
    void withinAContainerTheOwnPathMayLeadNowhere() throws IOException {
        var at = Files.createDirectories(folder.resolve("mounted/memory"));
        Files.writeString(at.resolve("memory.limit_in_bytes"), "%d\n".formatted(200 * MIB));
        Files.writeString(at.resolve("memory.usage_in_bytes"), "%d\n".formatted(100 * MIB));
        Files.writeString(
                at.resolve("memory.stat"),
                "inactive_file 1\ntotal_inactive_file %d\ntotal_active_file 0\n".formatted(20 * MIB));
        var groups = groups("8:pids:/docker/1\n4:cpuset,memory:/docker/0123\n0::/../elsewhere\n");
        assertThat(groups).hasSize(1);
        assertThatCode(() -> MemoryBudget.require(56 * MIB, machine, groups)).doesNotThrowAnyException();
        assertThatThrownBy(() -> MemoryBudget.require(57 * MIB, machine, groups))
                .hasMessageContaining("memory.limit_in_bytes");
    }
}
