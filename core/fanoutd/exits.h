#pragma once

/** A plugin that calls exit() would end a run as a success without its results. */

/** From now on the end of the process by exit() is told, and is a failure. */
void exits_watch (void);
/** The program itself ends from now on. */
void exits_allow (void);
