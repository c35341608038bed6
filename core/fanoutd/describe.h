#pragma once

/** An operator, source or sink in words. */

#include "core/fanoutd/catalogue.h"

/** Append all about it. */
void describe_item (GString *text, const CatalogueItem *item);
/** Append what is to know beside its text and its options: "promise   exact" and the like. */
void describe_facts (GString *text, const CatalogueItem *item);
