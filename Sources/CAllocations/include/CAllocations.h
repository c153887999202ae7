// Counts the blocks of memory that a process takes from the heap, whoever asks for them.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Counts from zero from now on.
void allocations_start(void);
/// How many blocks were asked for since, growth of blocks included; stops counting.
uint64_t allocations_stop(void);
/// False where something else stands in the allocator's place already, as sanitizers do, so that nothing is counted.
bool allocations_can_count(void);
