package org.starling.layers;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.ScratchArray;

/**
 * A layer's place between its neighbours. Inside fit and output, where nobody but the next layer sees an activation or a gradient, neighbours of
 * Starling's hand theirs on as {@code float[]} in {@code [N, H, W, C]}, and the DL4J array that goes along is only a token with no content. Everywhere
 * else, and towards DL4J's own layers, the array holds the values in the layer's declared layout.
 */
final class LayerLink {
    private final String name;
    private final int position;
    private final NetworkBuffers buffers;
    private final ComputeTeam team;
    private final LayerClock clock;
    private LayerLink previous;
    private LayerLink next;
    private boolean directly;

    private float[] copiedInput = new float[0];
    private float[] ownOutput = new float[0];
    private float[] given;
    private float[] input;
    private float[] output;
    /** Whether the output is of training; DL4J's frozen layers infer in training too. */
    private boolean outputStays;

    private float[] inputGradient;
    private INDArray inputToken;
    private INDArray activationToken;
    private INDArray gradientToken;
    private long start;

    /**
     * @param name of the layer
     * @param position of the layer in the network
     */
    LayerLink(String name, int position, NetworkBuffers buffers, ComputeTeam team, LayerClock clock) {
        this.name = name;
        this.position = position;
        this.buffers = buffers;
        this.team = team;
        this.clock = clock;
    }

    /**
     * Joins two layers of Starling's with nothing between them that changes a value or its place.
     *
     * @param directly false with a preprocessor between them, which in inference copies what it gets
     */
    static void join(LayerLink first, LayerLink second, boolean directly) {
        first.next = second;
        first.directly = directly;
        second.previous = first;
    }

    NetworkBuffers buffers() {
        return buffers;
    }

    /** Refuses what a Java array cannot hold, before an index overflows. */
    private int length(long values) {
        if (values > Integer.MAX_VALUE - 8) {
            throw new DL4JInvalidInputException(
                    "layer " + name + ": a minibatch of " + values + " values is more than an array holds, at most "
                            + (Integer.MAX_VALUE - 8) + ". Take a smaller batch.");
        }
        return (int) values;
    }

    /** Begins a pass. */
    void begin() {
        team.checkCancelled();
        start = System.nanoTime();
    }

    private void end(LayerClock.Pass pass) {
        clock.took(name, pass, System.nanoTime() - start);
    }

    /**
     * Values that the network's first layer is to take from where they are.
     *
     * @param shape of the layer's input
     * @return the token that stands for them, of NaN: where anybody else computed with it, it would show
     */
    INDArray give(float[] values, long[] shape) {
        given = values;
        INDArray one = inputToken == null ? Nd4j.scalar(Float.NaN) : inputToken;
        inputToken = Nd4j.create(one.data(), shape, new long[shape.length], 0, 'c');
        return inputToken;
    }

    /** Lets go of the values that were given. */
    void forget() {
        given = null;
    }

    /**
     * The values of a layer's input. In training they stay until {@link #keptInput} has been asked for.
     *
     * @param format of an image tensor; null where rows are vectors
     */
    float[] input(INDArray array, CNN2DFormat format, boolean training) {
        if (previous != null && isToken(array, previous.activationToken)) {
            previous.activationToken = null;
            input = previous.output;
            if (training && !previous.outputStays) {
                int length = length(array.length());
                copiedInput = ScratchArray.atLeast(copiedInput, length);
                System.arraycopy(input, 0, copiedInput, 0, length);
                input = copiedInput;
            }
        } else if (given != null && isToken(array, inputToken)) {
            input = given;
        } else {
            int length = length(array.length());
            if (training) {
                copiedInput = ScratchArray.atLeast(copiedInput, length);
                input = copiedInput;
            } else {
                input = buffers.side(position + 1, length);
            }
            ImageTensor.read(array, format, input, team);
        }
        return input;
    }

    /** An array for the layer's output, which in training stays until the next pass. */
    float[] outputBuffer(long values, boolean training) {
        int length = length(values);
        outputStays = training;
        if (training) {
            ownOutput = ScratchArray.atLeast(ownOutput, length);
            output = ownOutput;
        } else {
            output = buffers.side(position, length);
        }
        return output;
    }

    /** Ends a forward pass: what DL4J gets for the output. */
    INDArray handOn(
            long[] shape,
            CNN2DFormat format,
            boolean training,
            Collection<TrainingListener> listeners,
            LayerWorkspaceMgr workspaces) {
        boolean handedOn = next != null && (training || directly);
        INDArray array;
        if (handedOn && isPrivate(ArrayType.ACTIVATIONS, workspaces) && !watched(listeners)) {
            array = token(ArrayType.ACTIVATIONS, shape, directly, workspaces);
            activationToken = array;
        } else {
            array = workspaces.createUninitialized(ArrayType.ACTIVATIONS, DataType.FLOAT, shape, 'c');
            activationToken = null;
            ImageTensor.write(output, array, format, buffers);
        }
        if (!training) {
            input = null;
            given = null;
        }
        end(LayerClock.Pass.FORWARD);
        return array;
    }

    /** The input of the last forward pass, which must have been one of training. */
    float[] keptInput() {
        if (input == null) {
            throw new IllegalStateException(
                    "layer " + name
                            + ": a backward pass needs the activations of a forward pass in training mode, and the last one was none");
        }
        return input;
    }

    /** The output of the last forward pass, which must have been one of training. */
    float[] keptOutput() {
        keptInput();
        return output;
    }

    /** The gradient of a layer's output, which it may change. */
    float[] outputGradient(INDArray epsilon, CNN2DFormat format) {
        if (next != null && isToken(epsilon, next.gradientToken)) {
            next.gradientToken = null;
            return next.inputGradient;
        }
        float[] values = buffers.side(position, length(epsilon.length()));
        ImageTensor.read(epsilon, format, values, team);
        return values;
    }

    /** An array for the gradient of the layer's input. */
    float[] inputGradientBuffer(long values) {
        inputGradient = buffers.side(position + 1, length(values));
        return inputGradient;
    }

    /**
     * Ends a backward pass: what DL4J gets for the gradient of the input.
     *
     * @param shape of the input, or null where its gradient is not wanted
     * @return null where the gradient is not wanted
     */
    INDArray handBack(long[] shape, CNN2DFormat format, LayerWorkspaceMgr workspaces) {
        INDArray array = null;
        if (shape != null) {
            if (previous != null && isPrivate(ArrayType.ACTIVATION_GRAD, workspaces)) {
                array = token(ArrayType.ACTIVATION_GRAD, shape, previous.directly, workspaces);
                gradientToken = array;
            } else {
                array = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, DataType.FLOAT, shape, 'c');
                gradientToken = null;
                ImageTensor.write(inputGradient, array, format, buffers);
            }
        }
        end(LayerClock.Pass.BACKWARD);
        return array;
    }

    /**
     * An array that stands for values held elsewhere.
     *
     * @param small whether all its elements may be one in memory, as a preprocessor takes none of these
     */
    private static INDArray token(ArrayType type, long[] shape, boolean small, LayerWorkspaceMgr workspaces) {
        if (!small) {
            return workspaces.createUninitialized(type, DataType.FLOAT, shape, 'c');
        }
        INDArray one = workspaces.createUninitialized(type, DataType.FLOAT, new long[] {1}, 'c');
        return Nd4j.create(one.data(), shape, new long[shape.length], 0, 'c');
    }

    /** A reshaped token is still one: it has the same memory. */
    private static boolean isToken(INDArray array, INDArray token) {
        return token != null
                && array.length() == token.length()
                && array.data().address() == token.data().address();
    }

    /** Whether an array lives in a workspace of the network's own, and so ends with the pass. */
    private static boolean isPrivate(ArrayType type, LayerWorkspaceMgr workspaces) {
        return workspaces.hasConfiguration(type) && !workspaces.isScopedOut(type);
    }

    /** Whether a listener may look at activations. */
    private static boolean watched(Collection<TrainingListener> listeners) {
        for (TrainingListener listener : listeners) {
            if (!(listener instanceof ScoresListener)
                    && (seesActivations(listener, List.class) || seesActivations(listener, Map.class))) {
                return true;
            }
        }
        return false;
    }

    private static boolean seesActivations(TrainingListener listener, Class<?> activations) {
        try {
            Class<?> declaring = listener.getClass()
                    .getMethod("onForwardPass", Model.class, activations)
                    .getDeclaringClass();
            return !declaring.getName().startsWith("org.deeplearning4j.optimize.api.");
        } catch (NoSuchMethodException e) {
            return true;
        }
    }
}
