package org.starling.jobs.configuration;

import java.util.Optional;

/**
 * One key of a training file.
 *
 * @param key its full name, dots between sections
 * @param type what values it takes
 * @param initial the value where none is given; empty for none
 * @param required whether a run needs it
 * @param initialText the default as the table of keys shows it
 * @param meaning what it does, one sentence without its full stop
 */
record Setting<T>(
        String key, SettingType<T> type, Optional<T> initial, boolean required, String initialText, String meaning) {}
