#pragma once

/** What new-plugin writes: @name@ and @id@ stand for the name, and for it as a C identifier. */

typedef struct
{
  const char *name;
  const char *text;
} TemplateFile;

/** Each ends with a `name` of NULL. */
extern const TemplateFile template_fold[];
extern const TemplateFile template_mergeable[];
extern const TemplateFile template_loop[];
extern const TemplateFile template_source[];
extern const TemplateFile template_sink[];

/** A program that puts rows in, as the manual shows it. */
extern const char template_feed[];
