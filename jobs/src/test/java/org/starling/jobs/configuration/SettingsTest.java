package org.starling.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test
    void theDocumentHoldsTheTableOfAllKeys() throws IOException {
        String document = Files.readString(Path.of("..", "docs", "configuration.md"));
        assertTrue(
                document.contains(Settings.markdownTable()),
                () -> "docs/configuration.md must hold this table:\n" + Settings.markdownTable());
    }

    @Test
    void everyDefaultIsAllowed() {
        for (Setting<?> setting : Settings.ALL) {
            setting.initial()
                    .filter(value -> !(setting.type() instanceof SettingType.Weights))
                    .ifPresent(value ->
                            assertEquals(setting.initial(), setting.type().read(setting.initialText()), setting.key()));
        }
    }

    @Test
    void noKeyIsListedTwiceOrIsASectionOfAnother() {
        Set<String> keys = Settings.ALL.stream().map(Setting::key).collect(Collectors.toCollection(HashSet::new));
        assertEquals(Settings.ALL.size(), keys.size());
        keys.forEach(key -> assertTrue(!Settings.isSection(key), key));
    }

    @Test
    void theHelpHasEveryKey() {
        String help = Settings.help();
        Settings.ALL.forEach(
                setting -> assertTrue(help.contains(setting.key() + System.lineSeparator()), setting.key()));
    }
}
