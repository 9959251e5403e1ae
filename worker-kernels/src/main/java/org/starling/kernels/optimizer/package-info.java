/**
 * Update rules over ranges of the flat parameter vector, as plain loops over {@code float[]}. Every element is computed alone
 * with correctly rounded operations, so the same bits come out whatever the range, the thread or the machine. Depends on nothing.
 */
package org.starling.kernels.optimizer;
