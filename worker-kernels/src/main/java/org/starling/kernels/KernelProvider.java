package org.starling.kernels;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.kernels.epilogue.EpilogueKernel;
import org.starling.kernels.epilogue.EpilogueKernels;
import org.starling.kernels.gemm.MicroKernel;
import org.starling.kernels.gemm.MicroKernels;
import org.starling.kernels.jpeg.JpegKernel;
import org.starling.kernels.jpeg.JpegKernels;
import org.starling.kernels.lrn.LrnKernel;
import org.starling.kernels.lrn.LrnKernels;
import org.starling.kernels.normalization.NormalizationKernel;
import org.starling.kernels.normalization.NormalizationKernels;
import org.starling.kernels.pool.PoolingKernel;
import org.starling.kernels.pool.PoolingKernels;
import org.starling.kernels.winograd.TileTransform;
import org.starling.kernels.winograd.TileTransforms;

/**
 * Which kernels this JVM computes with: {@code vector} on the JDK Vector API, or {@code scalar}. Chosen once, at first use, and named for
 * people, as in {@code vector-512}. Both give the same bits.
 *
 * <p>{@code -Dstarling.kernels=vector|scalar} forces one, and {@code -Dstarling.kernels.bits=512|256|128} a width; what is forced and cannot be
 * had is an error.
 */
public final class KernelProvider {
    /** System property that forces a provider. */
    public static final String PROPERTY = "starling.kernels";
    /** System property that forces a vector width in bits. */
    public static final String BITS_PROPERTY = "starling.kernels.bits";

    /** Name of the provider that needs no module. */
    static final String SCALAR = "scalar";

    private static final String MODULE = "jdk.incubator.vector";
    private static final Logger LOG = LoggerFactory.getLogger(KernelProvider.class);
    private static final KernelProvider INSTANCE = choose();

    private final String name;
    private final MicroKernel microKernel;
    private final List<TileTransform> tileTransforms;
    private final PoolingKernel poolingKernel;
    private final LrnKernel lrnKernel;
    private final EpilogueKernel epilogueKernel;
    private final JpegKernel jpegKernel;
    private final NormalizationKernel normalizationKernel;

    private KernelProvider(
            String name,
            MicroKernel microKernel,
            List<TileTransform> tileTransforms,
            PoolingKernel poolingKernel,
            LrnKernel lrnKernel,
            EpilogueKernel epilogueKernel,
            JpegKernel jpegKernel,
            NormalizationKernel normalizationKernel) {
        this.name = name;
        this.microKernel = microKernel;
        this.tileTransforms = tileTransforms;
        this.poolingKernel = poolingKernel;
        this.lrnKernel = lrnKernel;
        this.epilogueKernel = epilogueKernel;
        this.jpegKernel = jpegKernel;
        this.normalizationKernel = normalizationKernel;
    }

    /** This JVM's. */
    public static KernelProvider get() {
        return INSTANCE;
    }

    /** {@code vector-512}, {@code vector-256}, {@code vector-128} or {@code scalar}. */
    public String name() {
        return name;
    }

    /** Matrix multiply's inner loop. */
    public MicroKernel microKernel() {
        return microKernel;
    }

    /** Winograd's transforms. */
    public List<TileTransform> tileTransforms() {
        return tileTransforms;
    }

    /** Pooling of one pixel. */
    public PoolingKernel poolingKernel() {
        return poolingKernel;
    }

    /** The steps of local response normalization. */
    public LrnKernel lrnKernel() {
        return lrnKernel;
    }

    /** Bias and ReLU. */
    public EpilogueKernel epilogueKernel() {
        return epilogueKernel;
    }

    /** The steps of decoding JPEG pictures. */
    public JpegKernel jpegKernel() {
        return jpegKernel;
    }

    /** Bytes of pixels to a network's input. */
    public NormalizationKernel normalizationKernel() {
        return normalizationKernel;
    }

    private static KernelProvider choose() {
        String forced = System.getProperty(PROPERTY, "").toLowerCase(Locale.ROOT);
        KernelProvider chosen =
                switch (forced) {
                    case "" -> vectorAvailable() ? vector() : withoutBits(scalarWithWarning());
                    case "scalar" -> withoutBits(scalar());
                    case "vector" -> {
                        if (!vectorAvailable()) {
                            throw new IllegalStateException("-D" + PROPERTY + "=vector: the module " + MODULE
                                    + " is not there; pass '--add-modules " + MODULE + "' to java");
                        }
                        yield vector();
                    }
                    default -> throw new IllegalStateException(
                            "-D" + PROPERTY + "=" + forced + ": expected vector or scalar");
                };
        LOG.info("kernels: {}", chosen.name);
        return chosen;
    }

    /** Whether this JVM has the module of the Vector API; without it only {@code scalar} can be had. */
    public static boolean vectorAvailable() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    private static KernelProvider scalarWithWarning() {
        LOG.warn(
                "kernels: scalar, many times slower than vector, as the module {} is not there;"
                        + " pass '--add-modules {}' to java",
                MODULE,
                MODULE);
        return scalar();
    }

    /** Plain Java's, whatever this JVM computes with: what the others are compared with. */
    public static KernelProvider scalar() {
        return new KernelProvider(
                SCALAR,
                MicroKernels.scalar(),
                TileTransforms.scalar(),
                PoolingKernels.scalar(),
                LrnKernels.scalar(),
                EpilogueKernels.scalar(),
                JpegKernels.scalar(),
                NormalizationKernels.scalar());
    }

    private static KernelProvider vector() {
        refuseBits(System.getProperty(BITS_PROPERTY));
        int bits = VectorWidth.SPECIES.vectorBitSize();
        return new KernelProvider(
                "vector-" + bits,
                MicroKernels.vector(bits),
                TileTransforms.vector(),
                PoolingKernels.vector(),
                LrnKernels.vector(),
                EpilogueKernels.vector(),
                JpegKernels.vector(),
                NormalizationKernels.vector(bits));
    }

    /** Scalar kernels have no width, so that a forced one is not had. */
    private static KernelProvider withoutBits(KernelProvider scalar) {
        String forced = System.getProperty(BITS_PROPERTY);
        if (forced != null) {
            throw new IllegalStateException("-D" + BITS_PROPERTY + "=" + forced + ": these kernels are scalar, because "
                    + (vectorAvailable()
                            ? "-D" + PROPERTY + "=scalar says so; leave one of the two out"
                            : "the module " + MODULE + " is not there; pass '--add-modules " + MODULE
                                    + "' to java, or leave the width out"));
        }
        return scalar;
    }

    /** A wider vector than the machine's would work, an order of magnitude more slowly. */
    private static void refuseBits(String forced) {
        if (forced == null) {
            return;
        }
        List<String> possible = Stream.of(128, 256, 512)
                .filter(bits -> bits <= WidestVector.BITS)
                .map(String::valueOf)
                .toList();
        if (!possible.contains(forced)) {
            throw new IllegalStateException(
                    "-D" + BITS_PROPERTY + "=" + forced + ": this machine has " + String.join(", ", possible));
        }
    }
}
