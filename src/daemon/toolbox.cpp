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
    const auto pending = made->run(pg::pending_migrations(made->home_->owner(), pg::shipped_migrations()));
    if (!pending && pending.error().code == errc::already_exists)
        return fail(errc::not_configured,
                    "the database is of a newer huiyin (" + pending.error().detail + "): use that program");
    if (!pending) return fail(pending.error());
    if (!pending->applied.empty())
        return fail(errc::not_configured,
                    fmt::format("the database lacks {} of {} migrations, from {} on: run huiyin migrate, or start the "
                                "daemon of this version",
                                pending->applied.size(), pg::shipped_migrations().size(), pending->applied.front()));
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
