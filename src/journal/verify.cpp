#include "feed_store.hpp"
#include "seal_store.hpp"
#include "verify_store.hpp"
#include "words_in.hpp"

#include <huiyin/journal/erase.hpp>
#include <huiyin/journal/verify.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace huiyin::journal {

namespace {

constexpr std::size_t told_limit = 100;
/// A time of recording further in the future is not the database's.
constexpr double clock_skew_s = 300;
/// Events without a position that are looked at again after the lag.
constexpr std::size_t second_looks = 1000;

/// A text that an event of the page names.
struct mention
{
    std::int64_t pos = 0;
    text_id text;
    /// Nothing: named as erased.
    std::optional<sha256_digest> digest;
};

class examination
{
public:
    examination(pg::database& db, const seal_key& key, const verify_options& options)
        : on_(running_on(db)), key_(key), options_(options)
    {}

    task<result<verification>> run();

private:
    void find(fault_kind kind, std::int64_t pos, std::string detail)
    {
        ++found_.faults;
        if (found_.first_faults.size() < told_limit) found_.first_faults.push_back({kind, pos, std::move(detail)});
    }
    /// Whether an event recorded then should have its position and seal by now. A time that is none of ours counts as
    /// old.
    bool is_late(std::string_view recorded_at) const
    {
        double seconds = 0;
        const auto [end, problem] =
            std::from_chars(recorded_at.data(), recorded_at.data() + recorded_at.size(), seconds);
        if (problem != std::errc{} || !std::isfinite(seconds)) return true;
        const auto started = std::chrono::duration<double>(started_.time_since_epoch()).count();
        const auto age = started - seconds;
        return age >= std::chrono::duration<double>(options_.lag).count() || age < -clock_skew_s;
    }
    /// Reads the positions from `expected_` to `last`; appends the digests of those from `first` to `digests`.
    task<result<void>> read_to(std::int64_t first, std::int64_t last, std::string* digests);
    void look_at(const pg::row& row, std::vector<mention>& mentions);
    task<result<void>> check_words(std::vector<mention> mentions);
    void check_mention(const mention& named, const text_state* state);
    task<result<void>> check_seals();
    task<result<void>> check_seal(const seal& next, const seal& previous);
    task<result<void>> check_unpositioned();
    task<result<void>> look_again();

    runner on_;
    const seal_key& key_;
    const verify_options& options_;
    verification found_;
    journal_ends ends_;
    /// The position that must come next.
    std::int64_t expected_ = 1;
    std::int64_t sealed_to_ = 0;
    bool known_head_seen_ = false;
    bool seal_late_ = false;
    instant started_ = system_clock().now();
    /// Events that should have a position by now, unless their transaction ended just before we looked.
    std::vector<std::int64_t> late_;
};

void examination::look_at(const pg::row& row, std::vector<mention>& mentions)
{
    const auto pos = row.get<std::int64_t>(content::pos);
    if (pos > expected_) find(fault_kind::position_missing, expected_, fmt::format("{} to {}", expected_, pos - 1));
    expected_ = pos + 1;
    if (row.is_null(content::seq)) {
        find(fault_kind::event_missing, pos, {});
        return;
    }
    ++found_.events;
    const auto data = row.get<std::string_view>(content::data);
    if (row.get<std::string_view>(content::kind) == text_erased) {
        const auto ids = erased_in(data);
        if (!ids) find(fault_kind::reference_broken, pos, "text_erased without a list of ids");
        for (const auto& id : ids.value_or(std::vector<text_id>{}))
            mentions.push_back({pos, id, std::nullopt});
        return;
    }
    // Most events name no words, and reading JSON is dear.
    if (!data.contains("\"sha256\"")) return;
    const auto words = words_in(data);
    for (std::size_t i = 0; i < words.broken; ++i)
        find(fault_kind::reference_broken, pos, {});
    for (const auto& each : words.references)
        mentions.push_back({pos, each.text, each.digest});
}

task<result<void>> examination::read_to(std::int64_t first, std::int64_t last, std::string* digests)
{
    auto after = std::min(expected_, first) - 1;
    while (after < last) {
        auto page = co_await read_content(on_, after, last);
        if (!page) co_return fail(page.error());
        if (page->empty()) break;
        std::vector<mention> mentions;
        for (const auto row : *page) {
            after = row.get<std::int64_t>(content::pos);
            if (after >= expected_) {
                look_at(row, mentions);
                if (digests == nullptr) {
                    ++found_.unsealed;
                    seal_late_ |= !row.is_null(content::recorded_at_text) &&
                                  is_late(row.get<std::string_view>(content::recorded_at_text));
                }
            }
            if (digests != nullptr && after >= first) {
                const auto digest = digest_of(row, content::sealed_columns);
                digests->append(reinterpret_cast<const char*>(digest.data()), digest.size());
            }
        }
        auto checked = co_await check_words(std::move(mentions));
        if (!checked) co_return checked;
    }
    if (expected_ <= last) {
        find(fault_kind::position_missing, expected_, fmt::format("{} to {}", expected_, last));
        expected_ = last + 1;
    }
    co_return result<void>{};
}

task<result<void>> examination::check_words(std::vector<mention> mentions)
{
    for (std::size_t from = 0; from < mentions.size(); from += text_page) {
        const auto share = std::span(mentions).subspan(from, std::min(text_page, mentions.size() - from));
        std::vector<text_id> ids;
        for (const auto& each : share)
            ids.push_back(each.text);
        auto states = co_await read_texts(on_, ids);
        if (!states) co_return fail(states.error());
        std::unordered_map<text_id, const text_state*> by_id;
        for (const auto& each : *states)
            by_id.emplace(each.id, &each);
        for (const auto& each : share) {
            const auto at = by_id.find(each.text);
            check_mention(each, at == by_id.end() ? nullptr : at->second);
        }
    }
    co_return result<void>{};
}

void examination::check_mention(const mention& named, const text_state* state)
{
    if (named.digest) ++found_.words;
    const auto id = named.text.to_string();
    if (state == nullptr) return find(fault_kind::words_missing, named.pos, id);
    if (!named.digest) {
        if (state->digest) find(fault_kind::erasure_undone, named.pos, id);
        return;
    }
    if (state->digest) {
        if (*state->digest != *named.digest) find(fault_kind::words_edited, named.pos, id);
        return;
    }
    if (!state->erased) return find(fault_kind::erasure_untold, named.pos, id);
    ++found_.erased;
    if (found_.first_erased.size() < told_limit)
        found_.first_erased.push_back({named.text, state->erased->at, state->erased->by});
}

task<result<void>> examination::check_seal(const seal& next, const seal& previous)
{
    const auto detail = fmt::format("seal {}", next.number);
    if (next.number != previous.number + 1)
        find(fault_kind::seal_missing, next.first_pos,
             fmt::format("seals {} to {}", previous.number + 1, next.number - 1));
    if (next.first_pos != previous.last_pos + 1)
        find(fault_kind::seal_missing, next.first_pos, detail + " does not begin where the one before it ends");
    if (!next.has_range() || next.last_pos > ends_.head) {
        // The positions it claims are read with what follows.
        find(fault_kind::seal_broken, next.first_pos, detail + " covers what it cannot");
        co_return result<void>{};
    }
    std::string digests;
    auto read = co_await read_to(next.first_pos, next.last_pos, &digests);
    if (!read) co_return read;
    if (!equal_in_constant_time(mac_of(key_, next, previous.mac, digests), next.mac))
        find(fault_kind::seal_broken, next.first_pos, detail);
    sealed_to_ = std::max(sealed_to_, next.last_pos);
    ++found_.seals;
    found_.head = seal_head{next.number, next.last_pos, next.mac};
    known_head_seen_ |= options_.known_head == next.mac;
    if (options_.progress) options_.progress(next.last_pos, ends_.head);
    co_return result<void>{};
}

task<result<void>> examination::check_seals()
{
    seal previous;
    for (;;) {
        auto page = co_await read_seals_after(on_, previous.number, ends_.last_seal);
        if (!page) co_return fail(page.error());
        if (page->empty()) break;
        for (const auto& next : *page) {
            auto checked = co_await check_seal(next, previous);
            if (!checked) co_return checked;
            previous = next;
            previous.last_pos = std::min(next.last_pos, ends_.head);
        }
    }
    if (options_.known_head && !known_head_seen_)
        find(fault_kind::seal_missing, 0, "no seal has the head that the log names");
    co_return co_await read_to(expected_, ends_.head, nullptr);
}

task<result<void>> examination::check_unpositioned()
{
    for (std::int64_t after = 0; after < ends_.last_seq;) {
        auto page = co_await read_unpositioned(on_, after);
        if (!page) co_return fail(page.error());
        if (page->looked_to == after) break;
        after = page->looked_to;
        for (const auto& each : page->events) {
            ++found_.unpositioned;
            if (each.behind)
                find(fault_kind::not_positioned, 0, fmt::format("event {} is behind the feed", each.seq));
            else if (is_late(each.recorded_at) && late_.size() < second_looks)
                late_.push_back(each.seq);
        }
    }
    co_return result<void>{};
}

task<result<void>> examination::look_again()
{
    if (late_.empty() && !seal_late_) co_return result<void>{};
    co_await pause_for(options_.lag);
    auto still = co_await read_still_unpositioned(on_, late_);
    if (!still) co_return fail(still.error());
    for (const auto seq : *still)
        find(fault_kind::not_positioned, 0, fmt::format("event {}", seq));
    if (!seal_late_) co_return result<void>{};
    auto seals = co_await read_last_seals(on_);
    if (!seals) co_return fail(seals.error());
    if (seals->empty() || seals->front().last_pos < ends_.head)
        find(fault_kind::not_sealed, sealed_to_ + 1, fmt::format("{} events", found_.unsealed));
    co_return result<void>{};
}

task<result<verification>> examination::run()
{
    auto ends = co_await read_ends(on_);
    if (!ends) co_return fail(ends.error());
    ends_ = *ends;
    if (ends_.foreign_xid) find(fault_kind::foreign_xid, 0, {});
    for (const auto step : {&examination::check_seals, &examination::check_unpositioned, &examination::look_again}) {
        auto done = co_await (this->*step)();
        if (!done) co_return fail(done.error());
    }
    if (options_.progress) options_.progress(ends_.head, ends_.head);
    co_return std::move(found_);
}

} // namespace

std::string_view to_string(fault_kind kind)
{
    switch (kind) {
    case fault_kind::position_missing: return "position missing";
    case fault_kind::event_missing: return "event missing";
    case fault_kind::not_positioned: return "event without a position";
    case fault_kind::foreign_xid: return "transaction of another cluster";
    case fault_kind::seal_missing: return "seal missing";
    case fault_kind::seal_broken: return "seal broken";
    case fault_kind::not_sealed: return "not sealed";
    case fault_kind::words_missing: return "words missing";
    case fault_kind::words_edited: return "words edited";
    case fault_kind::erasure_untold: return "erased, but no event says so";
    case fault_kind::erasure_undone: return "erased words are back";
    case fault_kind::reference_broken: return "reference to words broken";
    }
    return "fault";
}

task<result<verification>> verify(pg::database& db, seal_key key, verify_options options)
{
    examination whole(db, key, options);
    co_return co_await whole.run();
}

} // namespace huiyin::journal
