#include "tests/support/suite.h"

int
main (void)
{
  SRunner *runner = srunner_create (test_suite ());
  int n_failed;

  srunner_run_all (runner, CK_ENV);
  n_failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return n_failed == 0 ? 0 : 1;
}
