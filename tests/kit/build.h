#pragma once

/** Every operator, source and sink of the build keeps its contract: a test program for those of
 * KINDS (the first and the last) whose names come at FIRST or behind it, and before END. */

#include "core/kit/contract.h"
#include "core/plugin/registry.h"
#include "tests/kit/right.h"

/* A sanitizer says more about a crash in this process, and finds leaks at its end. */
static void
check_one (FanoutKind kind, gconstpointer item, FanoutContractReport *report)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  fanout_contract_check (kind, item, report);
#else
  fanout_contract_check_apart (kind, item, 120, report);
#endif
}

static gconstpointer
find_item (FanoutRegistry *registry, FanoutKind kind, const char *name)
{
  if (kind == FANOUT_KIND_OPERATOR)
    return fanout_registry_operator (registry, name, NULL);
  return kind == FANOUT_KIND_SOURCE ? (gconstpointer) fanout_registry_source (registry, name, NULL)
                                    : fanout_registry_sink (registry, name, NULL);
}

START_TEST (test_build)
{
  const FanoutKind kind = (FanoutKind) _i;
  g_autofree char *path = g_build_filename (g_getenv ("FANOUT_BUILD_DIR"), "plugins", NULL);
  const char *const folders[] = { path, NULL };
  g_autoptr (FanoutRegistry) registry = fanout_registry_new (folders);
  g_autoptr (GString) all = g_string_new (NULL);
  guint n = 0;

  for (const char *const *names = fanout_registry_names (registry, kind); *names != NULL; names++)
    {
      FanoutContractReport report;
      g_autofree char *findings = NULL;

      if (strcmp (*names, FIRST) < 0 || strcmp (*names, END) >= 0)
        continue;
      n++;
      fanout_contract_report_init (&report);
      report.hasty = TRUE;
      check_one (kind, find_item (registry, kind, *names), &report);
      findings = all_findings (&report);
      if (report.findings->len > 0)
        g_string_append_printf (all, "\n%s:%s", *names, findings);
      fanout_contract_report_clear (&report);
    }
  ck_assert_uint_gt (n, 0);
  ck_assert_msg (all->len == 0, "%s", all->str);
}
END_TEST

Suite *
test_suite (void)
{
  static const FanoutKind kinds[] = { KINDS };
  Suite *suite = suite_create ("build");
  TCase *tests = tcase_create ("build");

  tcase_set_timeout (tests, 300);
  tcase_add_loop_test (tests, test_build, (int) kinds[0], (int) kinds[1] + 1);
  suite_add_tcase (suite, tests);
  return suite;
}
