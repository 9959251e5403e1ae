/** What every room of the driver shares: the exception that carries a message to the user. Depends on nothing. */
package org.starling;
