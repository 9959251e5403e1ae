package org.starling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class BoundedJsonTest {
    private final ObjectMapper mapper = BoundedJson.mapper();

    /** As a tree these 15 MB would be 5 million objects with a map each. */
    @Test
    void manyObjectsAreRefusedBeforeTheyTakeMemory() {
        String text = "[" + "{},".repeat(5_000_000) + "{}]";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (Executable read : new Executable[] {
            () -> mapper.readTree(bytes),
            () -> mapper.readTree(text),
            () -> mapper.readTree(new ByteArrayInputStream(bytes)),
            () -> mapper.readTree(new StringReader(text))
        }) {
            JsonProcessingException refusal =
                    AllocatedMemory.atMost(150L << 20, () -> assertThrows(JsonProcessingException.class, read));
            assertTrue(refusal.getOriginalMessage().contains("500,000"), refusal.getOriginalMessage());
        }
    }

    @Test
    void shortTextsAreCountedToo() throws JsonProcessingException {
        assertEquals(3, mapper.readTree("[1, 2, 3]").size());
    }

    @Test
    void depthIsBounded() {
        String text = "[".repeat(100_000);
        assertThrows(JsonProcessingException.class, () -> mapper.readTree(text));
    }
}
