#include <huiyin/base/text.hpp>
#include <huiyin/daemon/config.hpp>
#include <huiyin/net/server.hpp>

#include <date/tz.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>

namespace huiyin::daemon {

namespace {

/// Walks the keys of one file. Each key is named once, with its field and its bounds, which makes it known.
class reader
{
public:
    reader(const toml::table& root, std::filesystem::path folder) : root_(root), folder_(std::move(folder)) {}

    void section(std::string name)
    {
        section_ = std::move(name);
        known_.insert(section_);
        table_ = root_[section_].as_table();
        if (!table_ && root_.contains(section_)) fault(*root_.get(section_), section_, "is not a table");
    }

    void boolean(const char* key, bool& field)
    {
        read<bool>(key, "true or false", [&](const bool& value, const toml::node&) { field = value; });
    }
    void integer(const char* key, std::int64_t& field, std::int64_t least, std::int64_t most)
    {
        read<std::int64_t>(key, "a whole number", [&](const std::int64_t& value, const toml::node& at) {
            if (value < least) return fault(at, path(key), fmt::format("{} is below {}", value, least));
            if (value > most) return fault(at, path(key), fmt::format("{} is above {}", value, most));
            field = value;
        });
    }
    void string(const char* key, std::string& field, auto&& refuse)
    {
        read<std::string>(key, "a string", [&](const std::string& value, const toml::node& at) {
            std::string text = value;
            if (text.starts_with("file:")) {
                std::ifstream in(folder_ / text.substr(5)); // an absolute path replaces the folder
                if (!std::getline(in, text)) return fault(at, path(key), "the file named cannot be read");
            }
            if (const std::string reason = refuse(text); !reason.empty()) return fault(at, path(key), reason);
            field = text;
        });
    }
    void one_of(const char* key, std::string& field, std::initializer_list<std::string_view> allowed)
    {
        string(key, field, [&](const std::string& value) {
            if (std::ranges::find(allowed, value) != allowed.end()) return std::string();
            return fmt::format("\"{}\" is none of {}", value, fmt::join(allowed, ", "));
        });
    }
    void strings(const char* key, std::vector<std::string>& field, std::size_t most, auto&& accepts, const char* wanted)
    {
        known_.insert(path(key));
        const auto* const node = find(key);
        if (!node) return;
        const auto* const array = node->as_array();
        if (!array || array->size() > most)
            return fault(*node, path(key), fmt::format("is not a list of at most {} strings", most));
        field.clear();
        for (const auto& each : *array) {
            if (const auto value = each.value<std::string>(); value && each.is_string() && accepts(*value))
                field.push_back(*value);
            else
                fault(each, path(key), fmt::format("holds something that is not {}", wanted));
        }
    }

    void refuse_unknown()
    {
        for (const auto& [key, node] : root_) {
            const std::string name(key.str());
            if (!known_.contains(name)) {
                fault(node, name, "is not a key of Huiyin");
                continue;
            }
            if (const auto* const table = node.as_table())
                for (const auto& [inner, value] : *table)
                    if (const auto full = name + "." + std::string(inner.str()); !known_.contains(full))
                        fault(value, full, "is not a key of Huiyin");
        }
    }

    void fault(const toml::node& at, std::string where, std::string reason)
    {
        faults_.push_back({at.source().begin.line, std::move(where), std::move(reason)});
    }

    std::vector<config_fault> faults() &&
    {
        std::ranges::sort(faults_, {}, [](const config_fault& f) { return std::tie(f.line, f.path); });
        return std::move(faults_);
    }
    const std::set<std::string>& known() const { return known_; }

private:
    std::string path(const char* key) const { return section_.empty() ? key : section_ + "." + key; }
    const toml::node* find(const char* key) const
    {
        if (section_.empty()) return root_.get(key);
        return table_ ? table_->get(key) : nullptr;
    }
    template <class T>
    void read(const char* key, const char* wanted, auto&& take)
    {
        known_.insert(path(key));
        const auto* const node = find(key);
        if (!node) return;
        if (const auto* const value = node->as<T>())
            take(value->get(), *node);
        else
            fault(*node, path(key), fmt::format("is not {}", wanted));
    }

    const toml::table& root_;
    std::filesystem::path folder_;
    const toml::table* table_ = nullptr;
    std::string section_;
    std::set<std::string> known_;
    std::vector<config_fault> faults_;
};

/// Each is a process of PostgreSQL.
constexpr std::size_t most_private_connections = 4'000;
/// Of a reactor besides its pool: one that hints at what was appended, one that listens for hints.
constexpr std::size_t hints_per_reactor = 2;
/// One connection each.
constexpr std::size_t most_duties = 12;
/// For the migrator, and people with psql.
constexpr std::size_t reserve = 10;
/// What PostgreSQL keeps for superusers (superuser_reserved_connections).
constexpr std::size_t of_superusers = 3;

std::string anything(const std::string&)
{
    return {};
}

std::string a_time_zone(const std::string& name)
{
    try {
        date::locate_zone(name);
        return {};
    } catch (const std::exception&) {
        return fmt::format("\"{}\" is not a time zone of this system", name);
    }
}

std::string a_schema(const std::string& name)
{
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (name.empty() || name.size() > 63 || !std::ranges::all_of(name, allowed) || (name[0] >= '0' && name[0] <= '9'))
        return "is not 1 to 63 of a-z, 0-9 and _, with no digit in front";
    return {};
}

std::string a_region(const std::string& name)
{
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    return name.size() == 2 && std::ranges::all_of(name, upper) ? "" : "is not two capital letters";
}

std::string a_url_or_nothing(const std::string& url)
{
    if (url.empty()) return {};
    if (!url.starts_with("http://") && !url.starts_with("https://")) return "starts with neither http:// nor https://";
    return url.ends_with('/') ? "ends with a slash" : "";
}

void read_keys(reader& in, config& into)
{
    in.boolean("unsafe_test_settings", into.unsafe_test_settings);

    in.section("center");
    in.string("time_zone", into.center.time_zone, a_time_zone);
    in.string("phone_region", into.center.phone_region, a_region);

    in.section("server");
    in.string("address", into.server.address, anything);
    in.integer("port", into.server.port, 0, 65535);
    in.string("public_url", into.server.public_url, a_url_or_nothing);
    in.integer("connections", into.server.connections, 10, 1'000'000);
    in.integer("requests_in_flight", into.server.requests_in_flight, 1, 100'000);
    in.integer("header_within_s", into.server.header_within_s, 1, 300);
    in.integer("idle_within_s", into.server.idle_within_s, 1, 3600);
    in.integer("body_within_s", into.server.body_within_s, 1, 3600);
    in.integer("stop_within_s", into.server.stop_within_s, 0, 300);
    in.strings("trusted_proxies", into.server.trusted_proxies, 100, net::is_address_block,
               "an address or a block of addresses");
    in.strings("allowed_origins", into.server.allowed_origins, 100, net::is_origin,
               "an origin like https://desk.example.com");

    in.section("tls");
    in.string("certificate", into.tls.certificate, anything);
    in.string("key", into.tls.key, anything);
    in.one_of("min_version", into.tls.min_version, {"1.2", "1.3"});

    in.section("limits");
    in.integer("per_address_per_minute", into.limits.per_address_per_minute, 0, 10'000'000);
    in.integer("per_account_per_minute", into.limits.per_account_per_minute, 0, 10'000'000);
    in.integer("complaints_per_address_per_minute", into.limits.complaints_per_address_per_minute, 0, 10'000'000);
    in.integer("tracking_per_address_per_minute", into.limits.tracking_per_address_per_minute, 0, 10'000'000);

    in.section("reactors");
    in.integer("count", into.reactors.count, 0, 256);
    in.integer("blocking_threads", into.reactors.blocking_threads, 1, 64);
    in.integer("blocking_queue", into.reactors.blocking_queue, 1, 100'000);

    in.section("database");
    in.string("url", into.database.url, anything);
    in.string("owner_url", into.database.owner_url, anything);
    in.string("app_role", into.database.app_role,
              [](const std::string& role) { return role.empty() ? "" : a_schema(role); });
    in.string("schema", into.database.schema, a_schema);
    in.integer("connections", into.database.connections, 1, 64);
    in.integer("waiting", into.database.waiting, 0, 1'000'000);
    in.boolean("durable", into.database.durable);

    in.section("journal");
    in.string("seal_key", into.journal.seal_key,
              [](const std::string& file) { return file.empty() ? "names no file" : ""; });

    in.section("sessions");
    in.integer("idle_minutes", into.sessions.idle_minutes, 1, 1440);
    in.integer("absolute_hours", into.sessions.absolute_hours, 1, 168);

    in.section("intake");
    in.integer("queue", into.intake.queue, 1, 100'000);
    in.integer("batch", into.intake.batch, 1, 1'000);

    in.section("outbox");
    in.string("secret_key", into.outbox.secret_key,
              [](const std::string& file) { return file.empty() ? "names no file" : ""; });
    in.boolean("private_networks", into.outbox.private_networks);
    in.string("trusted_certificates", into.outbox.trusted_certificates, anything);
    in.integer("send_within_s", into.outbox.send_within_s, 1, 60);
    in.integer("per_account", into.outbox.per_account, 1, 256);
    in.integer("in_flight", into.outbox.in_flight, 1, 4'096);
    in.integer("attempts", into.outbox.attempts, 1, 50);
    in.integer("first_retry_s", into.outbox.first_retry_s, 1, 3'600);
    in.integer("longest_retry_s", into.outbox.longest_retry_s, 1, 86'400);
    in.integer("breaker_failures", into.outbox.breaker_failures, 1, 1'000);
    in.integer("breaker_pause_s", into.outbox.breaker_pause_s, 1, 600);
    in.integer("backlog", into.outbox.backlog, 1, 1'000'000);
    in.integer("keep_days", into.outbox.keep_days, 1, 3'650);

    in.section("web");
    in.string("folder", into.web.folder, anything);

    in.section("log");
    in.one_of("level", into.log.level, {"debug", "info", "warning", "error"});
    in.one_of("format", into.log.format, {"text", "json"});

    in.section("test");
    in.one_of("intake_fault", into.test.intake_fault,
              {"none", "acknowledge_before_commit", "drop_one_in_thousand", "insert_twice"});
}

/// What only the whole can tell.
void check_together(reader& in, const toml::table& root, const config& read)
{
    const auto at = [&](const char* section, const char* key) -> const toml::node& {
        const auto* const node = root[section][key].node();
        return node ? *node : static_cast<const toml::node&>(root);
    };
    if (!read.unsafe_test_settings) {
        if (!read.database.durable)
            in.fault(at("database", "durable"), "database.durable", "false needs unsafe_test_settings");
        if (read.test.intake_fault != "none")
            in.fault(at("test", "intake_fault"), "test.intake_fault", "needs unsafe_test_settings");
    }
    if (read.database.url.empty() && !read.database.owner_url.empty())
        in.fault(at("database", "owner_url"), "database.owner_url", "is given without database.url");
    if (read.tls.certificate.empty() != read.tls.key.empty()) {
        const auto* const given = read.tls.key.empty() ? "certificate" : "key";
        in.fault(at("tls", given), fmt::format("tls.{}", given), "needs the other one, too");
    }
    if (const auto needed = read.private_connections(); read.database.url.empty() && needed > most_private_connections)
        in.fault(at("database", "connections"), "database.connections",
                 fmt::format("{} for each of {} reactors make {} connections; the private PostgreSQL takes at most {}",
                             read.database.connections, read.reactor_count(), needed, most_private_connections));
}

} // namespace

std::size_t config::reactor_count() const
{
    return reactors.count > 0 ? static_cast<std::size_t>(reactors.count)
                              : std::max(1u, std::thread::hardware_concurrency());
}

std::size_t config::private_connections() const
{
    const auto pool = static_cast<std::size_t>(database.connections);
    // A command has a pool like that of one reactor.
    return reactor_count() * (pool + hints_per_reactor) + pool + most_duties + reserve + of_superusers;
}

huiyin::log::level config::log_level() const
{
    using enum huiyin::log::level;
    return log.level == "debug" ? debug : log.level == "warning" ? warning : log.level == "error" ? error : info;
}

huiyin::log::format config::log_format() const
{
    return log.format == "json" ? huiyin::log::format::json : huiyin::log::format::text;
}

std::string config_fault::text(const std::string& file) const
{
    return fmt::format("{}:{}: {}: {}", file, line, path, reason);
}

std::expected<config, std::vector<config_fault>> parse_config(std::string_view text,
                                                              const std::filesystem::path& folder)
{
    toml::table root;
    try {
        root = toml::parse(text, std::string_view("configuration"));
    } catch (const toml::parse_error& e) {
        return std::unexpected(
            std::vector{config_fault{e.source().begin.line, "syntax", std::string(e.description())}});
    }
    config read;
    reader in(root, folder);
    read_keys(in, read);
    in.refuse_unknown();
    check_together(in, root, read);
    auto faults = std::move(in).faults();
    if (!faults.empty()) return std::unexpected(std::move(faults));
    return read;
}

std::expected<config, std::vector<config_fault>> load_config(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return std::unexpected(std::vector{config_fault{0, "file", "cannot be read"}});
    return parse_config(text.str(), file.parent_path());
}

std::vector<std::string> known_keys()
{
    const toml::table nothing;
    config ignored;
    reader in(nothing, {});
    read_keys(in, ignored);
    return {in.known().begin(), in.known().end()};
}

} // namespace huiyin::daemon
