// What both ways to send share.
#pragma once

#include "CLimit.h"

/// Writes the ids of the items that request number `request` puts into `body`.
void limit_write_ids(const limit_config *config, uint64_t request, char *body);
