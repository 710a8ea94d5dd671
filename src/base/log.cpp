#include <huiyin/base/log.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

namespace huiyin::log {

namespace {

std::atomic<format> chosen_format{format::text};

spdlog::level::level_enum to_spdlog(level at)
{
    switch (at) {
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warning: return spdlog::level::warn;
    case level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

std::string_view name_of(level at)
{
    switch (at) {
    case level::debug: return "debug";
    case level::info: return "info";
    case level::warning: return "warning";
    case level::error: return "error";
    }
    return "info";
}

std::string as_json_string(std::string_view value)
{
    return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool needs_quotes(std::string_view value)
{
    return value.empty() || value.find_first_of(" \"=\\\n\r\t") != std::string_view::npos;
}

} // namespace

field::field(std::string_view n, double v) : name(n), value(fmt::format("{:.6g}", v)), bare(true) {}

void start(level lowest, format as)
{
    chosen_format.store(as);
    auto logger = std::make_shared<spdlog::logger>("huiyin", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern(as == format::json ? "%v" : "%Y-%m-%dT%H:%M:%S.%fZ %-7l %v", spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::warn);
    logger->set_level(to_spdlog(lowest));
    spdlog::set_default_logger(std::move(logger));
}

void set_level(level lowest)
{
    spdlog::default_logger_raw()->set_level(to_spdlog(lowest));
}

bool enabled(level at)
{
    return spdlog::default_logger_raw()->should_log(to_spdlog(at));
}

void write(level at, std::string_view event, std::initializer_list<field> fields)
{
    auto* const logger = spdlog::default_logger_raw();
    const auto severity = to_spdlog(at);
    if (!logger->should_log(severity)) return;

    std::string line;
    if (chosen_format.load(std::memory_order_relaxed) == format::json) {
        line = fmt::format(R"({{"at":"{}","level":"{}","event":{})", to_rfc3339(system_clock().now()), name_of(at),
                           as_json_string(event));
        for (const auto& f : fields)
            line += fmt::format(",{}:{}", as_json_string(f.name), f.bare ? f.value : as_json_string(f.value));
        line += '}';
    } else {
        line = event;
        for (const auto& f : fields)
            line += fmt::format(" {}={}", f.name, f.bare || !needs_quotes(f.value) ? f.value : as_json_string(f.value));
    }
    logger->log(severity, spdlog::string_view_t(line.data(), line.size()));
}

} // namespace huiyin::log
