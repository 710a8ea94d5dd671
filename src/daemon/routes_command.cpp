#include "commands.hpp"
#include "graph.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace huiyin::daemon {

int routes_command(const command_context& with)
{
    asio::io_context context(1);
    const huiyin::system_clock time;
    metrics::registry metrics;
    blocking_pool pool(1, 1);
    people::rights_epoch rights;
    // Composed as `serve` does it, less the console's files; nothing connects.
    const commons shared{with.settings, {}, time, metrics, pool, rights, {}, {}, {}, {}};
    const graph composed(context.get_executor(), shared);
    auto all = nlohmann::json::array();
    for (const auto& each : composed.routes().table()) {
        if (with.json)
            all.push_back({{"method", net::to_string(each.method)},
                           {"path", each.pattern},
                           {"permission", to_string(each.needed)},
                           {"stream", each.is_stream}});
        else
            fmt::print("{:<7} {:<55} {}{}\n", net::to_string(each.method), each.pattern, to_string(each.needed),
                       each.is_stream ? " (stream)" : "");
    }
    if (with.json) fmt::print("{}\n", all.dump());
    return 0;
}

} // namespace huiyin::daemon
