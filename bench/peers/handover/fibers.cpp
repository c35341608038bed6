// fibers N: a Boost fiber for each aggregate, and the numbers below N through an unbuffered channel
// to each.

#include <boost/fiber/all.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>

using Channel = boost::fibers::unbuffered_channel<std::int64_t>;

int
main (int argc, char **argv)
{
  const std::int64_t n = argc == 2 ? std::atoll (argv[1]) : 0;
  Channel to_sum, to_max;
  std::int64_t sum = 0, max = std::numeric_limits<std::int64_t>::min ();

  boost::fibers::fiber summing ([&] {
    for (std::int64_t value : to_sum)
      sum += value;
  });
  boost::fibers::fiber maximizing ([&] {
    for (std::int64_t value : to_max)
      max = std::max (max, value);
  });
  for (std::int64_t i = 0; i < n; i++)
    {
      to_sum.push (i);
      to_max.push (i);
    }
  to_sum.close ();
  to_max.close ();
  summing.join ();
  maximizing.join ();
  std::printf ("sum,max\n%lld,%lld\n", (long long) sum, (long long) max);
}
