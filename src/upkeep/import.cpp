#include "import_store.hpp"

#include <huiyin/base/log.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/journal/event.hpp>
#include <huiyin/record/entry_store.hpp>
#include <huiyin/record/filing.hpp>
#include <huiyin/ticket/commit.hpp>
#include <huiyin/upkeep/csv.hpp>
#include <huiyin/upkeep/import.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <date/tz.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

namespace huiyin::upkeep {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::steady_clock;

/// A key that comes twice in one batch is one record with repeats.
struct import_item
{
    source_record what;
    std::int64_t repeats = 0;
};
using import_batch = std::vector<import_item>;

bool is_transient(errc code)
{
    switch (code) {
    case errc::unavailable:
    case errc::overloaded:
    case errc::timeout:
    case errc::serialization_failure:
    case errc::commit_unknown: return true;
    default: return false;
    }
}

std::string day_at(instant now, const std::string& time_zone)
{
    const auto local = date::locate_zone(time_zone)->to_local(now);
    return date::format("%F", date::floor<date::days>(local));
}

json to_json(const journal::words& words)
{
    return {{"text", words.id.to_string()}, {"sha256", to_hex(words.digest())}};
}

std::string grouped(std::size_t number)
{
    auto text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

/// The rows of one transaction, decided in memory.
class import_plan
{
public:
    import_plan(const import_order& order, const ticket::configuration& rules, instant now, record::filing filing,
                std::vector<std::string> numbers)
        : order_(order), rules_(rules), now_(now), filing_(std::move(filing)), numbers_(std::move(numbers))
    {}

    static record::correspondent correspondent_of(const import_order& order, const source_record& r)
    {
        // Who is named by nobody is nobody else's: a customer of the record's own.
        const auto code = order.mapping.account + "/" + (r.customer.empty() ? "record/" + r.key : r.customer);
        return {.identities = {{.what = {record::identity_kind::account, code}, .proven = false}},
                .name = r.customer,
                .channel = r.channel,
                .account = "import/" + order.mapping.account,
                .at = r.reported_at};
    }

    result<void> take(const import_item& item)
    {
        const auto& r = item.what;
        const auto who = correspondent_of(order_, r);
        const auto where = filing_.propose(who);
        const auto policy = rules_.policy_for(r.category);

        std::vector<journal::words> words;
        const auto put = [&](const std::string& body) -> std::optional<domain::text_ref> {
            if (body.empty()) return std::nullopt;
            words.emplace_back().body = body;
            return domain::text_ref{words.back().id, words.back().digest()};
        };
        domain::import_record command;
        command.id = ticket_id::make();
        command.number = numbers_.at(tickets_.size());
        command.type = order_.mapping.type;
        command.category = r.category;
        command.channel = r.channel;
        command.customer = where.customer;
        command.problem = put(r.problem);
        command.object = put(r.object);
        command.reported_at = r.reported_at;
        command.finished = r.finished;
        command.closed_at = r.closed_at;
        const auto answer = put(r.answer);
        const auto note = put(r.note);
        auto decided = domain::decide(command, policy, domain::actor::system(), now_);
        if (!decided) return fail(decided.error());

        record::entry said{.interaction = where.interaction, .customer = where.customer, .at = r.reported_at};
        said.proof = "none";
        said.text = command.problem->id;
        said.ticket = command.id;
        std::vector<record::entry> entries{said};
        if (answer) {
            auto& e = entries.emplace_back(said);
            e.id = entry_id::make();
            e.at = r.closed_at.value_or(r.reported_at);
            e.direction = "out";
            e.author_kind = domain::to_string(domain::actor_kind::system);
            e.proof.clear();
            e.text = answer->id;
        }
        if (note) {
            auto& e = entries.emplace_back(said);
            e.id = entry_id::make();
            e.kind = "note";
            e.direction = "none";
            e.author_kind = domain::to_string(domain::actor_kind::system);
            e.proof.clear();
            e.internal = true;
            e.text = note->id;
        }

        journal::event event;
        event.at = r.reported_at;
        event.kind = "contact.imported";
        event.subject = said.id.value();
        event.subject_version = 1;
        event.audience.confidential = decided->next.sensitive == domain::sensitivity::confidential;
        const auto receipt = receipt_id::make();
        event.data = event_data(who, where, command, receipt, entries, words).dump();

        receipts_.push_back({.id = receipt,
                             .key = r.key,
                             .at = now_,
                             .repeats = item.repeats,
                             .entry = said.id,
                             .ticket = command.id,
                             .event = event.id});
        filing_.keep(who, where);
        for (auto& each : words)
            words_.push_back({std::move(each), where.customer});
        entries_.insert(entries_.end(), std::make_move_iterator(entries.begin()),
                        std::make_move_iterator(entries.end()));
        events_.push_back(std::move(event));
        ticket::commitment made;
        made.decided = std::move(*decided);
        made.interactions = {where.interaction};
        tickets_.push_back(std::move(made));
        return {};
    }

    void write(pg::batch& to)
    {
        filing_.write(to);
        journal::store(to, words_);
        record::insert(to, entries_);
        ticket::commit(to, tickets_);
        // In key order, so that two batches wait for each other at most one way.
        std::ranges::sort(receipts_, {}, &import_receipt::key);
        insert_import_receipts(to, "import/" + order_.mapping.account, receipts_);
        journal::append(to, events_);
    }

private:
    static json event_data(const record::correspondent& who, const record::filed& where,
                           const domain::import_record& command, receipt_id receipt,
                           const std::vector<record::entry>& entries, const std::vector<journal::words>& words)
    {
        json data{
            {"receipt", receipt.to_string()},
            {"customer", {{"id", where.customer.to_string()}, {"new", where.new_customer}}},
            {"identities", json::array()},
            {"interaction",
             {{"id", where.interaction.to_string()},
              {"new", where.new_interaction},
              {"channel", who.channel},
              {"account", who.account},
              {"closed_before", where.closed_interaction ? json(where.closed_interaction->to_string()) : json()}}},
            {"ticket", {{"id", command.id.to_string()}, {"number", command.number}}},
            {"entries", json::array()},
            {"words", json::array()}};
        for (const auto& each : where.changed_identities)
            data["identities"].push_back({{"id", each.id.to_string()},
                                          {"kind", record::to_string(each.what.kind)},
                                          {"state", each.verified ? "verified" : "claimed"}});
        for (const auto& each : entries)
            data["entries"].push_back({{"id", each.id.to_string()},
                                       {"at", to_rfc3339(each.at)},
                                       {"kind", each.kind},
                                       {"direction", each.direction},
                                       {"text", each.text->to_string()}});
        for (const auto& each : words)
            data["words"].push_back(to_json(each));
        return data;
    }

    const import_order& order_;
    const ticket::configuration& rules_;
    instant now_;
    record::filing filing_;
    std::vector<std::string> numbers_;
    std::vector<journal::owned_words> words_;
    std::vector<record::entry> entries_;
    std::vector<ticket::commitment> tickets_;
    std::vector<import_receipt> receipts_;
    std::vector<journal::event> events_;
};

class importer
{
public:
    importer(pg::database& into, ticket::configurations& rules, const clock& time, import_order what,
             std::function<void(const import_progress&)> told)
        : db_(into), rules_(rules), clock_(time), order_(std::move(what)), told_(std::move(told)),
          account_("import/" + order_.mapping.account)
    {}

    task<result<import_progress>> run()
    {
        order_.batch = std::clamp<std::size_t>(order_.batch, 1, 500);
        if (auto fine = co_await check_categories(); !fine) co_return fail(fine.error());
        if (!order_.report.empty()) {
            report_.open(order_.report, std::ios::binary | std::ios::trunc);
            if (!report_) co_return fail(errc::unavailable, "the report cannot be written: " + order_.report.string());
        }
        const bool knows_ends = order_.mapping.finished_when != finished_rule::never;
        passes_ = knows_ends ? 2 : 1;
        for (pass_ = 0; pass_ < passes_; ++pass_) {
            wanted_ = knows_ends && pass_ == 0;
            if (auto read = co_await run_pass(); !read) co_return fail(read.error());
        }
        report_.close();
        if (!order_.report.empty() && !report_) co_return fail(errc::unavailable, "the report cannot be written whole");
        progress_.done = 1;
        co_return progress_;
    }

private:
    task<result<void>> check_categories()
    {
        const auto rules = co_await rules_.current();
        if (!rules) co_return fail(rules.error());
        std::string unknown;
        const auto look = [&](const std::string& path, const std::string& code) {
            if ((*rules)->rules().find_category(code) == nullptr)
                unknown +=
                    fmt::format("{}{}: the pack has no category \"{}\"", unknown.empty() ? "" : "; ", path, code);
        };
        for (const auto& [word, code] : order_.mapping.category.codes)
            look("category.codes." + word, code);
        look("category.otherwise", order_.mapping.category.otherwise);
        if (!unknown.empty()) co_return fail(errc::bad_request, unknown);
        co_return result<void>{};
    }

    task<result<void>> run_pass()
    {
        std::error_code none;
        file_bytes_ = std::max<std::uintmax_t>(std::filesystem::file_size(order_.file, none), 1);
        std::ifstream in(order_.file, std::ios::binary);
        if (none || !in) co_return fail(errc::not_found, "the file cannot be read: " + order_.file.string());
        reader_.emplace(in);
        const auto header = reader_->next();
        if (!header) co_return fail(errc::bad_request, "the file is empty");
        if (!*header) co_return fail(errc::bad_request, "the header: " + header->error().reason);
        auto bound = mapped_columns::bind(order_.mapping, (*header)->fields);
        if (!bound) {
            std::string all;
            for (const auto& each : bound.error())
                all += (all.empty() ? "" : "; ") + each.to_string();
            co_return fail(errc::bad_request, all);
        }
        columns_ = std::move(*bound);

        // While one transaction commits, the next is read and decided.
        using namespace asio::experimental::awaitable_operators;
        auto [first, second] = co_await (work() && work());
        reader_.reset();
        if (!first) co_return first;
        co_return second;
    }

    task<result<void>> work()
    {
        while (!stopped_) {
            auto batch = next_batch();
            if (batch.empty()) break;
            const auto settled = co_await settle(std::move(batch));
            if (!settled) {
                stopped_ = true;
                co_return settled;
            }
            tell();
        }
        co_return result<void>{};
    }

    /// The next records of this pass; empty at the end of the file.
    import_batch next_batch()
    {
        import_batch batch;
        std::map<std::string, std::size_t> places;
        while (batch.size() < order_.batch) {
            auto next = reader_->next();
            if (!next) break;
            const bool first_pass = pass_ == 0;
            progress_.records += first_pass;
            if (!*next) {
                if (first_pass) note_bad(next->error().line, next->error().reason);
                continue;
            }
            auto read = columns_->read((*next)->line, (*next)->fields);
            if (!read) {
                if (first_pass) note_bad((*next)->line, read.error());
                continue;
            }
            if (passes_ == 2 && read->finished != wanted_) continue;
            if (const auto known = places.find(read->key); known != places.end()) {
                ++batch[known->second].repeats;
                continue;
            }
            places.emplace(read->key, batch.size());
            batch.push_back({std::move(*read)});
        }
        return batch;
    }

    /// Commits the batch whatever it takes; one record that the database refuses becomes a bad one.
    task<result<void>> settle(import_batch batch)
    {
        const auto give_up_at = steady_clock::now() + 30s;
        auto wait = 50ms;
        for (int collisions = 0;;) {
            auto done = co_await try_batch(batch);
            if (done) co_return done;
            const auto why = done.error();
            if (is_transient(why.code)) {
                if (steady_clock::now() > give_up_at) co_return fail(why);
                log::warning("import.batch_delayed", {{"records", batch.size()}, {"reason", slug(why.code)}});
                co_await pause_for(wait);
                wait = std::min(wait * 2, 2000ms);
                continue;
            }
            // Another importer, or our other half, took the same key or person meanwhile: a second look sees it.
            if (why.code == errc::constraint_violated && collisions++ < 3) continue;
            if (why.code != errc::constraint_violated && why.code != errc::data_rejected) co_return fail(why);
            if (batch.size() == 1) {
                note_bad(batch.front().what.line, fmt::format("{}: {}", slug(why.code), why.detail));
                co_return result<void>{};
            }
            const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
            import_batch second(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
            batch.erase(middle, batch.end());
            if (auto first = co_await settle(std::move(batch)); !first) co_return first;
            co_return co_await settle(std::move(second));
        }
    }

    task<result<void>> try_batch(import_batch& batch)
    {
        std::vector<std::string> keys;
        for (const auto& each : batch)
            keys.push_back(each.what.key);
        const auto known = co_await find_imported(db_, account_, keys);
        if (!known) co_return fail(known.error());
        if (!known->empty()) {
            std::map<receipt_id, std::int64_t> repeats;
            std::size_t again = 0;
            for (const auto& each : batch)
                if (const auto found = known->find(each.what.key); found != known->end()) {
                    repeats[found->second] += 1 + each.repeats;
                    again += static_cast<std::size_t>(1 + each.repeats);
                }
            if (auto counted = co_await count_imported_again(db_, std::move(repeats)); !counted)
                co_return fail(counted.error());
            progress_.repeats += again;
            std::erase_if(batch, [&](const import_item& each) { return known->contains(each.what.key); });
        }
        if (batch.empty()) co_return result<void>{};

        const auto rules = co_await rules_.current();
        if (!rules) co_return fail(rules.error());
        const auto now = clock_.now();
        const auto day = day_at(now, order_.time_zone);
        const auto base = co_await base_of(day);
        if (!base) co_return fail(base.error());
        auto tx = co_await db_.begin();
        if (!tx) co_return fail(tx.error());

        std::vector<record::correspondent> people;
        std::vector<const record::correspondent*> pointers;
        std::set<std::int64_t> locks;
        people.reserve(batch.size());
        for (const auto& each : batch) {
            people.push_back(import_plan::correspondent_of(order_, each.what));
            pointers.push_back(&people.back());
            for (const auto key : record::lock_keys(people.back()))
                locks.insert(key);
        }
        pg::batch look;
        record::lock_identities(look, {locks.begin(), locks.end()});
        record::filing::look_up(look, pointers);
        take_import_serials(look, batch.size());
        auto found = co_await tx->run(std::move(look));
        if (!found) co_return fail(found.error());
        std::vector<std::string> numbers;
        for (const auto row : found->back())
            numbers.push_back(fmt::format("{}{}{}-{:04}", day.substr(2, 2), day.substr(5, 2), day.substr(8, 2),
                                          row.get<std::int64_t>(0) - *base));

        import_plan plan(order_, **rules, now, record::filing((*found)[found->size() - 2]), std::move(numbers));
        for (const auto& each : batch)
            if (auto taken = plan.take(each); !taken) co_return fail(taken.error());
        pg::batch writes;
        plan.write(writes);
        if (auto written = co_await tx->commit(std::move(writes)); !written) co_return fail(written.error());

        for (const auto& each : batch) {
            ++progress_.taken;
            progress_.finished += each.what.finished;
            progress_.repeats += static_cast<std::size_t>(each.repeats);
            for (const auto& remark : each.what.remarks) {
                ++progress_.remarks;
                if (report_.is_open()) report_ << each.what.line << ": remark: " << remark << '\n';
            }
        }
        co_return result<void>{};
    }

    task<result<std::int64_t>> base_of(std::string day)
    {
        if (day == base_day_) co_return base_;
        const auto base = co_await import_day_base(db_, day);
        if (!base) co_return fail(base.error());
        base_day_ = day;
        base_ = *base;
        co_return base_;
    }

    void note_bad(std::size_t line, const std::string& reason)
    {
        ++progress_.bad;
        if (report_.is_open()) report_ << line << ": bad: " << reason << '\n';
    }

    void tell()
    {
        const auto read = static_cast<double>(reader_->consumed()) / static_cast<double>(file_bytes_);
        progress_.done = std::min(1.0, (pass_ + read) / passes_);
        const std::chrono::duration<double> took = steady_clock::now() - begun_;
        progress_.per_second = static_cast<double>(progress_.taken + progress_.repeats) / std::max(took.count(), 0.001);
        if (told_) told_(progress_);
    }

    pg::database& db_;
    ticket::configurations& rules_;
    const clock& clock_;
    import_order order_;
    std::function<void(const import_progress&)> told_;
    std::string account_;

    import_progress progress_;
    std::ofstream report_;
    std::optional<csv_reader> reader_;
    std::optional<mapped_columns> columns_;
    std::uintmax_t file_bytes_ = 1;
    int pass_ = 0;
    int passes_ = 1;
    bool wanted_ = false; ///< Finished ones, where there are two passes.
    bool stopped_ = false;
    std::string base_day_;
    std::int64_t base_ = 0;
    steady_clock::time_point begun_ = steady_clock::now();
};

} // namespace

std::string progress_line(const import_progress& now)
{
    constexpr std::size_t width = 30;
    const auto filled = static_cast<std::size_t>(std::clamp(now.done, 0.0, 1.0) * static_cast<double>(width));
    return fmt::format("[{}{}] {:3.0f} %  {} records, {} taken, {} repeats, {} bad  {}/s", std::string(filled, '#'),
                       std::string(width - filled, '-'), now.done * 100, grouped(now.records), grouped(now.taken),
                       grouped(now.repeats), grouped(now.bad), grouped(static_cast<std::size_t>(now.per_second)));
}

task<result<import_progress>> import_file(pg::database& into, ticket::configurations& rules, const clock& time,
                                          import_order what, std::function<void(const import_progress&)> told)
{
    importer one(into, rules, time, std::move(what), std::move(told));
    co_return co_await one.run();
}

} // namespace huiyin::upkeep
