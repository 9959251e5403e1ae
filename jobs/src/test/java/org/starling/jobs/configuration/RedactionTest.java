package org.starling.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {
    @ParameterizedTest
    @CsvSource({
        "ftp://me:hush@host/a, ftp://me:***@host/a",
        "s3a://AKIA:a+b:c@bucket/x, s3a://AKIA:***@bucket/x",
        "wasbs://container@account.blob/x, wasbs://container@account.blob/x",
        "hdfs://host:9000/x, hdfs://host:9000/x",
        "file:/a/b:c@d, file:/a/b:c@d",
        "fs.s3a.secret.key=hush, fs.s3a.secret.key=***",
        "no such host; access.key: hush, no such host; access.key: ***",
        "fs.azure.account.key.x=hush and more, fs.azure.account.key.x=*** and more",
        "training.batch = 3, training.batch = 3",
    })
    void hidesPasswordsAndNothingElse(String text, String redacted) {
        assertEquals(redacted, Redaction.ofText(text));
    }
}
