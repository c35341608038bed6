#pragma once

/** An aggregate that runs over the end of its fiber's stack would end the program by a signal that
 * says nothing. */

/** From now on it is told whose stack it was, and is a failure. */
void overflows_watch (void);
