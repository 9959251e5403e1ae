package org.starling.jobs.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.starling.PrintableText;

/** Text as HTML. */
final class Html {
    private Html() {}

    /** Text between tags or in a quoted attribute. */
    static String escape(String text) {
        return PrintableText.lines(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /**
     * A page that needs no other file.
     *
     * @param body HTML
     * @param script may be empty
     */
    static String page(String title, String body, String script) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <main>
                %s</main>
                %s</body>
                </html>
                """
                .formatted(
                        escape(title),
                        resource("report.css"),
                        body,
                        script.isEmpty() ? "" : "<script>\n" + script + "</script>\n");
    }

    /** A figure that stands by itself. */
    static String number(String what, String value) {
        return "<div><b>%s</b><span>%s</span></div>".formatted(escape(value), escape(what));
    }

    /** A picture and what it is. */
    static String figure(String tip, byte[] png, String what, String more) {
        return """
                <figure title="%s"><img alt="%s" src="data:image/png;base64,%s"><figcaption><b>%s</b>\
                <span>%s</span></figcaption></figure>
                """
                .formatted(
                        escape(tip), escape(what), Base64.getEncoder().encodeToString(png), escape(what), escape(more));
    }

    /** A text file that lies beside this class. */
    static String resource(String name) {
        try (InputStream in = Html.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
