#pragma once

/** What a service manager that started the program wants to know, by the protocol of sd_notify(3).
 * Without one nothing happens. */

/** The program does its work from now on. */
void service_ready (void);
/** The configuration is read again: service_ready() ends that. */
void service_reloading (void);
/** It is about to end. */
void service_stopping (void);
