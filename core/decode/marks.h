#pragma once

/** What the null marks of a column say, where somebody else decides which values are looked at. */
typedef enum
{
  FANOUT_MARK_VALUE = 0,
  FANOUT_MARK_NULL = 1,
  FANOUT_MARK_BAD = 2, /* a text where a number is wanted, or what was computed of one */
} FanoutValueMark;
