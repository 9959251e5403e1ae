package org.starling.jobs.cluster;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ClassType;
import com.sun.jdi.Method;
import com.sun.jdi.ObjectCollectedException;
import com.sun.jdi.ObjectReference;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.connect.ListeningConnector;
import com.sun.jdi.connect.TransportTimeoutException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Java debugger on every executor of a run. It stops the threads of Spark's tasks where they call certain methods, and a test then decides
 * whether the task goes on, waits or throws; the program that is tested has no part in it. Other threads are never stopped.
 */
final class ExecutorDebugger implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    /** Spark names a task's thread after it. */
    private static final Pattern TASK = Pattern.compile(
            "Executor task launch worker for task (\\d+)\\.(\\d+) in stage (\\d+)\\.\\d+ \\(TID (\\d+)\\)");

    /** Decides what comes of a call. */
    @FunctionalInterface
    interface Calls {
        /** The task's thread, and others of its JVM that call such a method, wait until this returns. */
        void called(Call call) throws Exception;
    }

    /**
     * A task that is about to run a method.
     *
     * @param method {@code Class.method}
     * @param attempt from 0
     * @param task Spark's number of the attempt, of which an application has no two
     */
    record Call(String method, int stage, int partition, int attempt, long task, ThreadReference thread) {
        /** Makes the method throw, in place of its first instruction; the JVM interrupts the thread as well. */
        void fail(String message) throws Exception {
            VirtualMachine vm = thread.virtualMachine();
            ClassType type = (ClassType)
                    vm.classesByName(IllegalStateException.class.getName()).get(0);
            Method constructor = type.concreteMethodByName("<init>", "(Ljava/lang/String;)V");
            ObjectReference text = kept(() -> vm.mirrorOf(message));
            ObjectReference exception = kept(
                    () -> type.newInstance(thread, constructor, List.of(text), ObjectReference.INVOKE_SINGLE_THREADED));
            thread.stop(exception);
        }

        /** An object of the JVM that its garbage collector leaves; the JVM's other threads run on, and nothing there holds it yet. */
        private static ObjectReference kept(Callable<ObjectReference> made) throws Exception {
            while (true) {
                try {
                    ObjectReference object = made.call();
                    object.disableCollection();
                    return object;
                } catch (ObjectCollectedException e) {
                    // It was quicker.
                }
            }
        }
    }

    private final Map<String, List<String>> methods;
    private final Calls calls;
    private final ListeningConnector connector;
    private final Map<String, Connector.Argument> arguments;
    private final String address;
    private final List<VirtualMachine> executors = new CopyOnWriteArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean closed;

    /**
     * @param methods names of methods by their class's full name
     * @param calls told of each call, on a thread for each executor
     */
    ExecutorDebugger(Map<String, List<String>> methods, Calls calls)
            throws IOException, IllegalConnectorArgumentsException {
        this.methods = methods;
        this.calls = calls;
        connector = Bootstrap.virtualMachineManager().listeningConnectors().stream()
                .filter(c -> c.name().equals("com.sun.jdi.SocketListen"))
                .findFirst()
                .orElseThrow();
        arguments = connector.defaultArguments();
        arguments.get("localAddress").setValue(HOST);
        address = connector.startListening(arguments);
        start(this::acceptExecutors);
    }

    /** The setting of Spark's by which executors find this debugger; they wait for it before they begin. */
    String setting() throws IOException {
        return Checkout.javaOptions(
                "spark.executor.extraJavaOptions",
                "-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,address=" + HOST + ":"
                        + address.substring(address.lastIndexOf(':') + 1));
    }

    private static void start(Runnable body) {
        Thread thread = new Thread(body, "executor debugger");
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptExecutors() {
        while (!closed) {
            try {
                VirtualMachine vm = connector.accept(arguments);
                executors.add(vm);
                start(() -> follow(vm));
            } catch (TransportTimeoutException e) {
                // None came for a while.
            } catch (IOException | IllegalConnectorArgumentsException | RuntimeException e) {
                failed(e);
                return;
            }
        }
    }

    private void follow(VirtualMachine vm) {
        try {
            for (String type : methods.keySet()) {
                ClassPrepareRequest request = vm.eventRequestManager().createClassPrepareRequest();
                request.addClassFilter(type);
                request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
                request.enable();
            }
            while (true) {
                EventSet events = vm.eventQueue().remove();
                for (Event event : events) {
                    if (event instanceof VMDisconnectEvent) {
                        return;
                    }
                    if (event instanceof ClassPrepareEvent prepared) {
                        stopIn(prepared.referenceType());
                    }
                    if (event instanceof BreakpointEvent stopped) {
                        tell(stopped);
                    }
                }
                events.resume();
            }
        } catch (VMDisconnectedException e) {
            // It has ended.
        } catch (Exception | AssertionError e) {
            failed(e);
            try {
                vm.dispose();
            } catch (VMDisconnectedException ended) {
                // So much the better.
            }
        }
    }

    private void stopIn(ReferenceType type) {
        for (String name : methods.get(type.name())) {
            List<Method> found = type.methodsByName(name);
            if (found.isEmpty()) {
                throw new IllegalStateException("there is no method " + name + " in " + type.name());
            }
            for (Method method : found) {
                BreakpointRequest request =
                        type.virtualMachine().eventRequestManager().createBreakpointRequest(method.location());
                request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
                request.enable();
            }
        }
    }

    private void tell(BreakpointEvent event) throws Exception {
        Matcher task = TASK.matcher(event.thread().name());
        if (!task.matches()) {
            return;
        }
        Method method = event.location().method();
        String type = method.declaringType().name();
        calls.called(new Call(
                type.substring(type.lastIndexOf('.') + 1) + "." + method.name(),
                Integer.parseInt(task.group(3)),
                Integer.parseInt(task.group(1)),
                Integer.parseInt(task.group(2)),
                Long.parseLong(task.group(4)),
                event.thread()));
    }

    private void failed(Throwable e) {
        if (!closed) {
            failure.compareAndSet(null, e);
        }
    }

    /** Lets all executors run, and fails when something has failed here. */
    @Override
    public void close() throws IOException, IllegalConnectorArgumentsException {
        closed = true;
        connector.stopListening(arguments);
        for (VirtualMachine vm : executors) {
            try {
                vm.dispose();
            } catch (VMDisconnectedException e) {
                // It has ended.
            }
        }
        if (failure.get() != null) {
            throw new IllegalStateException("the debugger of the executors failed", failure.get());
        }
    }
}
