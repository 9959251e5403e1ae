package org.starling.kernels;

import java.lang.reflect.Method;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A program that calls a method which all operators share for one kind until it is compiled, and then for others. With the argument {@code kernels} it
 * chooses this JVM's kernels before.
 */
final class OneOperatorFirst {
    private static final int OFTEN = 30_000;
    private static final int FEW = 20;

    private static Object result;

    private OneOperatorFirst() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("kernels")) {
            KernelProvider.get();
        }
        FloatVector a = FloatVector.broadcast(FloatVector.SPECIES_128, 1);
        FloatVector c = FloatVector.zero(FloatVector.SPECIES_128);
        for (int i = 0; i < OFTEN; i++) {
            c = a.fma(a, c);
        }
        result = c;
        Method shared = FloatVector.class.getDeclaredMethod("opCode", VectorOperators.Operator.class);
        shared.setAccessible(true);
        call(shared, VectorOperators.FMA, OFTEN);
        // Until C2 has compiled it.
        Thread.sleep(500);
        call(shared, VectorOperators.FMA, OFTEN);
        call(shared, VectorOperators.ADD, FEW);
        call(shared, VectorOperators.SQRT, FEW);
    }

    private static void call(Method method, VectorOperators.Operator operator, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            result = method.invoke(null, operator);
        }
    }
}
