#include "replay_lib.hpp"

#include "http_client.hpp"

#include <huiyin/base/crypto.hpp>
#include <huiyin/base/text.hpp>
#include <huiyin/base/time.hpp>
#include <huiyin/upkeep/csv.hpp>
#include <huiyin/upkeep/mapping.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace huiyin::bench {

namespace {

// --- rows
// -----------------------------------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 5> source_files{
    "complaints_en/nyc311_dev.csv", "complaints_en/boston311_dev.csv", "complaints_en/baltimore311_dev.csv",
    "complaints_zh/wenzheng_messages_dev.csv", "complaints_zh/wenzheng_replies_dev.csv"};
constexpr std::array<std::string_view, 5> source_mappings{"nyc311", "boston311", "baltimore311", "wenzheng_messages",
                                                          "wenzheng_replies"};
constexpr std::array<std::string_view, 9> categories{
    "missed_copy", "late_or_damaged",      "magazine_missing",      "carrier_conduct",
    "suggestion",  "subscription_billing", "content_advertisement", "",
    "other"};
/// In characters; the API takes 10,000, of which the key needs some.
constexpr std::size_t longest_problem = 9'900;
constexpr std::size_t longest_object = 500;

struct complaint
{
    std::string source_key;
    std::string problem;
    std::string object;
    std::optional<instant> occurred_at;
};

std::string whole_file(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The file's complaints; one that cannot be read is passed over, since the import tells of those.
std::vector<complaint> read_source(const std::filesystem::path& file, const std::filesystem::path& mapping_file)
{
    std::vector<complaint> all;
    std::ifstream in(file, std::ios::binary);
    const auto mapping = upkeep::parse_mapping(whole_file(mapping_file));
    if (!in || !mapping) return all;
    upkeep::csv_reader reader(in);
    const auto header = reader.next();
    if (!header || !*header) return all;
    const auto columns = upkeep::mapped_columns::bind(*mapping, (*header)->fields);
    if (!columns) return all;
    while (const auto next = reader.next()) {
        if (!*next) continue;
        auto read = columns->read((*next)->line, (*next)->fields);
        if (!read) continue;
        all.push_back({.source_key = mapping->account + "/" + read->key,
                       .problem = std::move(read->problem),
                       .object = std::move(read->object),
                       .occurred_at = read->reported_at});
    }
    return all;
}

std::vector<complaint> read_sources(const rows_wanted& wanted)
{
    std::vector<std::vector<complaint>> sources;
    for (std::size_t i = 0; i < source_files.size(); ++i)
        sources.push_back(
            read_source(wanted.data / source_files[i], wanted.mappings / (std::string(source_mappings[i]) + ".json")));
    // In turn, so that a short replay has rows of each.
    std::vector<complaint> all;
    for (std::size_t i = 0; all.size() < wanted.count; ++i) {
        bool any = false;
        for (auto& source : sources) {
            if (i >= source.size()) continue;
            any = true;
            if (all.size() < wanted.count) all.push_back(std::move(source[i]));
        }
        if (!any) break;
    }
    for (auto i = all.size(); i < wanted.count; ++i)
        all.push_back(
            {.source_key = fmt::format("made_up/{}", i),
             .problem = fmt::format("No paper for {} days. 已經{}天沒有收到報紙了,請儘快處理。", i % 9 + 1, i % 9 + 1),
             .object = fmt::format("Round {}", i % 40),
             .occurred_at = std::nullopt});
    return all;
}

std::uint64_t number_of(std::string_view text)
{
    const auto digest = sha256(text);
    std::uint64_t number = 0;
    std::memcpy(&number, digest.data(), sizeof number);
    return number;
}

std::string phone_of(const std::string& source_key)
{
    return fmt::format("13{:09}", number_of("phone:" + source_key) % 1'000'000'000);
}

} // namespace

std::vector<replay_row> make_rows(const rows_wanted& wanted)
{
    using nlohmann::json;
    const auto complaints = read_sources(wanted);
    std::vector<replay_row> rows;
    rows.reserve(complaints.size());
    for (std::size_t i = 0; i < complaints.size(); ++i) {
        const auto& each = complaints[i];
        const auto mark = number_of(each.source_key);
        const bool shared = i % 7 == 6;
        json contact{{"name", fmt::format("Reader {}", mark % 100'000)}};
        if (shared || mark % 3 != 0) contact["phone"] = phone_of(complaints[shared ? i - 1 : i].source_key);
        if (mark % 3 != 1) contact["email"] = fmt::format("reader{:x}@example.net", mark);

        replay_row row;
        row.key = fmt::format("{}-{:06}", wanted.run, i);
        json body{{"contact", std::move(contact)},
                  {"problem", fmt::format("{} [{}]", first_code_points(each.problem, longest_problem), row.key)}};
        if (const auto category = categories[i % categories.size()]; !category.empty()) body["category"] = category;
        if (!each.object.empty()) body["object"] = first_code_points(each.object, longest_object);
        if (i % 4 == 0) body["desired_solution"] = "请尽快答复 / please answer soon";
        if (each.occurred_at) body["occurred_at"] = to_rfc3339(*each.occurred_at);
        if (i % 2 == 0) body["fields"] = {{"district", i % 4 == 0 ? "east" : "west"}};
        row.body = body.dump();
        if (i % 10 == 9) row.copies = 2 + mark % 9;
        rows.push_back(std::move(row));
    }
    return rows;
}

// --- sending
// --------------------------------------------------------------------------------------------------------------

namespace {

/// The file that outlives the daemon, and us. Lines go to the kernel one by one: what is in them survives our own
/// death.
class ledger_writer
{
public:
    explicit ledger_writer(const std::filesystem::path& file)
        : fd_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600))
    {}
    ~ledger_writer()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    ledger_writer(const ledger_writer&) = delete;
    ledger_writer& operator=(const ledger_writer&) = delete;

    void line(const std::string& text)
    {
        const auto whole = text + "\n";
        sound_ = sound_ && fd_ >= 0 && ::write(fd_, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size());
    }
    void acknowledged(const std::string& key, const std::string& number)
    {
        line(fmt::format("acknowledged {} {}", key, number));
        if (++unsynced_ >= 64) sync();
    }
    void sync()
    {
        sound_ = sound_ && fd_ >= 0 && ::fdatasync(fd_) == 0;
        unsynced_ = 0;
    }
    bool sound() const { return sound_; }

private:
    int fd_;
    std::size_t unsynced_ = 0;
    bool sound_ = true;
};

/// What the answer acknowledges: a ticket's number, or "receipt:<id>" where the contact was parked.
std::string acknowledgement(const std::string& body)
{
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (json.is_object()) {
        if (const auto number = json.find("number"); number != json.end() && number->is_string())
            return number->get<std::string>();
        if (const auto receipt = json.find("receipt"); receipt != json.end() && receipt->is_string())
            return "receipt:" + receipt->get<std::string>();
    }
    return "unreadable";
}

class sender
{
public:
    sender(const std::vector<replay_row>& rows, const replay_settings& with)
        : with_(with), ledger_(with.ledger), end_(std::chrono::steady_clock::now() + with.within)
    {
        // Copies lie side by side, so that connections that are free take them at once.
        for (const auto& row : rows)
            queue_.insert(queue_.end(), row.copies, &row);
        report_.rows = rows.size();
    }

    result<replay_report> run()
    {
        const auto begin = std::chrono::steady_clock::now();
        ledger_.line("run " + with_.run);
        asio::io_context context(1);
        for (std::size_t i = 0; i < with_.connections; ++i)
            asio::co_spawn(context.get_executor(), send_from_queue(), [](std::exception_ptr thrown) {
                if (thrown) std::rethrow_exception(thrown);
            });
        context.run();
        ledger_.sync();
        if (!ledger_.sound()) return fail(errc::unavailable, "the ledger cannot be written");
        report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        return report_;
    }

private:
    task<> send_from_queue()
    {
        http_client client(with_.address, with_.port);
        while (next_ < queue_.size())
            co_await send(client, *queue_[next_++]);
    }

    task<> send(http_client& client, const replay_row& row)
    {
        using namespace std::chrono_literals;
        for (int failures = 0; std::chrono::steady_clock::now() < end_; ++failures) {
            ledger_.line("sent " + row.key);
            ++report_.attempts;
            std::vector<std::pair<std::string, std::string>> headers{{"Idempotency-Key", row.key}};
            const auto answered = co_await client.post("/public/v1/complaints", std::move(headers), row.body);
            std::chrono::milliseconds pause = std::min(20ms * (1 << std::min(failures, 6)), 1000ms);
            if (!answered) {
                ++report_.cut_off;
            } else if (answered->status == 201) {
                ++report_.acknowledged;
                ledger_.acknowledged(row.key, acknowledgement(answered->body));
                co_return;
            } else if (answered->status == 429 || answered->status == 503) {
                ++report_.deferred;
                if (answered->retry_after) pause = *answered->retry_after;
            } else if (answered->status >= 500) {
                ++report_.failed;
            } else {
                ++report_.refused;
                ledger_.line(fmt::format("refused {} {}", row.key, answered->status));
                co_return;
            }
            co_await pause_for(pause);
        }
        ++report_.given_up;
    }

    const replay_settings& with_;
    ledger_writer ledger_;
    std::chrono::steady_clock::time_point end_;
    std::vector<const replay_row*> queue_;
    std::size_t next_ = 0;
    replay_report report_;
};

} // namespace

result<replay_report> replay(const std::vector<replay_row>& rows, const replay_settings& with)
{
    return sender(rows, with).run();
}

// --- the ledger
// -----------------------------------------------------------------------------------------------------------

std::size_t ledger::attempts() const
{
    std::size_t all = 0;
    for (const auto& [key, times] : sent)
        all += times;
    return all;
}

std::size_t ledger::answers() const
{
    std::size_t all = 0;
    for (const auto& [key, numbers] : acknowledged)
        all += numbers.size();
    return all;
}

result<ledger> read_ledger(const std::filesystem::path& file)
{
    const auto text = whole_file(file);
    if (text.empty()) return fail(errc::unavailable, "no ledger in " + file.string());
    ledger read;
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
        const auto words = split(std::string_view(text).substr(begin, end - begin), ' ');
        if (words.size() == 2 && words[0] == "run" && (read.run.empty() || read.run == words[1]))
            read.run = words[1];
        else if (words.size() == 2 && words[0] == "sent")
            ++read.sent[words[1]];
        else if (words.size() == 3 && words[0] == "acknowledged")
            read.acknowledged[words[1]].insert(words[2]);
        else if (words.size() == 3 && words[0] == "refused")
            read.refused.insert(words[1]);
        else
            return fail(errc::corrupt,
                        fmt::format("{}: a line that no replay writes, at byte {}", file.string(), begin));
    }
    if (read.run.empty()) return fail(errc::corrupt, file.string() + ": names no run");
    return read;
}

std::vector<std::string> disagreements(const ledger& outside, const database_view& inside)
{
    constexpr std::size_t most_told = 50;
    std::vector<std::string> faults;
    std::map<std::string, std::string> key_of;
    for (const auto& [key, numbers] : outside.acknowledged) {
        const auto& number = *numbers.begin();
        if (number != *numbers.rbegin())
            faults.push_back(fmt::format("{}: answered with {} and {}", key, number, *numbers.rbegin()));
        if (const auto [other, is_new] = key_of.emplace(number, key); !is_new)
            faults.push_back(fmt::format("{}: has number {}, which {} has, too", key, number, other->second));
        if (number.starts_with("receipt:")) {
            if (!inside.parked.contains(number.substr(8)))
                faults.push_back(fmt::format("{}: acknowledged, but not parked", key));
            continue;
        }
        if (!inside.numbers.contains(number))
            faults.push_back(fmt::format("{}: acknowledged as {}, which does not exist", key, number));
        const auto found = inside.tickets.find(key);
        if (found == inside.tickets.end())
            faults.push_back(fmt::format("{}: acknowledged as {}, but no ticket has its words", key, number));
        else if (std::ranges::find(found->second, number) == found->second.end())
            faults.push_back(
                fmt::format("{}: acknowledged as {}, but its words are with {}", key, number, found->second.front()));
    }
    for (const auto& [key, numbers] : inside.tickets) {
        if (numbers.size() > 1)
            faults.push_back(fmt::format("{}: has {} tickets: {}", key, numbers.size(), fmt::join(numbers, ", ")));
        if (!outside.sent.contains(key)) faults.push_back(fmt::format("{}: has a ticket, but was never sent", key));
        if (outside.refused.contains(key)) faults.push_back(fmt::format("{}: refused, but has a ticket", key));
    }
    if (inside.received != inside.visible + inside.parked_count + inside.repeats)
        faults.push_back(fmt::format("received {} is not visible {} + parked {} + repeats {}", inside.received,
                                     inside.visible, inside.parked_count, inside.repeats));
    if (outside.answers() > inside.received)
        faults.push_back(fmt::format("{} answers, but only {} received", outside.answers(), inside.received));
    // Where this replay is all that the account ever saw, nothing may be counted that was not sent.
    if (inside.receipts == inside.tickets.size() + inside.parked.size() && inside.received > outside.attempts())
        faults.push_back(fmt::format("{} received, but only {} sent", inside.received, outside.attempts()));
    if (faults.size() > most_told) {
        const auto more = faults.size() - most_told;
        faults.resize(most_told);
        faults.push_back(fmt::format("and {} more", more));
    }
    return faults;
}

} // namespace huiyin::bench
