#pragma once

/** What each file of tests gives to the one main. */

#include <check.h>
#include <glib.h>

/** The tests of this file. */
Suite *test_suite (void);

/** In place of ck_assert in long loops: that one reports each time. */
#define CHECK(condition)                                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition))                                                                              \
      ck_abort_msg ("%s", #condition);                                                             \
  }                                                                                                \
  G_STMT_END
