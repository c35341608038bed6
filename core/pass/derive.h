#pragma once

/** Tables that are combined from others, once all partitions are merged. */

#include "core/pass/partition.h"

/** Make them in `whole`, which leaves the states that they are made of as they are. FALSE with
 * `error`. */
gboolean fanout_partition_derive (FanoutPartition *whole, GError **error);
