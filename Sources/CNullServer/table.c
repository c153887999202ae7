#include "CNullServer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// Where a page's items begin in its buffer; what goes before them lies right-aligned in front.
enum { items_start = 128, tail_room = 512 };

struct null_table {
    char *name;
    char *item; // with a comma behind it
    size_t stride;
    size_t id_offset; // of the digits
    uint64_t count;
    uint64_t page_items;
    // CRC-32 is linear: an item's is the template's, changed by what each of its digits contributes, and a page's is that of what
    // goes before, moved on by an item's length, changed by the item's. Twenty look-ups an item instead of a pass over its bytes.
    uint32_t crc_item;
    uint32_t crc_digit[NULL_ID_DIGITS][10];
    uint32_t crc_move[4][256];
};

void null_id_write(uint64_t number, char *out) {
    for (int at = NULL_ID_DIGITS - 1; at >= 0; at--) {
        out[at] = (char)('0' + number % 10);
        number /= 10;
    }
}

static uint32_t crc_of(const char *bytes, size_t length) { return (uint32_t)crc32(0, (const Bytef *)bytes, (uInt)length); }

static void prepare_crc(null_table *table) {
    table->crc_item = crc_of(table->item, table->stride);
    for (size_t at = 0; at < NULL_ID_DIGITS; at++) {
        char *digit = table->item + table->id_offset + at;
        for (int value = 0; value < 10; value++) {
            *digit = (char)('0' + value);
            table->crc_digit[at][value] = crc_of(table->item, table->stride) ^ table->crc_item;
        }
        *digit = '0';
    }
    for (int byte = 0; byte < 4; byte++) {
        for (uint32_t value = 0; value < 256; value++) {
            table->crc_move[byte][value] = (uint32_t)crc32_combine(value << (8 * byte), 0, (z_off_t)table->stride);
        }
    }
}

null_table *null_table_make(const char *name, const char *item, uint64_t count) {
    const char *id = strstr(item, NULL_ID);
    if (!id) return NULL;
    null_table *table = calloc(1, sizeof *table);
    size_t length = strlen(item);
    table->name = strdup(name);
    table->item = malloc(length + 2);
    memcpy(table->item, item, length);
    memcpy(table->item + length, ",", 2);
    table->stride = length + 1;
    table->id_offset = (size_t)(id - item) + strlen(NULL_ID) - NULL_ID_DIGITS;
    table->count = count;
    table->page_items = length < NULL_PAGE_BYTES ? NULL_PAGE_BYTES / length : 1;
    prepare_crc(table);
    return table;
}

void null_table_free(null_table *table) {
    if (!table) return;
    free(table->name);
    free(table->item);
    free(table);
}

size_t null_table_page_room(const null_table *table) {
    return items_start + table->stride * table->page_items + tail_room + strlen(table->name);
}

// The last item has no comma behind it, so its sum isn't like the others': it goes through zlib with what follows it.
static uint32_t fill_items(const null_table *table, uint64_t first, uint64_t count, char *out, uint32_t crc) {
    for (uint64_t index = 0; index < count; index++, out += table->stride) {
        memcpy(out, table->item, table->stride);
        char *digits = out + table->id_offset;
        null_id_write(first + index, digits);
        if (index + 1 == count) break;
        crc = table->crc_move[0][crc & 255] ^ table->crc_move[1][crc >> 8 & 255] ^ table->crc_move[2][crc >> 16 & 255] ^
              table->crc_move[3][crc >> 24];
        crc ^= table->crc_item;
        for (int at = 0; at < NULL_ID_DIGITS; at++) crc ^= table->crc_digit[at][digits[at] - '0'];
    }
    return crc;
}

static char *write_tail(const null_table *table, const null_scan *scan, uint64_t first, uint64_t count, bool more, char *out) {
    *out++ = ']';
    if (more) {
        out += sprintf(out, ",\"LastEvaluatedKey\":{\"id\":{\"S\":\"u-%012llu\"}}", (unsigned long long)(first + count - 1));
    }
    if (scan->capacity) {
        // 4 KB a unit, the page's bytes as they travel: the exact sum matters to nobody here.
        double units = (double)((count * table->stride + 4095) / 4096) * (scan->eventual ? 0.5 : 1.0);
        out += sprintf(out, ",\"ConsumedCapacity\":{\"TableName\":\"%s\",\"CapacityUnits\":%.1f}", table->name, units);
    }
    return out + sprintf(out, ",\"ScannedCount\":%llu}", (unsigned long long)count);
}

null_range null_table_page(const null_table *table, const null_scan *scan, char *out, uint32_t *crc) {
    uint64_t first = (uint64_t)((unsigned __int128)table->count * scan->segment / scan->total_segments);
    uint64_t end = (uint64_t)((unsigned __int128)table->count * (scan->segment + 1) / scan->total_segments);
    if (scan->has_start && scan->start + 1 > first) first = scan->start + 1 < end ? scan->start + 1 : end;
    uint64_t count = end - first;
    uint64_t most = scan->limit && scan->limit < table->page_items ? scan->limit : table->page_items;
    // As the service does it: a page that stops at its limit has a key to go on from, even where nothing follows.
    bool more = count > most || (count == most && scan->limit == most);
    if (count > most) count = most;

    char head[items_start];
    int head_length = snprintf(head, sizeof head, "{\"Count\":%llu,\"Items\":[", (unsigned long long)count);
    char *start = out + items_start - head_length;
    memcpy(start, head, (size_t)head_length);
    uint32_t sum = fill_items(table, first, count, out + items_start, crc_of(start, (size_t)head_length));
    char *tail = count ? out + items_start + count * table->stride - 1 : out + items_start;
    char *last = write_tail(table, scan, first, count, more, tail);
    char *rest = count ? out + items_start + (count - 1) * table->stride : tail;
    *crc = (uint32_t)crc32(sum, (const Bytef *)rest, (uInt)(last - rest));
    return (null_range){items_start - (size_t)head_length, (size_t)(last - start)};
}
