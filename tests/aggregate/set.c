/* Sets of values: each comes out as it went in, however its word holds it. */

#include "tests/support/suite.h"
#include "core/base/memory.h"
#include "tests/support/written.h"
#include "plugins/aggregate/set.h"

#define PADDING 32

/* All are different, though some are the same number. */
static const char *const values[] = { "",
                                      "0",
                                      "7",
                                      "007",
                                      "1234567",
                                      "01234567",
                                      "12345678",
                                      "012345678",
                                      "+12345678",
                                      "-12345678",
                                      "12345678 ",
                                      "12345678.0",
                                      "1234567a",
                                      "a2345678",
                                      "10000000",
                                      "00000000",
                                      "000000000",
                                      "999999999999999999",
                                      "1000000000000000000",
                                      "9223372036854775807",
                                      "09223372036854775807",
                                      "9223372036854775808",
                                      "9999999999999999999",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "18446744073719895",
                                      "4611686018427387904",
                                      "4611686018427387903",
                                      "/2345678",
                                      ":2345678",
                                      "1234567/",
                                      "1234567:" };

#define N G_N_ELEMENTS (values)

typedef struct
{
  char bytes[PADDING + 24 + PADDING];
} Padded;

static FanoutText
padded (Padded *room, const char *value)
{
  memset (room, '9', sizeof *room);
  memcpy (room->bytes + PADDING, value, strlen (value));
  return (FanoutText){ room->bytes + PADDING, strlen (value) };
}

static void
add_all (Set *set, FanoutMemory *memory)
{
  for (gsize i = 0; i < N; i++)
    {
      Padded room;

      ck_assert (set_add (set, padded (&room, values[i]), 1000, memory));
    }
  ck_assert_uint_eq (set->n, N);
}

START_TEST (test_words)
{
  Set set = { 0 };

  for (gsize i = 0; i < N; i++)
    {
      guint8 buffer[SET_BUFFER];
      Padded room;
      const FanoutText value = padded (&room, values[i]);
      const guint64 word = set_word_of (&set, value);
      FanoutText found;

      ck_assert_uint_ne (word, 0);
      for (gsize j = 0; j < i && !set_is_long (word); j++)
        {
          Padded other;

          ck_assert_uint_ne (word, set_word_of (&set, padded (&other, values[j])));
        }
      if (set_is_long (word))
        continue;
      found = set_value_at (set_word_bytes (&set, word, buffer));
      ck_assert_uint_eq (found.length, value.length);
      ck_assert_mem_eq (found.data, value.data, value.length);
    }
}
END_TEST

/* Once they are in the set nothing changes it, and its bytes are those of a set that got them in
 * another order. */
START_TEST (test_set)
{
  g_autoptr (FanoutWriter) out = fanout_writer_new (0, NULL, NULL);
  g_autoptr (FanoutWriter) again = fanout_writer_new (0, NULL, NULL);
  FanoutMemory memory;
  Set set = { 0 };
  Set other = { 0 };
  FanoutReader in, same;
  guint n = 0;

  fanout_memory_init (&memory, NULL);
  add_all (&set, &memory);
  add_all (&set, &memory);
  for (gsize i = N; i-- > 0;)
    {
      Padded room;

      ck_assert (set_add (&other, padded (&room, values[i]), 1000, &memory));
    }
  set_write (&set, out);
  set_write (&other, again);
  in = written (out);
  same = written (again);
  ck_assert_uint_eq (fanout_reader_left (&in), fanout_reader_left (&same));
  ck_assert_mem_eq (in.next, same.next, fanout_reader_left (&in));
  for (; fanout_reader_left (&in) > 0; n++)
    {
      FanoutText value;
      guint found = 0;

      ck_assert (set_read_value (&value, &in));
      for (gsize i = 0; i < N; i++)
        found += value.length == strlen (values[i])
                 && memcmp (value.data, values[i], value.length) == 0;
      ck_assert_uint_eq (found, 1);
    }
  ck_assert_uint_eq (n, N);
  set_clear (&set, &memory);
  set_clear (&other, &memory);
}
END_TEST

Suite *
test_suite (void)
{
  Suite *suite = suite_create ("set");
  TCase *all = tcase_create ("set");

  tcase_add_test (all, test_words);
  tcase_add_test (all, test_set);
  suite_add_tcase (suite, all);
  return suite;
}
