#pragma once

/** All of libfanout. */

#include <fanout/aggregate.h>
#include <fanout/exact.h>
#include <fanout/logarithm.h>
#include <fanout/pipeline.h>
#include <fanout/rational.h>
#include <fanout/sink.h>
#include <fanout/source.h>
#include <fanout/steps.h>
