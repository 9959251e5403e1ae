package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CpuTest {
    @Test
    void anX86IsKnownByItsModelAndItsWidestVectors() {
        String cpuinfo =
                """
                processor\t: 0
                vendor_id\t: GenuineIntel
                model\t\t: 85
                model name\t: Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz
                flags\t\t: fpu sse sse2 avx avx2 avx512f avx512dq
                bugs\t\t:

                processor\t: 1
                model name\t: another
                flags\t\t: fpu sse sse2
                """;
        assertEquals(new Cpu("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", "avx512f"), Cpu.of(cpuinfo, "amd64"));
        assertEquals("avx2", Cpu.of(cpuinfo.replace("avx512f", ""), "amd64").vector());
    }

    @Test
    void anArmHasNoModelNameInLinux() {
        assertEquals(
                new Cpu("aarch64", "asimd"),
                Cpu.of("processor\t: 0\nFeatures\t: fp asimd crc32\nCPU part\t: 0xd0c\n", "aarch64"));
    }

    @Test
    void withoutLinuxThereIsTheArchitecture() {
        assertEquals(new Cpu("aarch64", "unknown"), Cpu.of("", "aarch64"));
    }
}
