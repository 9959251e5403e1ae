/**
 * The benchmark of parameter averaging: the network, the two applications that are compared, what is measured in their drivers, and the
 * comparison itself, which submits them in turn.
 */
package org.starling.jobs.bench.averaging;
