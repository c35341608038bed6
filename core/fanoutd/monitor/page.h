#pragma once

/** The page that a browser shows. */

#include <glib.h>

/** Made from page.html. */
extern const char page_html[];

/** The Content-Security-Policy under which its own script and style work, and nothing else. Owned
 * by the caller. */
char *page_policy (void);
