#include "toolbox.hpp"

#include <huiyin/pg/migrator.hpp>

#include <fmt/format.h>

#include <cstdio>

namespace huiyin::daemon {

int complain(const error& why)
{
    fmt::print(stderr, "huiyin: {}{}{}\n", slug(why.code), why.detail.empty() ? "" : ": ", why.detail);
    for (const auto& each : why.facts)
        fmt::print(stderr, "  {}: {}\n", each.name, each.value);
    return 1;
}

result<std::unique_ptr<toolbox>> toolbox::open(const command_context& with)
{
    std::unique_ptr<toolbox> made(new toolbox);
    auto at = home::open(with.settings, with.state, home::purpose::command);
    if (!at) return fail(std::move(at.error()));
    made->home_ = std::move(*at);
    const auto migrated =
        made->run(pg::migrate(made->home_->owner(), with.settings.database.app_role, pg::shipped_migrations()));
    if (!migrated) return fail(migrated.error());
    made->db_ = std::make_unique<pg::database>(made->get_executor(), made->home_->app(), made->metrics_);
    made->people_ = std::make_unique<people::people_service>(*made->db_, made->clock_, made->pool_, made->rights_);
    return made;
}

toolbox::~toolbox()
{
    if (!db_) return;
    const auto close = [](pg::database& db) -> task<bool> {
        co_await db.close();
        co_return true;
    };
    run(close(*db_));
}

} // namespace huiyin::daemon
