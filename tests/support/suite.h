#pragma once

/** What each file of tests gives to the one main. */

#include <check.h>

/** The tests of this file. */
Suite *test_suite (void);
