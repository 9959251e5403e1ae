package org.starling;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;

/**
 * JSON of files that need not be ours, such as models: a tree of it takes some dozen times the memory of its text, so what it may hold is bounded.
 * Depth (1,000) and the lengths of texts and numbers are bounded by Jackson.
 */
public final class BoundedJson {
    /** Names of 100,000 classes, or the parts of 50,000 partitions; as objects some 60 MB. */
    private static final int MOST_TOKENS = 500_000;

    private BoundedJson() {}

    /** A mapper that throws a {@link JsonParseException} at more. */
    public static ObjectMapper mapper() {
        return new ObjectMapper(new BoundedFactory());
    }

    private static final class BoundedFactory extends JsonFactory {
        private static final long serialVersionUID = 1L;

        @Override
        protected JsonParser _createParser(InputStream in, IOContext context) throws IOException {
            return new CountingParser(super._createParser(in, context));
        }

        @Override
        protected JsonParser _createParser(Reader in, IOContext context) throws IOException {
            return new CountingParser(super._createParser(in, context));
        }

        @Override
        protected JsonParser _createParser(char[] text, int offset, int length, IOContext context, boolean recyclable)
                throws IOException {
            return new CountingParser(super._createParser(text, offset, length, context, recyclable));
        }

        @Override
        protected JsonParser _createParser(byte[] text, int offset, int length, IOContext context) throws IOException {
            return new CountingParser(super._createParser(text, offset, length, context));
        }
    }

    private static final class CountingParser extends JsonParserDelegate {
        private int tokens;

        CountingParser(JsonParser parser) {
            super(parser);
        }

        @Override
        public JsonToken nextToken() throws IOException {
            if (++tokens > MOST_TOKENS) {
                throw new JsonParseException(this, "it holds more than %,d names and values".formatted(MOST_TOKENS));
            }
            return super.nextToken();
        }
    }
}
