package io.github.procession.testing;

import io.github.procession.internal.tree.Node;
import java.util.ArrayList;
import java.util.List;

/// Names what of this process's tree is alive: shared objects, pinned ones too, links to other processes, and pools.
public final class TreeProbe implements LeftoverProbe {
    @Override
    public List<String> get() {
        var alive = new ArrayList<String>();
        int objects = Node.exists() ? Node.self().liveObjects() : 0; // asking must not begin a tree
        for (int i = 1; i <= objects; i++) {
            alive.add("a shared object, the " + i + ". of those alive");
        }
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("procession-(link|pool)-.*"))
                .forEach(thread -> alive.add("thread " + thread.getName() + " #" + thread.threadId()));
        return alive;
    }
}
