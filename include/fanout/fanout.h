#pragma once

/** All of libfanout. */

#include <fanout/abi.h>
#include <fanout/aggregate.h>
#include <fanout/batch.h>
#include <fanout/bytes.h>
#include <fanout/error.h>
#include <fanout/exact.h>
#include <fanout/feed.h>
#include <fanout/kept.h>
#include <fanout/logarithm.h>
#include <fanout/mantissas.h>
#include <fanout/memory.h>
#include <fanout/number.h>
#include <fanout/option.h>
#include <fanout/pipeline.h>
#include <fanout/rational.h>
#include <fanout/sink.h>
#include <fanout/source.h>
#include <fanout/steps.h>
#include <fanout/value.h>
