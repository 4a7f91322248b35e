// SPDX-License-Identifier: Apache-2.0
#include "gdelt_feed.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TIME_DIGITS = 14, DAY_SECONDS = 86400, SLOT_SECONDS = 900, MD5_DIGITS = 32 };

static const char translation[] = ".translation";

static const char *const gkg_columns[] = {
    "record_id",
    "date",
    "source_collection",
    "source_name",
    "document",
    "counts",
    "v2_counts",
    "themes",
    "v2_themes",
    "locations",
    "v2_locations",
    "persons",
    "v2_persons",
    "organizations",
    "v2_organizations",
    "v2_tone",
    "dates",
    "gcam",
    "sharing_image",
    "related_images",
    "social_image_embeds",
    "social_video_embeds",
    "quotations",
    "all_names",
    "amounts",
    "translation_info",
    "extras",
};

static const char *const mentions_columns[] = {
    "global_event_id",
    "event_time_date",
    "mention_time_date",
    "mention_type",
    "mention_source_name",
    "mention_identifier",
    "sentence_id",
    "actor1_char_offset",
    "actor2_char_offset",
    "action_char_offset",
    "in_raw_text",
    "confidence",
    "mention_doc_len",
    "mention_doc_tone",
    "mention_doc_translation_info",
    "extras",
};

static const char *const events_columns[] = {
    "global_event_id",
    "sql_date",
    "month_year",
    "year",
    "fraction_date",
    "actor1_code",
    "actor1_name",
    "actor1_country_code",
    "actor1_known_group_code",
    "actor1_ethnic_code",
    "actor1_religion1_code",
    "actor1_religion2_code",
    "actor1_type1_code",
    "actor1_type2_code",
    "actor1_type3_code",
    "actor2_code",
    "actor2_name",
    "actor2_country_code",
    "actor2_known_group_code",
    "actor2_ethnic_code",
    "actor2_religion1_code",
    "actor2_religion2_code",
    "actor2_type1_code",
    "actor2_type2_code",
    "actor2_type3_code",
    "is_root_event",
    "event_code",
    "event_base_code",
    "event_root_code",
    "quad_class",
    "goldstein_scale",
    "num_mentions",
    "num_sources",
    "num_articles",
    "avg_tone",
    "actor1_geo_type",
    "actor1_geo_full_name",
    "actor1_geo_country_code",
    "actor1_geo_adm1_code",
    "actor1_geo_adm2_code",
    "actor1_geo_lat",
    "actor1_geo_long",
    "actor1_geo_feature_id",
    "actor2_geo_type",
    "actor2_geo_full_name",
    "actor2_geo_country_code",
    "actor2_geo_adm1_code",
    "actor2_geo_adm2_code",
    "actor2_geo_lat",
    "actor2_geo_long",
    "actor2_geo_feature_id",
    "action_geo_type",
    "action_geo_full_name",
    "action_geo_country_code",
    "action_geo_adm1_code",
    "action_geo_adm2_code",
    "action_geo_lat",
    "action_geo_long",
    "action_geo_feature_id",
    "date_added",
    "source_url",
};

#define COLUMNS(list) list, sizeof list / sizeof *list

const struct gdelt_layout gdelt_layouts[GDELT_KINDS] = {
    {"gkg", ".gkg.csv", "bronze_gkg", COLUMNS(gkg_columns), 1, 17},
    {"mentions", ".mentions.CSV", "bronze_mentions", COLUMNS(mentions_columns), 2, SIZE_MAX},
    {"events", ".export.CSV", "bronze_events", COLUMNS(events_columns), 59, SIZE_MAX},
};

static const char *const feed_names[GDELT_KINDS][2] = {
    {"gkg", "gkg_translingual"},
    {"mentions", "mentions_translingual"},
    {"events", "events_translingual"},
};

bool gdelt_slot_equal(const struct gdelt_slot *a, const struct gdelt_slot *b)
{
    return a->feed.kind == b->feed.kind && a->feed.translingual == b->feed.translingual &&
           a->time == b->time;
}

const char *gdelt_feed_name(struct gdelt_feed feed)
{
    return feed_names[feed.kind][feed.translingual];
}

bool gdelt_feed_of_name(const char *name, size_t size, struct gdelt_feed *feed)
{
    for (int kind = 0; kind < GDELT_KINDS; kind++)
        for (int translingual = 0; translingual < 2; translingual++) {
            const char *known = feed_names[kind][translingual];
            if (strlen(known) != size || memcmp(known, name, size) != 0)
                continue;
            *feed = (struct gdelt_feed){(enum gdelt_kind)kind, translingual != 0};
            return true;
        }
    return false;
}

bool gdelt_time_is_plausible(uint32_t time, int64_t now)
{
    return time % SLOT_SECONDS == 0 && (int64_t)time <= now + DAY_SECONDS;
}

void gdelt_time_format(uint32_t time, char out[static 15])
{
    int year, month, day;
    const uint32_t second = time % DAY_SECONDS;
    date_to_civil((int32_t)(time / DAY_SECONDS), &year, &month, &day);
    (void)snprintf(out, 15, "%04u%02u%02u%02u%02u%02u", (unsigned)year % 10000,
                   (unsigned)month % 100, (unsigned)day % 100, second / 3600, second / 60 % 60,
                   second % 60);
}

static bool ends_with(const char *name, size_t *size, const char *end)
{
    const size_t length = strlen(end);
    if (*size < length || strncasecmp(name + *size - length, end, length) != 0)
        return false;
    *size -= length;
    return true;
}

bool gdelt_name_parse(const char *name, size_t size, struct gdelt_slot *slot)
{
    const char *slash = memrchr(name, '/', size);
    if (slash != NULL) {
        size -= (size_t)(slash + 1 - name);
        name = slash + 1;
    }
    (void)ends_with(name, &size, ".zip");
    for (int kind = 0; kind < GDELT_KINDS; kind++)
        if (ends_with(name, &size, gdelt_layouts[kind].suffix)) {
            slot->feed.kind = (enum gdelt_kind)kind;
            slot->feed.translingual = ends_with(name, &size, translation);
            return time_parse(name, size, &slot->time);
        }
    return false;
}

void gdelt_name_format(const struct gdelt_slot *slot, char out[static GDELT_NAME_BYTES])
{
    char time[TIME_DIGITS + 1];
    gdelt_time_format(slot->time, time);
    (void)snprintf(out, GDELT_NAME_BYTES, "%s%s%s.zip", time,
                   slot->feed.translingual ? translation : "",
                   gdelt_layouts[slot->feed.kind].suffix);
}

static bool read_size(const char **at, const char *end, uint64_t *size)
{
    const char *first = *at;
    *size = 0;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at)
        *size = *size * 10 + (uint64_t)(**at - '0');
    return *at > first && *at - first <= 15 && *at < end && *(*at)++ == ' ';
}

static bool read_md5(const char **at, const char *end, char md5[static MD5_TEXT_BYTES])
{
    if (end - *at <= MD5_DIGITS || (*at)[MD5_DIGITS] != ' ')
        return false;
    for (int i = 0; i < MD5_DIGITS; i++) {
        const char c = (*at)[i];
        md5[i] = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
        if (!((md5[i] >= '0' && md5[i] <= '9') || (md5[i] >= 'a' && md5[i] <= 'f')))
            return false;
    }
    md5[MD5_DIGITS] = '\0';
    *at += MD5_DIGITS + 1;
    return true;
}

bool gdelt_list_line(const char *line, size_t size, struct gdelt_listed *listed)
{
    const char *at = line, *end = line + size;
    if (end > line && end[-1] == '\r')
        end--;
    return size <= LIMIT_LIST_LINE_BYTES && read_size(&at, end, &listed->size) &&
           read_md5(&at, end, listed->md5) &&
           gdelt_name_parse(at, (size_t)(end - at), &listed->slot);
}
