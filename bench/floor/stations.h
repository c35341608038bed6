/* The limit for question A, `station;-12.3` to minimum, mean and maximum by station: between the
   program (stations.c) and its inner loop (stations-kernel.c, compiled once for each instruction
   set).  */

#ifndef BENCH_FLOOR_STATIONS_H
#define BENCH_FLOOR_STATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
  KEY_SIZE = 32,
  /* So much of the text is looked at in one go: its positions and numbers stay in L1.  */
  STRETCH = 4096,
};

/* The name, its delimiter and zeros.  No name that fits ends like another one, so equal keys are
   equal names; one that does not fit has a key that no text gives.  */
typedef struct
{
  _Alignas(KEY_SIZE) unsigned char bytes[KEY_SIZE];
} Key;

/* What a row touches: one cache line.  Values are tenths.  RECENT counts rows and adds up their
   values in one number, COUNT_ONE apart; there is room for twice RECENT_MOST plain rows.  */
typedef struct
{
  _Alignas(64) Key key;
  int64_t recent;
  int32_t min, max;
  uint32_t station; /* 0: vacant */
} Slot;

typedef struct
{
  char *name;
  uint32_t place; /* of the slot, in bytes from the first one */
  int64_t sum, count;
} Station;

#define COUNT_ONE   ((int64_t) 1 << 42)
#define RECENT_MOST (1u << 20)

typedef struct
{
  Slot *slots;
  uint32_t mask; /* of a place */
  uint32_t recent_rows;
  uint64_t seed;
  Station *stations; /* from 1 on */
  uint32_t n_stations, room;
} Table;

typedef struct
{
  const char *name;
  /* Where a key belongs.  */
  uint32_t (*place) (const Table *table, const Key *key);
  /* Takes rows of TEXT as long as they are plain: `name;-12.3`, at most seven characters of
     number.  Answers where it stopped: at a row's start, or at END.  There are 64 more bytes that
     may be read on either side.  */
  const char *(*fold) (Table *table, const char *text, const char *end);
} Kernel;

extern const Kernel kernel_plain, kernel_avx2, kernel_avx512;

/* The station's slot, made when it is new; NULL where the name is not plain.  May move the
   slots.  */
Slot *table_find (Table *table, const char *name, const char *delimiter);

#endif
