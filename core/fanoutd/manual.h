#pragma once

/** The pages of the manual as manual/NAME.in has them: @word@ stands for what the tables say. */

typedef struct
{
  const char *name;
  const char *text;
} ManualPage;

/** Ends with a `name` of NULL. */
extern const ManualPage manual_pages[];
